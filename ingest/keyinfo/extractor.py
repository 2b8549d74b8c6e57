"""What every kind of key is: a function from units to the texts of their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from ingest.types import Unit


class Extractor(Protocol):
    """Gives the texts of the keys of each unit, in the order of the units; none for a unit that has none to give."""

    def __call__(self, units: Sequence[Unit], document: Sequence[Unit]) -> Iterable[list[str]]:
        """Derive keys.

        :param units: the units of one level that want keys.
        :param document: all units of their document: the unit of ordinal n is ``document[n]``.
        """
        ...


def each(texts: Callable[[Unit], list[str]]) -> Extractor:
    """Make an extractor of a function that looks at one unit alone."""
    return lambda units, document: map(texts, units)


def headed(unit: Unit, text: str) -> str:
    """Put the headings above a unit in front of ``text``, outermost first."""
    return " ".join((*unit.heading_path, text))
