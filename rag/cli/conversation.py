"""A conversation in the terminal: what was said, in which knowledge base and session, and what it rests on."""

from __future__ import annotations

from datetime import datetime

from pydantic import ValidationError

from ingest.errors import KeyRAGError
from ingest.settings import PackSettings
from rag.answer import Answer, Sources
from rag.cli.answers import show_as_it_comes
from rag.history import Turn
from rag.service import KeyRAG
from rag.wire import citation_json


class Conversation:
    """Asks a knowledge base one question after the other and keeps the turns under a session's name.

    ``last`` is what the model read for the last answer (None if a route took the question) and that answer; None
    before the first one.

    :param session: name of the session to begin or go on with; None makes one up.
    :raises NotFoundError: if there is no knowledge base of that name.
    """

    def __init__(self, service: KeyRAG, kb: str, session: str | None = None) -> None:
        self.service = service
        self.kb = kb
        self.session = ""
        self.turns: list[Turn] = []
        self.last: tuple[Sources | None, Answer] | None = None
        service.retriever(kb)
        self.open(session or _new_name())

    def open(self, session: str) -> None:
        """Go on with a session; a name that is not in use begins one."""
        self.session, self.last = session, None
        self.turns = self.service.sessions.turns(self.kb, session, self.service.settings.history.reach)

    def begin(self) -> None:
        """Begin a new session."""
        self.open(_new_name())

    def move_to(self, kb: str) -> None:
        """Begin a new session with another knowledge base.

        :raises NotFoundError: if there is none of that name.
        """
        self.service.retriever(kb)
        self.kb = kb
        self.begin()

    def set_budget(self, tokens: str) -> None:
        """Change how many tokens of text the model is given, for this run.

        :raises KeyRAGError: if it is no number, or too small.
        """
        settings = self.service.settings
        try:
            pack = PackSettings.model_validate({**settings.pack.model_dump(), "budget_tokens": tokens})
        except ValidationError as error:
            raise KeyRAGError(f"{tokens!r} is no budget: give a number of tokens, 32 or more") from error
        self.service.settings = settings.model_copy(update={"pack": pack})

    def ask(self, question: str) -> Answer:
        """Answer a question, printing the answer as it comes; an answer that is stopped is not kept."""
        events = self.service.answer(self.kb, question, self.turns, session=self.session)
        self.last = show_as_it_comes(events)
        return self._kept(question, self.last[1])

    def ask_silently(self, question: str) -> Answer:
        """Answer a question in one piece."""
        return self._kept(question, self.service.ask(self.kb, question, self.turns, session=self.session))

    def _kept(self, question: str, answer: Answer) -> Answer:
        turn = Turn(question, answer.text)
        self.turns.append(turn)
        citations = [citation_json(citation) for citation in answer.citations]
        self.service.sessions.add(self.kb, self.session, turn, citations)
        return answer


def _new_name() -> str:
    return f"chat-{datetime.now():%Y%m%d-%H%M%S-%f}"[:-3]
