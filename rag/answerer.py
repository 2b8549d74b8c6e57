"""Answer questions from one knowledge base, step by step."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from typing import Any

from ingest.index.store import Store
from ingest.index.union import UnionStore
from ingest.models.chat import Chat, chat_errors
from ingest.settings import Settings
from rag.answer import Event, Trace
from rag.compliance import Compliance
from rag.history import Turn
from rag.parse import TEXT, Output, checked_output
from rag.reply import Asked, Means, Reply
from rag.retrieve import Retriever
from rag.routes import Router
from rag.sources import Finder


class Answerer:
    """Answers questions from one knowledge base; the parameters are those of :class:`rag.reply.Means`.

    :param finder: made from the others by default.
    """

    def __init__(
        self,
        retriever: Retriever,
        store: Store | UnionStore,
        chat: Chat | None,
        settings: Settings,
        *,
        finder: Finder | None = None,
        router: Router | None = None,
        compliance: Compliance | None = None,
        record: Callable[[Trace], None] = lambda _: None,
    ) -> None:
        finder = finder or Finder(retriever, store, chat, settings)
        self._means = Means(chat, settings, finder, router, compliance, record)

    def reply(
        self,
        question: str,
        turns: Sequence[Turn] = (),
        options: Mapping[str, Any] | None = None,
        *,
        output: Output = TEXT,
        stage: str | None = None,
        session: str | None = None,
        caller: str | None = None,
    ) -> Reply:
        """Give an answer to be made.

        :param turns: what was asked and answered before, oldest first; the last ones are used.
        :param options: generation settings for this answer alone, as the chat model's ``stream`` takes them.
        :param output: the form of the answer.
        :param stage: stage of the conversation, whose approved phrasings count in compliance mode.
        :param session: name of the conversation, for the audit.
        :param caller: name of who asks, for the audit.
        :raises KeyRAGError: if ``output`` or ``stage`` can't be.
        """
        output = checked_output(output, question)
        if self._means.compliance is not None:
            stage = self._means.compliance.checked_stage(stage or self._means.settings.compliance.stage)
        asked = Asked(question, turns, dict(options or {}), output, stage)
        return Reply(self._means, asked, Trace(question, session, caller))

    def answer(self, question: str, turns: Sequence[Turn] = (), **how: Any) -> Generator[Event]:
        """Give the sources, then the answer token by token, then the whole with its checks; see :meth:`reply`.

        Closing the iterator stops the model. Where a route takes the question there are no sources.

        :raises KeyRAGError: if the chat model fails, or something in ``how`` can't be.
        """
        return spoken(self.reply(question, turns, **how), self._means.settings)


def spoken(reply: Reply, settings: Settings) -> Generator[Event]:
    """Make an answer in this thread."""
    try:
        yield from reply.begin()
        with chat_errors(settings.chat):
            for attempt in reply.attempts():
                assert reply.chat is not None
                with closing(reply.chat.model.stream(attempt.messages, **attempt.options)) as chunks:  # type: ignore[type-var]
                    for chunk in chunks:
                        if token := reply.take(attempt, chunk):
                            yield token
                        if attempt.looped:
                            break
                if token := reply.rest(attempt):
                    yield token
        yield from reply.end()
    finally:
        reply.close()
