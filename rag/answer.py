"""Answer a question: route -> sources -> model (streamed) -> checks -> citations -> compliance."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ingest.config import Settings
from ingest.index.store import Store
from ingest.models.chat import Chat
from rag.checks.grounding import Grounding, grounding
from rag.checks.names import prepare
from rag.checks.refusal import refusal
from rag.cite import Citation, Statement, cite
from rag.compliance import Compliance, Compliant
from rag.draft import Attempt, Draft
from rag.history import Turn
from rag.parse import TEXT, Output, Unparsable, checked_output, leaf_spans, parse
from rag.retrieve import Retriever
from rag.routes import Routed, Router
from rag.script import is_traditional
from rag.sources import Finder, Sources

# Sentences quoted where there is no language model.
_QUOTED = 3

Mode = Literal["generated", "quoted", "scripted", "asked_back", "compliant"]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer as it comes."""

    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer.

    ``evidence`` is the probability, 0 to 1, that the documents hold the answer, judged before the model is asked.
    ``mode`` is ``generated``; ``quoted`` where there is no language model; ``scripted`` or ``asked_back`` where a
    route took the question; ``compliant`` where an approved phrasing stands in for the answer. ``parsed`` is the
    value of an answer in another form than text. ``retried`` names the second tries of the model. ``timings`` are
    milliseconds since the question came, but for ``rewrite_ms``, ``retrieve_ms`` and ``generate_ms``, which are
    durations. ``usage`` counts tokens; it is empty where the model does not tell.
    """

    text: str
    refused: bool
    evidence: float
    citations: tuple[Citation, ...]
    grounding: Grounding | None
    looped: bool
    rewritten: str | None
    mode: Mode
    model: str | None
    timings: Mapping[str, float]
    usage: Mapping[str, int] = field(default_factory=dict)
    parsed: Any = None
    retried: tuple[str, ...] = ()
    routed: Routed | None = None
    compliant: Compliant | None = None


Event = Sources | Token | Answer


@dataclass(slots=True)
class Trace:
    """How an answer came about; ``raw`` is the answer before compliance, ``shown`` what was given in the end."""

    question: str
    session: str | None = None
    caller: str | None = None
    sources: Sources | None = None
    attempts: Sequence[Attempt] = ()
    raw: Answer | None = None
    shown: Answer | None = None


class _Clock:
    def __init__(self) -> None:
        self._began = time.perf_counter()
        self.timings: dict[str, float] = {}

    def since_start(self, name: str) -> None:
        self.timings[name] = round((time.perf_counter() - self._began) * 1000, 1)

    def first(self, name: str) -> None:
        if name not in self.timings:
            self.since_start(name)

    def lasted(self, name: str, began: float) -> None:
        self.timings[name] = round((time.perf_counter() - began) * 1000, 1)


class Answerer:
    """Answers questions from one knowledge base.

    :param chat: None quotes the best sentences in place of an answer.
    :param finder: made from the others by default.
    :param record: takes the trace of every answer, also of those that were broken off.
    """

    def __init__(
        self,
        retriever: Retriever,
        store: Store,
        chat: Chat | None,
        settings: Settings,
        *,
        finder: Finder | None = None,
        router: Router | None = None,
        compliance: Compliance | None = None,
        record: Callable[[Trace], None] = lambda _: None,
    ) -> None:
        self._chat = chat
        self._settings = settings
        self._finder = finder or Finder(retriever, store, chat, settings)
        self._router = router
        self._compliance = compliance
        self._record = record

    def answer(
        self,
        question: str,
        turns: Sequence[Turn] = (),
        options: Mapping[str, Any] | None = None,
        *,
        output: Output = TEXT,
        stage: str | None = None,
        session: str | None = None,
        caller: str | None = None,
    ) -> Generator[Event]:
        """Give the sources, then the answer token by token, then the whole with its checks.

        Closing the iterator stops the model. Where a route takes the question there are no sources.

        :param turns: what was asked and answered before, oldest first; the last ones are used.
        :param options: generation settings for this answer alone, as the chat model's ``stream`` takes them.
        :param output: the form of the answer.
        :param stage: stage of the conversation, whose approved phrasings count in compliance mode.
        :param session: name of the conversation, for the audit.
        :param caller: name of who asks, for the audit.
        :raises KeyRAGError: if the chat model fails, or ``output`` or ``stage`` can't be.
        """
        output = checked_output(output, question)
        if self._compliance is not None:
            stage = self._compliance.checked_stage(stage or self._settings.compliance.stage)
        trace = Trace(question, session, caller)
        clock = _Clock()
        return self._recorded(trace, self._events(trace, turns, dict(options or {}), output, stage, clock))

    def _recorded(self, trace: Trace, events: Generator[Event]) -> Generator[Event]:
        try:
            for event in events:
                if isinstance(event, Sources):
                    trace.sources = event
                elif isinstance(event, Answer):
                    trace.shown = event
                yield event
        finally:
            events.close()
            self._record(trace)

    def _events(
        self,
        trace: Trace,
        turns: Sequence[Turn],
        options: dict[str, Any],
        output: Output,
        stage: str | None,
        clock: _Clock,
    ) -> Generator[Event]:
        routed = self._router.route(trace.question) if self._router else None
        if routed is not None:
            yield Token(routed.text)
            yield self._routed(routed, clock)
            return
        sources = self._finder.find(trace.question, turns, output, clock.lasted)
        yield sources
        if not sources.packed.passages or sources.evidence < self._settings.answer.min_evidence:
            answers: Iterator[Event] = iter([self._refusal(sources, clock)])
        elif self._chat is None:
            answers = self._quoted(sources, clock)
        else:
            answers = self._generated(sources, self._chat, options, trace, clock)
        for event in answers:
            if isinstance(event, Answer):
                trace.raw = event
                event = self._compliant(event, stage)
                if not event.refused and self._held:
                    clock.first("first_token_ms")
                    yield Token(event.text)
                yield event
            elif not self._held:
                yield event

    @property
    def _held(self) -> bool:
        """Whether nothing is shown before the answer is whole and checked."""
        return self._compliance is not None or self._settings.answer.ungrounded != "mark"

    def _compliant(self, answer: Answer, stage: str | None) -> Answer:
        """Put the approved phrasing, or the fallback, in place of the answer; nothing of the answer is left."""
        if self._compliance is None:
            return answer
        given = self._compliance.compliant(answer.text, stage, refused=answer.refused)
        refused = given.given != "approved"
        return replace(
            answer,
            text=given.text,
            refused=refused,
            citations=(),
            grounding=None,
            looped=False,
            mode="compliant",
            parsed=None,
            compliant=given,
        )

    def _routed(self, routed: Routed, clock: _Clock) -> Answer:
        clock.since_start("total_ms")
        return Answer(
            text=routed.text,
            refused=False,
            evidence=0.0,
            citations=(),
            grounding=None,
            looped=False,
            rewritten=None,
            mode=routed.mode,
            model=None,
            timings=clock.timings,
            routed=routed,
        )

    def _refusal(self, sources: Sources, clock: _Clock) -> Answer:
        clock.since_start("total_ms")
        return Answer(
            text=_refusal_of(sources),
            refused=True,
            evidence=sources.evidence,
            citations=(),
            grounding=None,
            looped=False,
            rewritten=sources.rewritten,
            mode="generated" if self._chat else "quoted",
            model=self._chat.name if self._chat else None,
            timings=clock.timings,
        )

    def _quoted(self, sources: Sources, clock: _Clock) -> Iterator[Event]:
        """Quote the best sentence and what else of the packed text is nearly as good, in reading order."""
        best = sources.hits[0].why.fused
        chosen = {
            hit.unit_id for hit in sources.hits[:_QUOTED] if hit.why.fused > 0.75 * best or hit is sources.hits[0]
        }
        text = ""
        citations = []
        for passage in sources.packed.passages:
            for span in passage.spans:
                if span.unit_id in chosen:
                    start = len(text)
                    text += span.text
                    where = (span.text, span.start, span.end, span.unit_id, start, len(text))
                    citations.append(Citation(passage.n, passage.doc_id, passage.document, span.page, *where))
                    text += "\n"
        text = text.rstrip("\n")
        yield Token(text)
        clock.since_start("first_token_ms")
        clock.since_start("total_ms")
        yield Answer(
            text=text,
            refused=False,
            evidence=sources.evidence,
            citations=tuple(citations),
            grounding=None,
            looped=False,
            rewritten=sources.rewritten,
            mode="quoted",
            model=None,
            timings=clock.timings,
        )

    def _generated(
        self, sources: Sources, chat: Chat, options: dict[str, Any], trace: Trace, clock: _Clock
    ) -> Iterator[Event]:
        threading.Thread(target=prepare, daemon=True).start()
        draft = Draft(chat, self._finder, self._settings, sources, _grounding_of)
        trace.attempts = draft.attempts
        began = time.perf_counter()
        for piece in draft.write(options, stream=not self._held and sources.output.kind == "text"):
            clock.first("first_token_ms")
            yield Token(piece)
        clock.lasted("generate_ms", began)
        parsed = None if draft.refused else draft.parsed
        text = (
            json.dumps(parsed, ensure_ascii=False)
            if sources.output.kind == "json" and parsed is not None
            else draft.text
        )
        statements = [] if draft.refused else _statements(text, sources, parsed)
        checked = None if draft.refused else _checked(text, statements, sources)
        ungrounded = checked is not None and not checked.exact
        if draft.refused or (ungrounded and self._settings.answer.ungrounded in ("refuse", "mend_or_refuse")):
            text, statements, checked, parsed = _refusal_of(sources), [], None, None
        elif not self._held and sources.output.kind != "text":
            clock.first("first_token_ms")
            yield Token(text)
        clock.since_start("total_ms")
        yield Answer(
            text=text,
            refused=checked is None,
            evidence=sources.evidence,
            citations=tuple(citation for statement in statements for citation in statement.citations),
            grounding=checked,
            looped=draft.looped,
            rewritten=sources.rewritten,
            mode="generated",
            model=chat.name,
            timings=clock.timings,
            usage=draft.usage,
            parsed=parsed if sources.output.kind != "text" else None,
            retried=tuple(attempt.purpose for attempt in draft.attempts[1:]),
        )


def _refusal_of(sources: Sources) -> str:
    return refusal(sources.language, traditional=is_traditional(sources.question))


def _statements(text: str, sources: Sources, parsed: Any = None) -> list[Statement]:
    spans = leaf_spans(text, parsed) if sources.output.kind == "json" and parsed is not None else None
    return cite(text, sources.asked, sources.packed, spans)


def _checked(text: str, statements: Sequence[Statement], sources: Sources) -> Grounding:
    return grounding(text, statements, sources.packed, f"{sources.question} {sources.asked}")


def _grounding_of(text: str, sources: Sources) -> Grounding:
    value = None
    if sources.output.kind == "json":
        try:
            value = parse(text, sources.output)
            text = json.dumps(value, ensure_ascii=False)
        except Unparsable:
            pass  # checked as it stands
    return _checked(text, _statements(text, sources, value), sources)
