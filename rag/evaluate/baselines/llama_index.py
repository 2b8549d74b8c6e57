"""LlamaIndex: sentences that are read with their window, and small chunks that merge into their parents.

Sentences are ours: the library's own splitter knows no Chinese. Titles stand in the nodes' metadata, which the
library embeds with the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.embeddings import Embeddings
from llama_index.core import StorageContext, VectorStoreIndex
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.node_parser import HierarchicalNodeParser, SentenceWindowNodeParser, get_leaf_nodes
from llama_index.core.postprocessor import MetadataReplacementPostProcessor
from llama_index.core.retrievers import AutoMergingRetriever
from llama_index.core.schema import BaseNode, MetadataMode, NodeWithScore
from llama_index.core.schema import Document as Source
from llama_index.core.storage.docstore import SimpleDocumentStore

from ingest.split.sentences import sentence_spans
from ingest.types import Document
from rag.evaluate.systems import DEPTH, RankedPieces

_SENTENCE_CHARS = 1000
# Tokens, from the largest chunk to the one that is embedded; the library's defaults, and a size smaller.
_SIZES = ((2048, 512, 128), (512, 128))


class _Embedding(BaseEmbedding):
    embeddings: Any

    def _get_query_embedding(self, query: str) -> list[float]:
        vector: list[float] = self.embeddings.embed_query(query)
        return vector

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        vectors: list[list[float]] = self.embeddings.embed_documents(texts)
        return vectors


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, _SENTENCE_CHARS)]


def _sources(documents: Sequence[Document]) -> list[Source]:
    hidden = ["doc_id"]
    return [
        Source(
            text=document.text,
            metadata={"doc_id": document.doc_id, "title": document.title},
            excluded_embed_metadata_keys=hidden,
            excluded_llm_metadata_keys=hidden,
        )
        for document in documents
    ]


def _index(nodes: Sequence[BaseNode], embeddings: Embeddings) -> VectorStoreIndex:
    return VectorStoreIndex(list(nodes), embed_model=_Embedding(embeddings=embeddings))


def _pieces(nodes: Sequence[NodeWithScore]) -> list[tuple[str, str]]:
    return [(found.node.metadata["doc_id"], found.node.get_content(MetadataMode.NONE)) for found in nodes]


def sentence_window(documents: Sequence[Document], embeddings: Embeddings) -> list[RankedPieces]:
    """Give two: windows of three sentences on either side, the library's default, and of one."""
    systems = []
    for size in (3, 1):
        parser = SentenceWindowNodeParser.from_defaults(sentence_splitter=_sentences, window_size=size)
        nodes = parser.get_nodes_from_documents(_sources(documents))
        retriever: BaseRetriever = _index(nodes, embeddings).as_retriever(similarity_top_k=DEPTH)
        replaced = MetadataReplacementPostProcessor(target_metadata_key=parser.window_metadata_key)

        def search(
            question: str,
            retriever: BaseRetriever = retriever,
            replaced: MetadataReplacementPostProcessor = replaced,
        ) -> list[tuple[str, str]]:
            return _pieces(replaced.postprocess_nodes(retriever.retrieve(question)))

        systems.append(RankedPieces("llama-index-window", search, keys=len(nodes), window=size))
    return systems


def auto_merging(documents: Sequence[Document], embeddings: Embeddings) -> list[RankedPieces]:
    """Give one for each choice of chunk sizes."""
    systems = []
    for sizes in _SIZES:
        nodes = HierarchicalNodeParser.from_defaults(chunk_sizes=list(sizes)).get_nodes_from_documents(
            _sources(documents)
        )
        store = SimpleDocumentStore()
        store.add_documents(nodes)
        leaves = get_leaf_nodes(nodes)
        small: Any = _index(leaves, embeddings).as_retriever(similarity_top_k=DEPTH)
        merging = AutoMergingRetriever(small, StorageContext.from_defaults(docstore=store))

        def search(question: str, merging: AutoMergingRetriever = merging) -> list[tuple[str, str]]:
            return _pieces(merging.retrieve(question))

        systems.append(RankedPieces("llama-index-merging", search, keys=len(leaves), sizes=sizes))
    return systems
