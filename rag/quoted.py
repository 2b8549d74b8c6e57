"""Tell whether a text holds what a question quotes word for word."""

from __future__ import annotations

import re

from ingest.index.terms import letters

# Letters that a quotation needs; fewer are found by chance.
_LEAST = 8
_MARKED = re.compile('[“"「『«](.{4,}?)[”"」』»]')


class Quotes:
    """What a question may quote: what stands in quotation marks, or else all of it.

    >>> Quotes("年假要提前一周申请，未休的").stand_in("年假要提前一周申请，未休的可以顺延。")
    True
    >>> Quotes("谁说过“知识就是力量，学习”？").stand_in("他说：知识就是力量，学习就是进步。")
    True
    """

    def __init__(self, question: str) -> None:
        quoted = [*_MARKED.findall(question), question]
        self._quotes = [quote for text in quoted if len(quote := letters(text)) >= _LEAST]

    def stand_in(self, text: str) -> bool:
        """Tell whether ``text`` holds a quotation, or is a good part of one that runs over several sentences."""
        held = letters(text)
        return any(
            quote in held or (len(held) >= max(_LEAST, len(quote) / 3) and held in quote) for quote in self._quotes
        )
