"""Let the model write an answer, and ask it once more where the first try is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ingest.settings import Settings
from rag.answerable import FITTED_ON, OPTIONS, answerable
from rag.checks.grounding import Grounding
from rag.checks.unheld import unheld_names
from rag.generate import Attempt, Purpose, penalised
from rag.lead_in import without_lead_in
from rag.parse import Unparsable, parse
from rag.prompt import template
from rag.script import in_traditional, is_traditional
from rag.sources import Finder, Sources

# From this support on, what came before a loop is an answer.
_USABLE = 0.5
Check = Callable[[str, Sources], Grounding]


class Draft:
    """An answer in the making.

    ``text`` is what the model wrote in the end, without words that only lead in, ``refused`` whether that is a
    refusal, ``answerable`` how likely the model thinks it, 0 to 1, that the text answers the question (None if it was
    not asked), ``parsed`` its value in the form asked for (None if it is not in that form), ``attempts`` every call,
    ``unshown`` an answer that counts but was not shown while it was written.

    :param options: generation settings for this answer alone.
    :param shown: whether people read the first attempt while it is written.
    """

    def __init__(
        self,
        finder: Finder,
        settings: Settings,
        sources: Sources,
        options: Mapping[str, Any],
        check: Check,
        *,
        shown: bool,
    ) -> None:
        self._finder = finder
        self._settings = settings
        self._sources = sources
        self._options = options
        self._check = check
        self._shown = shown
        self._traditional = sources.language == "zh" and is_traditional(sources.question)
        self.attempts: list[Attempt] = []
        self.unshown = ""
        self.answerable: float | None = None
        self._written = self._judging() if self._doubtful else self._attempt("answer", sources.prompt, options)

    @property
    def text(self) -> str:
        text = without_lead_in(self._written.text.strip())
        return in_traditional(text) if self._traditional else text

    @property
    def refused(self) -> bool:
        return self._unanswerable or self._written.refused or not self.text

    @property
    def looped(self) -> bool:
        return self._written.looped

    @property
    def usage(self) -> dict[str, int]:
        """The tokens of all attempts."""
        counted: dict[str, int] = {}
        for attempt in self.attempts:
            for name, count in attempt.usage.items():
                counted[name] = counted.get(name, 0) + count
        return counted

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

    def tries(self) -> Iterator[Attempt]:
        """Give what the model is to be asked, each call when the one before is written.

        The prompts of the second tries begin like the first, so that the model server need not read the context
        again.
        """
        answer = self._settings.answer
        yield self._written
        if self._written.purpose == "judge":
            self.answerable = self._judged(self._written.first)
            if self._unanswerable:
                return
            self._written = self._attempt("answer", self._sources.prompt, self._options)
            yield self._written
        if self.looped and self._repeats():
            # Shown already, or not: what counts is the whole answer, which comes last.
            self._written = self._attempt("loop", self._sources.prompt, penalised(self._options, self._settings))
            yield self._written
        known = self._sources.evidence if self.answerable is None else self.answerable
        if self._written.refused and known >= answer.insist_evidence:
            yield from self._insisting()
        if not self.refused and (fault := self._fault_of_form):
            yield self._mending("parse", fault)
        if not self.refused and answer.ungrounded in ("mend", "mend_or_refuse"):
            found = self._check(self.text, self._sources)
            if not found.exact:
                yield self._mending("mend", _named(found, self._sources.language))

    @property
    def _doubtful(self) -> bool:
        """Tell whether the model is to be asked first if the text answers the question."""
        chat = self._settings.chat
        understood = (chat.backend, chat.model) == ("embedded", FITTED_ON)
        doubted = self._sources.evidence < self._settings.answer.judge_evidence
        return understood and doubted and self._sources.output.kind == "text"

    @property
    def _unanswerable(self) -> bool:
        return self.answerable is not None and self.answerable < self._settings.answer.min_answerable

    def _judged(self, first: Mapping[str, float]) -> float | None:
        sources = self._sources
        # A translation spells names in its own way.
        unheld = not sources.translated and bool(unheld_names(sources.asked, sources.packed))
        return answerable(sources.evidence, first, sources.language, unheld=unheld)

    def _judging(self) -> Attempt:
        prompts = self._settings.prompt
        asks = template(prompts, prompts.judge, self._sources.language, frozenset()).format()
        return self._attempt("judge", f"{self._sources.prompt}\n{asks}", OPTIONS)

    def _attempt(self, purpose: Purpose, prompt: str, options: Mapping[str, Any]) -> Attempt:
        shown = self._shown and purpose == "answer"
        system = self._sources.system
        attempt = Attempt(purpose, prompt, options, system, shown=shown, traditional=self._traditional)
        self.attempts.append(attempt)  # what is broken off is kept too
        return attempt

    def _repeats(self) -> bool:
        """Tell whether to ask again after a loop."""
        wanted = self._settings.answer.retry_loops
        if wanted == "unusable":
            return not self.text or self._check(self.text, self._sources).support < _USABLE
        return wanted == "always"

    def _insisting(self) -> Iterator[Attempt]:
        """Ask once more in other words; the answer counts only if it is grounded, and is then shown as a whole."""
        before = self._written
        prompt = self._finder.prompt(self._settings.prompt.insist, self._sources)
        self._written = self._attempt("insist", prompt, self._options)
        yield self._written
        if self.refused or not self._check(self.text, self._sources).grounded:
            self._written = before
        elif self._shown:
            self.unshown = self.text

    def _mending(self, purpose: Purpose, faults: str) -> Attempt:
        prompt = self._finder.prompt(self._settings.prompt.mend, self._sources, {"faults": faults})
        self._written = self._attempt(purpose, prompt, self._options)
        return self._written


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
