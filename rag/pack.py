"""Pack hits into a budget: best first until it is full, then in document order, as numbered passages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.index.store import Store, UnitRow
from ingest.index.terms import letters
from ingest.index.union import UnionStore
from ingest.types import Hit

_STOPS = frozenset("。！？!?.…；;：:，,、”」』\"'）)】》")
Measure = Callable[[str], int]
"""The size of a text in the budget's unit: ``len`` for characters, a token counter for tokens."""

# A hit that does not fit is cut to what is left, if at least this share of the budget is left.
_WORTH_CUTTING = 0.05
# A sentence next to a hit is worth this share of the hit's score, the next one its square, and this share of its own
# score, if it is a hit itself (docs/benchmarks.md): of two neighbours the one that has to do with the question.
_NEIGHBOUR_SHARE = 0.7
_OWN_SHARE = 0.2
# A sentence of so many letters says the same in whatever document it stands; a shorter one may be about its title.
_TELLING = 16
# Hits whose neighbours compete.
_WITH_NEIGHBOURS = 10


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a unit that went into the context, with its place in the document's text.

    ``copies`` are units of other documents that say it in the same words and were left out for that.
    """

    unit_id: int
    start: int
    end: int
    text: str
    page: int | None
    copies: tuple[UnitRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring spans of one segment, cited together as ``[n]``."""

    n: int
    doc_id: str
    document: str
    heading_path: tuple[str, ...]
    page: int | None
    text: str
    spans: tuple[Span, ...]
    kb: str = ""


@dataclass(frozen=True, slots=True)
class Packed:
    """The context: passages by document, best document first, each in reading order."""

    passages: tuple[Passage, ...]

    @property
    def text(self) -> str:
        """The raw text alone, without numbers and titles, one passage a line."""
        return "\n".join(passage.text for passage in self.passages)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What of a unit goes in: all of its text, or a beginning."""

    unit: UnitRow
    text: str
    copies: list[UnitRow] = field(default_factory=list)

    @property
    def stands_alone(self) -> bool:
        """True where the text must not run into the next: rows, list items, and what is cut short."""
        return self.unit.kind in ("row", "list") or len(self.text) < len(self.unit.text)


def pack(
    store: Store | UnionStore, hits: Sequence[Hit], budget: int, measure: Measure = len, neighbours: int = 0
) -> Packed:
    """Choose from ``hits``, best first, what fits into ``budget``.

    :param measure: size of a text; the sum over the chosen text, each with a line break, stays within
        ``budget``.
    :param neighbours: how many sentences of the same segment, on either side of a strong hit, compete with
        the hits: often the hit says "this" or "he" and the sentence before it says what or who.
    """
    rows = store.units(hit.unit_id for hit in hits)
    found = [hit for hit in hits if hit.unit_id in rows]
    chosen: dict[int, _Piece] = {}
    said: dict[str, _Piece] = {}
    left = budget
    for unit in _by_worth(store, found, rows, neighbours):
        words = letters(unit.text)
        if words in said and _document(unit) != _document(said[words].unit):
            said[words].copies.append(unit)
            continue
        size = measure(unit.text + "\n")
        if size <= left:
            chosen[unit.unit_id] = _Piece(unit, unit.text)
            if len(words) >= _TELLING:
                said.setdefault(words, chosen[unit.unit_id])
            left -= size
            continue
        cut = _cut(unit.text, left, measure) if left > _WORTH_CUTTING * budget else ""
        if cut:
            chosen[unit.unit_id] = _Piece(unit, cut)
        break
    documents = {
        document: rank for rank, document in enumerate(dict.fromkeys(_document(rows[hit.unit_id]) for hit in found))
    }
    ordered = sorted(chosen.values(), key=lambda piece: (documents[_document(piece.unit)], piece.unit.ordinal))
    return Packed(tuple(_passages(ordered)))


def _document(unit: UnitRow) -> tuple[str, str]:
    return unit.kb, unit.doc_id


def _by_worth(
    store: Store | UnionStore, hits: Sequence[Hit], rows: dict[int, UnitRow], neighbours: int
) -> list[UnitRow]:
    """Order hits and their neighbours by what they are worth."""
    units = dict(rows)
    own = {hit.unit_id: hit.why.fused for hit in hits}
    worth = dict(own)
    strong = [hit for hit in hits[:_WITH_NEIGHBOURS] if hit.why.fused > 0] if neighbours else []
    segments: dict[int, list[UnitRow]] = {}
    for unit in store.inside({parent for hit in strong if (parent := rows[hit.unit_id].parent) is not None}):
        segments.setdefault(unit.parent or 0, []).append(unit)
    # Rows are understood alone: what introduces their table brings them in only where the search chose none of them.
    chosen = {rows[hit.unit_id].parent for hit in hits if rows[hit.unit_id].kind == "row"}
    for hit in strong:
        row = rows[hit.unit_id]
        for unit in segments.get(row.parent or 0, ()):
            distance = abs(unit.ordinal - row.ordinal)
            alone = unit.kind == "row" and unit.parent in chosen
            if 0 < distance <= neighbours and unit.level == row.level and not alone:
                units.setdefault(unit.unit_id, unit)
                share = hit.why.fused * _NEIGHBOUR_SHARE**distance + _OWN_SHARE * max(own.get(unit.unit_id, 0), 0)
                worth[unit.unit_id] = max(worth.get(unit.unit_id, share), share)
    return [units[unit_id] for unit_id in sorted(worth, key=lambda unit_id: -worth[unit_id])]


def _cut(text: str, size: int, measure: Measure) -> str:
    """Give a beginning of ``text`` that fits into ``size`` with a line break, found by bisection."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle] + "\n") <= size:
            low = middle
        else:
            high = middle - 1
    return text[:low]


def _passages(pieces: list[_Piece]) -> list[Passage]:
    passages: list[Passage] = []
    group: list[_Piece] = []
    for piece in pieces:
        if group and piece.unit.parent != group[-1].unit.parent:
            passages.append(_passage(len(passages) + 1, group))
            group = []
        group.append(piece)
    if group:
        passages.append(_passage(len(passages) + 1, group))
    return passages


def _passage(n: int, pieces: list[_Piece]) -> Passage:
    first = pieces[0].unit
    text = pieces[0].text
    for before, piece in pairwise(pieces):
        # A line without a stop, such as a table's row that no loader knew for one, must not run into the next.
        apart = before.stands_alone or piece.unit.kind in ("row", "list") or text[-1:] not in _STOPS
        latin = text[-1:].isascii()
        text += ("\n" if apart else " " if latin else "") + piece.text
    spans = tuple(
        Span(p.unit.unit_id, p.unit.start, p.unit.start + len(p.text), p.text, p.unit.page, tuple(p.copies))
        for p in pieces
    )
    return Passage(n, first.doc_id, first.document, first.heading_path, first.page, text, spans, first.kb)
