"""KeyRAG inside LangChain: a retriever and a runnable."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import run_in_executor
from pydantic import ConfigDict

from rag.answer import Answer, Token
from rag.service import KeyRAG
from rag.wire import answer_json

Json = dict[str, Any]


class KeyRAGRetriever(BaseRetriever):
    """Gives packed passages as LangChain documents, those of the best document first, each in reading order.

    ``metadata`` holds doc_id, document, heading_path, page, the score of the passage's best sentence and, for
    every sentence, its offsets in the document's text.

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
                    "score": found.score_of(passage),
                    "spans": [(span.start, span.end) for span in passage.spans],
                },
            )
            for passage in found.packed.passages
        ]


class KeyRAGRunnable(Runnable[str, Json]):
    """A question in, a dict of the form of ``keyrag ask --json`` out.

    A stream gives ``{"token": "..."}`` as the answer is written, then the whole dict; what comes last counts,
    for a checked answer may differ from what was written first.

    >>> KeyRAGRunnable(service, "handbook").invoke("年假有几天？")["answer"]  # doctest: +SKIP
    '十天。'
    """

    def __init__(self, service: KeyRAG, kb: str = "default") -> None:
        self._service = service
        self._kb = kb

    def invoke(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> Json:
        return self._call_with_config(
            lambda question: answer_json(self._service.ask(self._kb, question)), input, config
        )

    def stream(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Json]:
        return self._transform_stream_with_config(iter([input]), self._written, config)

    def _written(self, questions: Iterator[str]) -> Iterator[Json]:
        with closing(self._service.answer(self._kb, "".join(questions))) as events:
            for event in events:
                if isinstance(event, Token):
                    yield {"token": event.text}
                elif isinstance(event, Answer):
                    yield answer_json(event)

    async def astream(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> AsyncIterator[Json]:
        pieces = self.stream(input, config)
        while (piece := await run_in_executor(config, next, pieces, None)) is not None:
            yield piece
