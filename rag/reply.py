"""One answer in the making: route -> sources -> what to ask the model -> checks -> citations -> compliance."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from langchain_core.messages.ai import AIMessageChunk

from ingest.models.chat import Chat
from ingest.settings import Settings
from rag.answer import Answer, Event, Token, Trace
from rag.checks.grounding import Grounding, grounding
from rag.checks.names import prepare
from rag.checks.refusal import refusal
from rag.cite import Statement, citation, cite
from rag.compliance import Compliance
from rag.cores import CORES
from rag.draft import Draft
from rag.generate import Attempt
from rag.history import Turn
from rag.parse import Output, Unparsable, leaf_spans, parse
from rag.routes import Routed, Router
from rag.script import is_traditional
from rag.sources import Finder, Sources

# Sentences quoted where there is no language model.
_QUOTED = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and how it is to be answered; see :meth:`rag.answerer.Answerer.reply`."""

    question: str
    turns: Sequence[Turn]
    options: Mapping[str, Any]
    output: Output
    stage: str | None


@dataclass(frozen=True, slots=True)
class Means:
    """What answers are made with.

    :param chat: None quotes the best sentences in place of an answer.
    :param record: takes the trace of every answer, also of those that were broken off.
    """

    chat: Chat | None
    settings: Settings
    finder: Finder
    router: Router | None
    compliance: Compliance | None
    record: Callable[[Trace], None]


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


class Reply:
    """The steps of an answer, for whoever talks to the model: in a thread or on an event loop.

    First :meth:`begin`; then, for each of :meth:`attempts`, :meth:`take` for every chunk that the model writes, and
    :meth:`rest`; then :meth:`end`; :meth:`close` whatever happens. All but :meth:`take` and :meth:`rest` may take
    their time.
    """

    def __init__(self, means: Means, asked: Asked, trace: Trace) -> None:
        self.chat = means.chat
        self._means = means
        self._asked = asked
        self._trace = trace
        self._clock = _Clock()
        self._draft: Draft | None = None
        self._recorded = False

    @property
    def _held(self) -> bool:
        """Whether nothing is shown before the answer is whole and checked."""
        return self._means.compliance is not None or self._means.settings.answer.ungrounded != "mark"

    def begin(self) -> list[Event]:
        """Find the sources; give them, and the answer already where the model isn't needed."""
        means, asked = self._means, self._asked
        routed = means.router.route(asked.question) if means.router else None
        if routed is not None:
            answer = self._routed(routed)
            self._trace.shown = answer
            self.close()
            return [Token(routed.text), answer]
        sources = means.finder.find(asked.question, asked.turns, asked.output, self._clock.lasted)
        self._trace.sources = sources
        limits = means.settings.answer
        least = limits.min_evidence if self.chat else limits.quote_evidence
        if not sources.packed.passages or sources.evidence < least:
            return [sources, *self._ended(self._refusal(sources))]
        if self.chat is None:
            return [sources, *self._ended(self._quoted(sources))]
        prepare()
        shown = not self._held and sources.output.kind == "text"
        self._draft = Draft(means.finder, means.settings, sources, asked.options, _grounding_of, shown=shown)
        self._trace.attempts = self._draft.attempts
        return [sources]

    def attempts(self) -> Iterator[Attempt]:
        """Give the calls to make of the model, each when the one before is written."""
        if self._draft is not None:
            began = time.perf_counter()
            yield from self._draft.tries()
            self._clock.lasted("generate_ms", began)

    def take(self, attempt: Attempt, chunk: AIMessageChunk) -> Token | None:
        """Take what the model writes next; give what may be shown now."""
        return self._shown(attempt.take(chunk))

    def rest(self, attempt: Attempt) -> Token | None:
        """Give what of an attempt that is written may be shown now."""
        return self._shown(attempt.rest())

    def _shown(self, piece: str) -> Token | None:
        if not piece:
            return None
        self._clock.first("first_token_ms")
        return Token(piece)

    def end(self) -> list[Event]:
        """Check what the model wrote; give the answer, and before it what of it was not shown yet."""
        draft, sources = self._draft, self._trace.sources
        if draft is None or sources is None:
            return []
        with CORES:
            answer = self._generated(draft, sources)
        return self._ended(answer)

    def close(self) -> None:
        """Keep the trace, of an answer that was broken off too."""
        if not self._recorded:
            self._recorded = True
            self._means.record(self._trace)

    def _ended(self, answer: Answer) -> list[Event]:
        """Apply compliance, keep the trace, and give what there is still to show, the answer last."""
        self._trace.raw = answer
        given = self._compliant(answer)
        unshown = ""
        if self._held:
            unshown = "" if given.refused else given.text
        elif answer.mode == "quoted" and not answer.refused:
            unshown = answer.text
        elif self._draft is not None and not answer.refused:
            unshown = answer.text if self._asked.output.kind != "text" else self._draft.unshown
        token = self._shown(unshown)
        self._clock.since_start("total_ms")
        self._trace.shown = given
        self.close()
        return [token, given] if token else [given]

    def _compliant(self, answer: Answer) -> Answer:
        """Put the approved phrasing, or the fallback, in place of the answer; nothing of the answer is left."""
        if self._means.compliance is None:
            return answer
        given = self._means.compliance.compliant(answer.text, self._asked.stage, refused=answer.refused)
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
            nearest=(),
        )

    def _routed(self, routed: Routed) -> Answer:
        self._clock.since_start("total_ms")
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
            timings=self._clock.timings,
            routed=routed,
        )

    def _refusal(self, sources: Sources) -> Answer:
        return Answer(
            text=_refusal_of(sources),
            refused=True,
            evidence=sources.evidence,
            citations=(),
            grounding=None,
            looped=False,
            rewritten=sources.rewritten,
            mode="generated" if self.chat else "quoted",
            model=self.chat.name if self.chat else None,
            timings=self._clock.timings,
            nearest=sources.nearest,
        )

    def _quoted(self, sources: Sources) -> Answer:
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
                    citations.append(citation(passage, span, start, len(text)))
                    text += "\n"
        return Answer(
            text=text.rstrip("\n"),
            refused=False,
            evidence=sources.evidence,
            citations=tuple(citations),
            grounding=None,
            looped=False,
            rewritten=sources.rewritten,
            mode="quoted",
            model=None,
            timings=self._clock.timings,
        )

    def _generated(self, draft: Draft, sources: Sources) -> Answer:
        parsed = None if draft.refused else draft.parsed
        of_json = sources.output.kind == "json" and parsed is not None
        text = json.dumps(parsed, ensure_ascii=False) if of_json else draft.text
        statements = [] if draft.refused else _statements(text, sources, parsed)
        checked = None if draft.refused else _checked(text, statements, sources)
        ungrounded = checked is not None and not checked.exact
        if draft.refused or (ungrounded and self._means.settings.answer.ungrounded in ("refuse", "mend_or_refuse")):
            text, statements, checked, parsed = _refusal_of(sources), [], None, None
        return Answer(
            text=text,
            refused=checked is None,
            evidence=sources.evidence,
            citations=tuple(cited for statement in statements for cited in statement.citations),
            grounding=checked,
            looped=draft.looped,
            rewritten=sources.rewritten,
            mode="generated",
            model=self.chat.name if self.chat else None,
            timings=self._clock.timings,
            usage=draft.usage,
            parsed=parsed if sources.output.kind != "text" else None,
            retried=tuple(one.purpose for one in draft.attempts if one.purpose not in ("judge", "answer")),
            answerable=draft.answerable,
            nearest=sources.nearest if checked is None else (),
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
