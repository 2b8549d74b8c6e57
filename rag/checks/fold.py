"""Fold text for comparison, and keep where each folded character came from."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from ingest.index.terms import folded

# Hyphens of all kinds, and the dash that joins two names or ends a range, are one sign.
_HYPHENS = dict.fromkeys(range(0x2010, 0x2014), "-")


@dataclass(frozen=True, slots=True)
class Folded:
    """Text without differences of width, case, hyphens and traditional or simplified characters.

    ``origin[i]`` is the offset, in the text as it was, of the character that ``text[i]`` came from.
    """

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the offsets, in the text as it was, of ``text[start:end]``."""
        return self.origin[start], self.origin[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold a text character by character, then as a whole, so that phrases decide between characters.

    >>> folded_text = fold("第①章　ＡＢ漢語")
    >>> folded_text.text, folded_text.span(4, 6)
    ('第1章 ab汉语', (4, 6))
    """
    pieces = [unicodedata.normalize("NFKC", char).lower() for char in text.translate(_HYPHENS)]
    origin = tuple(i for i, piece in enumerate(pieces) for _ in piece)
    joined = "".join(pieces)
    whole = folded(joined)
    if len(whole) != len(joined):  # a phrase whose length changes: every character for itself
        whole = "".join(one if len(one := folded(char)) == 1 else char for char in joined)
    return Folded(whole, origin)
