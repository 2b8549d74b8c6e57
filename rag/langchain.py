"""KeyRAG inside LangChain: a retriever and a runnable."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda
from pydantic import ConfigDict

from rag.service import KeyRAG
from rag.wire import answer_json


class KeyRAGRetriever(BaseRetriever):
    """Gives packed passages as LangChain documents.

    ``metadata`` holds doc_id, document, heading_path, page and, for every sentence, its offsets in the
    document's text.

    >>> retriever = KeyRAGRetriever(service=service, kb="handbook")  # doctest: +SKIP
    >>> retriever.invoke("年假有几天？")[0].metadata["page"]  # doctest: +SKIP
    4
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)
    service: KeyRAG
    kb: str = "default"
    k: int = 20
    budget: int | None = None
    """Most characters of all passages together; None takes what the hits have."""

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        found = self.service.search(self.kb, query, self.k, self.budget)
        return [
            Document(
                page_content=passage.text,
                metadata={
                    "doc_id": passage.doc_id,
                    "document": passage.document,
                    "heading_path": list(passage.heading_path),
                    "page": passage.page,
                    "spans": [(span.start, span.end) for span in passage.spans],
                },
            )
            for passage in found.packed.passages
        ]


def keyrag_runnable(service: KeyRAG, kb: str = "default") -> RunnableLambda[str, dict[str, Any]]:
    """Give a runnable: a question in, a dict of the form of ``keyrag ask --json`` out."""
    return RunnableLambda(lambda question: answer_json(service.ask(kb, question)))
