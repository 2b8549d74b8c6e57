"""Answer a question: retrieve -> pack -> prompt -> model (streamed) -> checks -> citations."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.config import Settings
from ingest.index.store import Store
from ingest.models.chat import Chat, chat_errors
from ingest.models.tokens import estimate_tokens
from ingest.types import Hit
from rag.checks.evidence import evidence
from rag.checks.grounding import Grounding, grounding
from rag.checks.refusal import REFUSALS
from rag.cite import Citation, cite
from rag.decompose import decompose
from rag.generate import Generation
from rag.history import Turn, is_short, refers_back, stand_alone
from rag.pack import Packed, pack
from rag.prompt import Language, context_text, language_of, template
from rag.retrieve import Retriever

# Hits looked at: more than any sensible budget holds.
_DEPTH = 60
# A short question with this evidence needs nothing of what was said before.
_STANDS_ALONE = 0.5
# What stands between a follow-up and its rewriting: of five forms the one that the default model understood best.
_THAT_IS = {"zh": "即：", "en": " That is: "}
# Sentences quoted where there is no language model.
_QUOTED = 3


@dataclass(frozen=True, slots=True)
class Sources:
    """What the model is about to read.

    ``rewritten`` is the question that was searched for, if not the user's; the prompt shows it behind the user's.
    """

    question: str
    rewritten: str | None
    language: Language
    hits: tuple[Hit, ...]
    packed: Packed
    evidence: float
    prompt: str


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer as it comes."""

    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer.

    ``evidence`` is the probability, 0 to 1, that the documents hold the answer, judged before the model is asked.
    ``mode`` is ``generated``, or ``quoted`` where there is no language model. ``timings`` are milliseconds
    since the question came, but for ``rewrite_ms``, ``retrieve_ms`` and ``generate_ms``, which are
    durations. ``usage`` counts tokens; it is empty where the model does not tell.
    """

    text: str
    refused: bool
    evidence: float
    citations: tuple[Citation, ...]
    grounding: Grounding | None
    looped: bool
    rewritten: str | None
    mode: str
    model: str | None
    timings: Mapping[str, float]
    usage: Mapping[str, int] = field(default_factory=dict)


Event = Sources | Token | Answer


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
    """

    def __init__(self, retriever: Retriever, store: Store, chat: Chat | None, settings: Settings) -> None:
        self._retriever = retriever
        self._store = store
        self._chat = chat
        self._settings = settings

    def answer(
        self, question: str, turns: Sequence[Turn] = (), options: Mapping[str, Any] | None = None
    ) -> Iterator[Event]:
        """Give the sources, then the answer token by token, then the whole with its checks.

        Closing the iterator stops the model.

        :param turns: what was asked and answered before, oldest first; the last ones are used.
        :param options: generation settings for this answer alone, as the chat model's ``stream`` takes them.
        :raises KeyRAGError: if the chat model fails.
        """
        clock = _Clock()
        turns = turns[-self._settings.history.turns :] if self._settings.history.turns else ()
        sources = self._sources(question, turns, clock)
        yield sources
        if not sources.packed.passages or sources.evidence < self._settings.answer.min_evidence:
            yield self._refusal(sources, clock)
        elif self._chat is None:
            yield from self._quoted(sources, clock)
        else:
            yield from self._generated(sources, self._chat, dict(options or {}), clock)

    def _language(self, question: str) -> Language:
        chosen = self._settings.answer.language
        return language_of(question) if chosen == "auto" else chosen

    def _sources(self, question: str, turns: Sequence[Turn], clock: _Clock) -> Sources:
        language = self._language(question)
        rewritten = self._rewritten(question, turns, language, clock) if turns else None
        began = time.perf_counter()
        hits, found = self._found(rewritten or question)
        measure = self._chat.count_tokens if self._chat else estimate_tokens
        limits = self._settings.pack
        worth = [hit for hit in hits if hit.score >= min(limits.min_share * hits[0].score, hits[0].score)]
        packed = pack(self._store, worth, limits.budget_tokens, measure, limits.neighbours)
        clock.lasted("retrieve_ms", began)
        sources = Sources(question, rewritten, language, tuple(hits), packed, found, "")
        return replace(sources, prompt=self._prompt(self._settings.prompt.answer, sources))

    def _found(self, asked: str) -> tuple[list[Hit], float]:
        """Give the hits for a question and the evidence that they answer it."""
        hits = self._retriever.retrieve(asked, _DEPTH)
        return hits, evidence(decompose(asked), hits, self._retriever.frequencies)

    def _rewritten(self, question: str, turns: Sequence[Turn], language: Language, clock: _Clock) -> str | None:
        """Give the question made to stand alone, None if it does already."""
        if not refers_back(question) and not (is_short(question) and self._found(question)[1] < _STANDS_ALONE):
            return None
        began = time.perf_counter()
        prompts = self._settings.prompt
        condense = template(prompts, prompts.condense, language, frozenset({"history", "question"}))
        with chat_errors(self._settings.chat):
            rewritten = stand_alone(question, turns, self._chat, condense)
        clock.lasted("rewrite_ms", began)
        return rewritten

    def _prompt(self, name: str, sources: Sources) -> str:
        that_is = _THAT_IS[sources.language]
        question = f"{sources.question}{that_is}{sources.rewritten}" if sources.rewritten else sources.question
        filled = template(self._settings.prompt, name, sources.language, frozenset({"context", "question"}))
        return filled.format(context=context_text(sources.packed), question=question)

    def _refusal(self, sources: Sources, clock: _Clock) -> Answer:
        clock.since_start("total_ms")
        text = REFUSALS[sources.language]
        model = self._chat.name if self._chat else None
        mode = "generated" if self._chat else "quoted"
        return Answer(text, True, sources.evidence, (), None, False, sources.rewritten, mode, model, clock.timings)

    def _quoted(self, sources: Sources, clock: _Clock) -> Iterator[Event]:
        """Quote the best sentence and what else of the packed text is nearly as good, in reading order."""
        best = sources.hits[0].score
        chosen = {hit.unit_id for hit in sources.hits[:_QUOTED] if hit.score > 0.75 * best or hit is sources.hits[0]}
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
            text,
            False,
            sources.evidence,
            tuple(citations),
            None,
            False,
            sources.rewritten,
            "quoted",
            None,
            clock.timings,
        )

    def _generated(self, sources: Sources, chat: Chat, options: dict[str, Any], clock: _Clock) -> Iterator[Event]:
        """Stream the answer. What may become a refusal is held back, so that nobody reads one taken back later.

        A refusal in the face of strong evidence is asked about once more, in other words; the prompt's beginning
        is the same, so that the model server need not read it again.
        """
        written = Generation()
        began = time.perf_counter()
        with chat_errors(self._settings.chat):
            for piece in written.stream(chat, sources.prompt, options):
                clock.first("first_token_ms")
                yield Token(piece)
            if written.refused and sources.evidence >= self._settings.answer.insist_evidence:
                again = Generation(written.usage)
                for _ in again.stream(chat, self._prompt(self._settings.prompt.insist, sources), options):
                    pass  # shown as a whole, and only if it is grounded
                doubtful = self._checked(again, sources, chat.name, _Clock())
                written.usage = again.usage
                if doubtful.grounding and doubtful.grounding.grounded:
                    clock.first("first_token_ms")
                    yield Token(again.text)
                    written = again
        clock.lasted("generate_ms", began)
        yield self._checked(written, sources, chat.name, clock)

    def _checked(self, written: Generation, sources: Sources, model: str, clock: _Clock) -> Answer:
        text = written.text.strip()
        refused = written.refused or not text
        if refused:
            text = REFUSALS[sources.language]
        asked = sources.rewritten or sources.question
        statements = [] if refused else cite(text, asked, sources.packed)
        citations = tuple(citation for statement in statements for citation in statement.citations)
        checked = None if refused else grounding(text, statements, sources.packed, f"{sources.question} {asked}")
        clock.since_start("total_ms")
        return Answer(
            text,
            refused,
            sources.evidence,
            citations,
            checked,
            written.looped,
            sources.rewritten,
            "generated",
            model,
            clock.timings,
            written.usage,
        )
