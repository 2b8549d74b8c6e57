"""KeyRAG inside LlamaIndex: a retriever (extra ``llama-index``)."""

from __future__ import annotations

from typing import Any

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.pack import Passage
from rag.service import KeyRAG

# What a language model or an embedding model need not read of a node's metadata.
_FOR_PROGRAMS = ["doc_id", "page", "spans"]


class KeyRAGRetriever(BaseRetriever):
    """Gives packed passages as nodes, those of the best document first, each in reading order.

    A node's score is that of its best sentence; its metadata holds doc_id, document, headings, page and, for
    every sentence, its offsets in the document's text.

    :param budget: most characters of all passages together; None takes what the hits have.

    >>> retriever = KeyRAGRetriever(service, kb="handbook")  # doctest: +SKIP
    >>> retriever.retrieve("年假有几天？")[0].node.metadata["page"]  # doctest: +SKIP
    4
    """

    def __init__(
        self, service: KeyRAG, kb: str = "default", k: int = 20, budget: int | None = None, **base: Any
    ) -> None:
        super().__init__(**base)
        self._service = service
        self._kb = kb
        self._k = k
        self._budget = budget

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = self._service.search(self._kb, query_bundle.query_str, self._k, self._budget)
        return [NodeWithScore(node=_node(passage), score=found.score_of(passage)) for passage in found.packed.passages]


def _node(passage: Passage) -> TextNode:
    first, last = passage.spans[0], passage.spans[-1]
    return TextNode(
        id_=f"{passage.doc_id}:{first.start}-{last.end}",
        text=passage.text,
        start_char_idx=first.start,
        end_char_idx=last.end,
        metadata={
            "doc_id": passage.doc_id,
            "document": passage.document,
            "headings": " > ".join(passage.heading_path),
            "page": passage.page,
            "spans": [[span.start, span.end] for span in passage.spans],
        },
        excluded_llm_metadata_keys=[*_FOR_PROGRAMS, "document"],
        excluded_embed_metadata_keys=_FOR_PROGRAMS,
    )
