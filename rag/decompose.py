"""Take a question with several parts apart, so that each part is searched for."""

from __future__ import annotations

import re

_BREAK = re.compile(
    r"(?<=[?？!！。；;])\s*|\s*(?=另外[，,]|此外[，,]|还有[，,]|還有[，,])|\s+(?=[Aa]lso,\s|[Aa]nd also\s)"
)
_CONNECTIVE = re.compile(
    r"^(?:另外|此外|还有|還有|并且|並且|同时|同時|and also|also|and|additionally|in addition)[，,：:\s]*",
    re.IGNORECASE,
)
_SHORTEST = 4


def decompose(question: str) -> list[str]:
    """Give the parts of a question, without the words that tie them; a simple question is its only part.

    >>> decompose("年假有几天？另外，病假怎么请？")
    ['年假有几天？', '病假怎么请？']
    >>> decompose("Who founded it?")
    ['Who founded it?']
    """
    parts = [_CONNECTIVE.sub("", part.strip()) for part in _BREAK.split(question)]
    parts = [part for part in parts if len(part) >= _SHORTEST]
    return parts if len(parts) > 1 else [question.strip()]
