"""Keys for sentences that point back: the sentence before says what or who is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.keyinfo.context import without_addresses
from ingest.keyinfo.extractor import headed
from ingest.types import Unit

_CONNECTIVE = (
    "而且|而|但是|但|因此|所以|不過|不过|然而|後來|后来|隨後|随后|之後|之后|此後|此后|其後|其后|於是|于是|同時|同时|"
    "另外|此外|並且|并且|也|還|还|則|则|當時|当时|"
    "(?:However|Therefore|Thus|But|And|Also|In addition|Moreover|Furthermore|Later|Then|Meanwhile|Afterwards|"
    r"Consequently|Instead|Nevertheless)\b"
)
_POINTER = (
    "此|这|這|其|他|她|它|牠|該|该|同|之|上述|前者|後者|后者|兩者|两者|"
    r"(?:They|He|She|It|This|These|That|Those|His|Her|Its|Their|Such|Both)\b"
)
_POINTS_BACK = re.compile(rf"[「『“\"(（]?(?:(?:{_CONNECTIVE})[，,]?\s?)?(?:{_POINTER})|(?:{_CONNECTIVE})")


def antecedent(units: Sequence[Unit], document: Sequence[Unit]) -> Iterator[list[str]]:
    """Give a sentence that begins with a pronoun or a connective a key with the sentence before it.

    The question names the person; the sentence says "he". The key maps to the one sentence that it ends in.
    """
    for unit in units:
        before = _before(unit, document) if _POINTS_BACK.match(unit.text) else None
        yield [headed(unit, without_addresses(f"{before.text} {unit.text}"))] if before else []


def _before(unit: Unit, document: Sequence[Unit]) -> Unit | None:
    """Give the unit of the same level before ``unit`` under the same headings."""
    ordinal = unit.ordinal - 1
    while ordinal >= 0 and document[ordinal].level != unit.level:
        ordinal -= 1
    before = document[ordinal] if ordinal >= 0 else None
    return before if before and before.heading_path == unit.heading_path else None
