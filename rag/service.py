"""KeyRAG as one object: what the command line, the HTTP service and a Python program call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from langchain_core.embeddings import Embeddings
from langchain_core.example_selectors import BaseExampleSelector

from ingest.errors import KeyRAGError
from ingest.index.knowledge_base import KnowledgeBase
from ingest.index.library import Library
from ingest.index.scope import EVERYTHING, Scope
from ingest.index.union import Union
from ingest.models.chat import Chat, load_chat
from ingest.models.embeddings import identity, load_embeddings
from ingest.models.tokens import estimate_tokens
from ingest.pipeline import IngestReport, Pipeline, Progress, SourceFile
from ingest.rebuild import rebuild
from ingest.settings import Settings
from ingest.types import EmbeddingIdentity
from rag.answer import Answer, Event
from rag.answerer import Answerer, spoken
from rag.audit import Audit
from rag.checks.names import prepare
from rag.compliance import Compliance, read_approved
from rag.examples import example_selector
from rag.feedback import Feedback
from rag.history import Turn
from rag.opened import OpenKnowledgeBases
from rag.parse import TEXT, Output
from rag.prompt import example_template
from rag.reply import Reply
from rag.retrieve import Retriever
from rag.routes import Router, read_routes
from rag.search import Found, search
from rag.sessions import Sessions
from rag.sources import Finder
from rag.usage import Usage

_LONGEST_QUESTION = 4000


class KeyRAG:
    """Knowledge bases, embedding model and chat model, each loaded when it is first needed.

    Safe to share between threads.

    >>> from ingest.config import load_settings
    >>> KeyRAG(load_settings()).library.folder.name
    'kbs'
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.library = Library(settings.data / "kbs")
        self._loading = threading.RLock()
        self._opened = OpenKnowledgeBases(self.library, self._identity, settings.index)
        self._summaries: dict[tuple[Turn, ...], str] = {}

    @cached_property
    def _embedding(self) -> tuple[Embeddings, EmbeddingIdentity]:
        embeddings = load_embeddings(self.settings.embedding, self.settings.models_folder)
        return embeddings, identity(embeddings, self.settings.embedding)

    def _identity(self) -> EmbeddingIdentity:
        with self._loading:
            return self._embedding[1]

    @property
    def embeddings(self) -> Embeddings:
        """The embedding model.

        :raises KeyRAGError: if it can't be had.
        """
        with self._loading:
            return self._embedding[0]

    @cached_property
    def _chat(self) -> Chat | None:
        return load_chat(self.settings.chat, self.settings.models_folder)

    @property
    def chat(self) -> Chat | None:
        """The chat model, None if the settings want none.

        :raises KeyRAGError: if it can't be had.
        """
        with self._loading:
            return self._chat

    def warm_up(self) -> None:
        """Load what the first question would wait for.

        :raises KeyRAGError: if a model can't be had.
        """
        self.embeddings.embed_query("?")
        _ = self.chat
        prepare()

    async def disconnect(self) -> None:
        """Close the connections to the chat server that the running event loop holds."""
        if chat := self.__dict__.get("_chat"):
            await chat.disconnect()

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.settings.data / "sessions.sqlite")

    @cached_property
    def feedback(self) -> Feedback:
        return Feedback(self.settings.data / "feedback.sqlite")

    @cached_property
    def usage(self) -> Usage:
        return Usage(self.settings.data / "usage.sqlite")

    @cached_property
    def audit(self) -> Audit:
        """The traces of answers."""
        return Audit(self.settings.data / "audit.sqlite", self.settings.audit)

    @cached_property
    def _router(self) -> Router | None:
        routes = self.settings.routes
        if routes.file is None:
            return None
        return Router(read_routes(routes.file.expanduser()), self.embeddings, routes.threshold)

    @cached_property
    def _compliance(self) -> Compliance | None:
        compliance = self.settings.compliance
        if compliance.file is None:
            return None
        return Compliance(read_approved(compliance.file.expanduser()), self.embeddings, compliance.threshold)

    @cached_property
    def _examples(self) -> BaseExampleSelector | None:
        examples = self.settings.examples
        if examples.file is None:
            return None
        measure = self.chat.count_tokens if self.chat else estimate_tokens
        return example_selector(examples, example_template(self.settings.prompt), self.embeddings, measure)

    def kb(self, name: str, *, create: bool = False) -> KnowledgeBase:
        """Open a knowledge base; it stays open.

        :raises NotFoundError: if there is none and ``create`` is false.
        :raises KeyRAGError: if it was built with another embedding model.
        """
        return self._opened.get(name, create=create)

    def searched(self, names: str) -> KnowledgeBase | Union:
        """Open a knowledge base for searches, or several, whose names are joined by ``+``, as one.

        :raises NotFoundError: if there is none of a name.
        """
        return self._opened.searched(names)

    def delete_kb(self, name: str) -> None:
        """Delete a knowledge base, and what was said about it.

        :raises NotFoundError: if there is none of that name.
        """
        self._opened.close(name)
        self.library.delete(name, self.settings.index)
        self.sessions.forget(name)
        self.feedback.forget(name)

    def rebuild_kb(self, name: str, progress: Callable[[Progress], None] = lambda _: None) -> IngestReport:
        """Index a knowledge base's documents anew with the settings in force; see :func:`ingest.rebuild.rebuild`."""
        report = rebuild(self.library, name, self.embeddings, self._identity(), self.settings, progress)
        self._opened.close(name)
        return report

    def ingest(
        self, kb: str, files: Sequence[SourceFile], progress: Callable[[Progress], None] = lambda _: None
    ) -> IngestReport:
        """Read files into a knowledge base, which is made if there is none of that name."""
        return Pipeline(self.kb(kb, create=True), self.embeddings, self.settings, progress).ingest_files(files)

    def reindex(
        self, kb: str, doc_ids: Sequence[str], progress: Callable[[Progress], None] = lambda _: None
    ) -> IngestReport:
        """Read documents anew with the settings in force, from their files or else from what the store keeps of them.

        :raises NotFoundError: if there is no such knowledge base.
        """
        knowledge = self.kb(kb)
        pipeline = Pipeline(knowledge, self.embeddings, self.settings, progress, anew=True)
        rows = [row for doc_id in doc_ids if (row := knowledge.store.document(doc_id))]
        files = {row.doc_id: file for row in rows if (file := knowledge.original(row.source, row.sha256))}
        report = pipeline.ingest_files([SourceFile(files[r.doc_id], r.source) for r in rows if r.doc_id in files])
        kept = [row.doc_id for row in rows if row.doc_id not in files]
        report.files += pipeline.ingest_documents(map(knowledge.store.read, kept), len(kept)).files
        return report

    def delete_document(self, kb: str, doc_id: str) -> None:
        """Delete a document with its kept file.

        :raises NotFoundError: if there is no such document.
        :raises BusyError: if the knowledge base is being written.
        """
        knowledge = self.kb(kb)
        row = knowledge.store.document(doc_id)
        with knowledge.writing():
            knowledge.delete(doc_id)
            knowledge.save()
        if row is not None:
            knowledge.drop_original(row.source)

    def retriever(self, kb: str, scope: Scope = EVERYTHING) -> Retriever:
        """Give what searches ``kb``; see :meth:`searched`."""
        return Retriever(self.searched(kb), self.embeddings, self.settings.retrieve, scope)

    def search(
        self,
        kb: str,
        query: str,
        k: int,
        budget: int | None = None,
        *,
        scope: Scope = EVERYTHING,
        explain: bool = False,
    ) -> Found:
        """Give the ``k`` best hits, and packed text: what fits into ``budget`` characters, or just the hits' (None).

        :param explain: give the stages of the search too.
        """
        query = _checked(query)
        neighbours = self.settings.pack.neighbours
        return search(self.retriever(kb, scope), self.searched(kb).store, query, k, budget, neighbours, explain=explain)

    def reply(
        self,
        kb: str,
        question: str,
        turns: Sequence[Turn] = (),
        options: Mapping[str, Any] | None = None,
        scope: Scope = EVERYTHING,
        *,
        output: Output = TEXT,
        stage: str | None = None,
        session: str | None = None,
        caller: str | None = None,
    ) -> Reply:
        """Give an answer to be made; see :meth:`rag.answerer.Answerer.reply`.

        Everything that can be wrong with the request is told now.
        """
        question = _checked(question)
        return self._answerer(kb, scope).reply(
            question, turns, options, output=output, stage=stage, session=session, caller=caller
        )

    def answer(self, kb: str, question: str, turns: Sequence[Turn] = (), **how: Any) -> Generator[Event]:
        """Answer a question step by step, in this thread; ``how`` as for :meth:`reply`."""
        return spoken(self.reply(kb, question, turns, **how), self.settings)

    def _answerer(self, kb: str, scope: Scope) -> Answerer:
        retriever, store = self.retriever(kb, scope), self.searched(kb).store
        with self._loading:
            finder = Finder(retriever, store, self.chat, self.settings, self._examples, self._summaries)
            return Answerer(
                retriever,
                store,
                self.chat,
                self.settings,
                finder=finder,
                router=self._router,
                compliance=self._compliance,
                record=partial(self.audit.record, kb) if self.settings.audit.level != "off" else lambda _: None,
            )

    def ask(self, kb: str, question: str, turns: Sequence[Turn] = (), **how: Any) -> Answer:
        """Answer a question in one piece; ``how`` as for :meth:`answer`."""
        for event in self.answer(kb, question, turns, **how):
            if isinstance(event, Answer):
                return event
        raise AssertionError("an answer ends with an Answer")

    def close(self) -> None:
        """Close all knowledge bases."""
        self._opened.close_all()
        with self._loading:
            if "audit" in self.__dict__:
                self.audit.close()


def _checked(question: str) -> str:
    question = question.strip()
    if not question:
        raise KeyRAGError("the question is empty: write what you want to know")
    if len(question) > _LONGEST_QUESTION:
        raise KeyRAGError(f"the question has {len(question)} characters: ask in at most {_LONGEST_QUESTION}")
    return question
