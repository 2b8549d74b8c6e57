"""Let the model write an answer, and ask it once more where the first try is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ingest.config import Settings
from ingest.models.chat import Chat, chat_errors
from rag.checks.grounding import Grounding
from rag.generate import Generation, penalised
from rag.parse import Unparsable, parse
from rag.script import in_traditional, is_traditional, traditional_pieces
from rag.sources import Finder, Sources

Purpose = Literal["answer", "loop", "insist", "parse", "mend"]
# From this support on, what came before a loop is an answer.
_USABLE = 0.5
Check = Callable[[str, Sources], Grounding]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call of the model: why, with which prompt, and what it wrote."""

    purpose: Purpose
    prompt: str
    text: str


class Draft:
    """An answer in the making.

    ``text`` is what the model wrote in the end, ``refused`` whether that is a refusal, ``parsed`` its value in
    the form asked for (None if it is not in that form), ``attempts`` every call.
    """

    def __init__(self, chat: Chat, finder: Finder, settings: Settings, sources: Sources, check: Check) -> None:
        self._chat = chat
        self._finder = finder
        self._settings = settings
        self._sources = sources
        self._check = check
        self._traditional = sources.language == "zh" and is_traditional(sources.question)
        self._written = Generation()
        self.attempts: list[Attempt] = []

    @property
    def text(self) -> str:
        text = self._written.text.strip()
        return in_traditional(text) if self._traditional else text

    @property
    def refused(self) -> bool:
        return self._written.refused or not self.text

    @property
    def looped(self) -> bool:
        return self._written.looped

    @property
    def usage(self) -> Mapping[str, int]:
        return self._written.usage

    @property
    def parsed(self) -> Any:
        try:
            return parse(self.text, self._sources.output)
        except Unparsable:
            return None

    @property
    def _fault_of_form(self) -> str | None:
        try:
            parse(self.text, self._sources.output)
        except Unparsable as fault:
            return str(fault)
        return None

    def write(self, options: Mapping[str, Any], *, stream: bool) -> Iterator[str]:
        """Give the answer as it comes, as far as it may be shown; nothing if ``stream`` is false.

        What may become a refusal is held back, so that nobody reads one taken back later. The prompts of the
        second tries begin like the first, so that the model server need not read the context again.
        """
        answer = self._settings.answer
        with chat_errors(self._settings.chat):
            pieces = self._attempt("answer", self._sources.prompt, options)
            yield from _shown(traditional_pieces(pieces) if self._traditional else pieces, stream)
            if self._written.looped and self._repeats():
                # Shown already, or not: what counts is the whole answer, which comes last.
                _exhaust(self._attempt("loop", self._sources.prompt, penalised(options, self._settings)))
            if self._written.refused and self._sources.evidence >= answer.insist_evidence:
                yield from _shown(self._insisted(options), stream)
            if not self.refused and (fault := self._fault_of_form):
                self._mend("parse", fault, options)
            if not self.refused and answer.ungrounded in ("mend", "mend_or_refuse"):
                found = self._check(self.text, self._sources)
                if not found.exact:
                    self._mend("mend", _named(found, self._sources.language), options)

    def _attempt(self, purpose: Purpose, prompt: str, options: Mapping[str, Any]) -> Iterator[str]:
        self._written = Generation(self._written.usage)
        try:
            yield from self._written.stream(self._chat, prompt, options)
        finally:  # what was broken off is kept too
            self.attempts.append(Attempt(purpose, prompt, self._written.text))

    def _repeats(self) -> bool:
        """Tell whether to ask again after a loop."""
        wanted = self._settings.answer.retry_loops
        if wanted == "unusable":
            return not self.text or self._check(self.text, self._sources).support < _USABLE
        return wanted == "always"

    def _insisted(self, options: Mapping[str, Any]) -> Iterator[str]:
        """Ask once more in other words; the answer counts only if it is grounded, and is then given as a whole."""
        before = self._written
        _exhaust(self._attempt("insist", self._finder.prompt(self._settings.prompt.insist, self._sources), options))
        if self.refused or not self._check(self.text, self._sources).grounded:
            before.usage = self._written.usage
            self._written = before
        else:
            yield self.text

    def _mend(self, purpose: Purpose, faults: str, options: Mapping[str, Any]) -> None:
        prompt = self._finder.prompt(self._settings.prompt.mend, self._sources, {"faults": faults})
        _exhaust(self._attempt(purpose, prompt, options))


def _shown(pieces: Iterator[str], stream: bool) -> Iterator[str]:
    for piece in pieces:
        if stream:
            yield piece


def _exhaust(pieces: Iterator[str]) -> None:
    for _ in pieces:
        pass


def _named(found: Grounding, language: str) -> str:
    """Name the faults of an answer for the model."""
    words = [*dict.fromkeys(fault.text for fault in found.faults)]
    if language == "zh":
        parts = [f"已知信息里没有“{'”“'.join(words)}”"] if words else []
        parts += [f"已知信息里写的是“{negation}”" for negation in found.dropped_negations]
        return "，".join(parts)
    parts = ["the known information does not hold " + ", ".join(f'"{word}"' for word in words)] if words else []
    parts += [f'the known information says "{negation}"' for negation in found.dropped_negations]
    return "; ".join(parts)
