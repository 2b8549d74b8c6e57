"""Names that a question asks about and the text that was found for it does not hold.

A text about another person, product or film of the same kind has the question's words and its shape, and a small
language model answers from it; that the name itself is nowhere gives it away.
"""

from __future__ import annotations

import re

from rag.checks.evidence import asked_terms
from rag.checks.fold import fold
from rag.checks.names import Name
from rag.checks.particulars import Facts, Particular, particulars
from rag.pack import Packed

_ASKING = re.compile("[什哪谁誰吗嗎呢]|多少|怎[么麼样樣]")


def unheld_names(question: str, packed: Packed) -> tuple[str, ...]:
    """Give the names and quoted words of a question that stand neither in the text nor in its headings and titles.

    Names in Chinese letters are not looked for in text without any.
    """
    above = (part for passage in packed.passages for part in (passage.document, *passage.heading_path))
    whole = "\n".join((packed.text, *above))
    text, everything = Facts(packed.text), Facts(whole)
    asked = [one for one in particulars(question) if one.kind in ("name", "quote") and text.tells_of(one)]
    unheld = [one for one in asked if not everything.hold(one) and not _is_chance(one, whole)]
    words = dict.fromkeys(question[one.start : one.end] for one in unheld)
    return tuple(word for word in words if not _only_asks(word))


def _is_chance(name: Particular, text: str) -> bool:
    """Two characters that meet by chance (天假 in 多少天假) are taken for a name at times; then both stand apart."""
    if not isinstance(name.value, Name) or name.value.latin or name.end - name.start != 2:
        return False
    folded = fold(text).text
    return all(char in folded for part in name.value.parts for char in part)


def _only_asks(word: str) -> bool:
    """Tell whether a supposed name belongs to the asking: "Also, What ...", 哪些项目."""
    return not asked_terms(word) or _ASKING.search(word) is not None
