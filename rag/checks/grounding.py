"""Grounding: the numbers, dates, names and quoted words of an answer must stand in the sentences it cites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.checks.negation import dropped_negations
from rag.checks.particulars import Facts, Kind, Particular, computed
from rag.cite import Statement
from rag.pack import Packed

# Below this share of words found, a statement counts as unsupported.
_SUPPORTED = 0.5

Found = Literal["cited", "heading", "question", "computed", "elsewhere", "nowhere"]
_FAULTS = ("elsewhere", "nowhere")


@dataclass(frozen=True, slots=True)
class Checked:
    """A particular of the answer, ``answer[start:end] == text``, and where it stands.

    ``cited``: in a sentence that its statement cites. ``heading``, ``question``: not there, but in the headings
    of those sentences, or in the question. ``computed``: the result of a sum that the answer spells out from
    numbers that stand there. ``elsewhere``: only in sentences that the statement does not cite. ``nowhere``: in
    nothing that the model was given. The last two are faults.
    """

    kind: Kind
    text: str
    start: int
    end: int
    found: Found

    @property
    def fault(self) -> bool:
        return self.found in _FAULTS


@dataclass(frozen=True, slots=True)
class CheckedStatement:
    """``answer[start:end]``; ``supported`` is None where that can't be told, as of the head of a table."""

    start: int
    end: int
    support: float
    supported: bool | None


@dataclass(frozen=True, slots=True)
class Grounding:
    """``support``, 0 to 1, is the mean over the statements, by length; ``unsupported`` are statements.

    ``dropped_negations`` quotes the places where a cited sentence denies what the answer says.
    """

    support: float
    unsupported: tuple[str, ...]
    particulars: tuple[Checked, ...]
    dropped_negations: tuple[str, ...]
    statements: tuple[CheckedStatement, ...]

    @property
    def faults(self) -> tuple[Checked, ...]:
        """Particulars that no cited sentence holds."""
        return tuple(checked for checked in self.particulars if checked.fault)

    @property
    def exact(self) -> bool:
        """No particular is without a source, and no negation got lost."""
        return not self.faults and not self.dropped_negations

    @property
    def grounded(self) -> bool:
        return self.exact and not self.unsupported

    def named(self, *kinds: Kind) -> tuple[str, ...]:
        """Give the faults of some kinds in the answer's words."""
        return tuple(dict.fromkeys(checked.text for checked in self.faults if checked.kind in kinds))

    @property
    def unknown_numbers(self) -> tuple[str, ...]:
        return self.named("number", "percentage", "date", "time")

    @property
    def only_asked(self) -> tuple[str, ...]:
        """Numbers that stand in the question or a heading alone."""
        return tuple(
            dict.fromkeys(
                checked.text
                for checked in self.particulars
                if checked.found in ("heading", "question") and checked.kind not in ("name", "quote")
            )
        )


def _headings(packed: Packed) -> dict[int, str]:
    """Give what stands above every sentence that can be cited, copies in other documents included."""
    spans = [(passage, span) for passage in packed.passages for span in passage.spans]
    copies = {unit.unit_id: " ".join(unit.heading_path) for _, span in spans for unit in span.copies}
    return copies | {span.unit_id: " ".join(passage.heading_path) for passage, span in spans}


def grounding(answer: str, statements: Sequence[Statement], packed: Packed, question: str) -> Grounding:
    """Check an answer against what its statements cite.

    :param statements: the answer's, from :func:`rag.cite.cite`.
    :param question: as it was searched for.
    """
    headings = _headings(packed)
    everything = Facts("\n".join((packed.text, *headings.values())))
    found: list[Checked] = []
    checked: list[CheckedStatement] = []
    lost: list[str] = []
    for statement in statements:
        text = answer[statement.start : statement.end]
        quotes = "\n".join(citation.quote for citation in statement.citations)
        above = " ".join(dict.fromkeys(headings[citation.unit_id] for citation in statement.citations))
        where: list[tuple[Found, Facts]] = [
            ("cited", Facts(quotes)),
            ("heading", Facts(f"{quotes}\n{above}")),
            ("question", Facts(f"{quotes}\n{above}\n{question}")),
        ]
        placed = _placed(answer, statement, where, everything)
        found += placed
        lost += [negation for citation in statement.citations for negation in dropped_negations(text, citation.quote)]
        supported = statement.support >= _SUPPORTED if statement.claims else None
        if any(one.fault for one in placed):
            supported = False
        checked.append(CheckedStatement(statement.start, statement.end, statement.support, supported))
    claims = [statement for statement in statements if statement.claims]
    length = sum(statement.end - statement.start for statement in claims)
    support = sum(s.support * (s.end - s.start) for s in claims) / length if length else 0.0
    weak = tuple(answer[s.start : s.end] for s in claims if s.support < _SUPPORTED)
    return Grounding(round(support, 4), weak, tuple(found), tuple(dict.fromkeys(lost)), tuple(checked))


def _placed(
    answer: str, statement: Statement, where: Sequence[tuple[Found, Facts]], everything: Facts
) -> list[Checked]:
    """Find the statement's particulars, and let right sums of known numbers stand."""
    text = where[0][1] if statement.citations else everything
    found: dict[Particular, Found] = {}
    for particular in statement.particulars:
        if text.tells_of(particular):
            otherwise: Found = "elsewhere" if everything.hold(particular) else "nowhere"
            found[particular] = next((name for name, facts in where if facts.hold(particular)), otherwise)
    known = {(particular.start, particular.end) for particular, place in found.items() if place not in _FAULTS}
    for start, end, operands in computed(answer[statement.start : statement.end]):
        span = (start + statement.start, end + statement.start)
        before = [p for p in found if statement.start <= p.start and p.end <= span[0] and (p.start, p.end) in known]
        values = {getattr(particular.value, "value", None) for particular in before}
        for particular in found:
            if (particular.start, particular.end) == span and values.issuperset(operands):
                found[particular] = "computed"
    return [
        Checked(particular.kind, answer[particular.start : particular.end], particular.start, particular.end, place)
        for particular, place in found.items()
    ]
