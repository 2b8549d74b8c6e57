"""Grounding: what an answer says must stand in what it was given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.checks.numbers import numbers
from rag.cite import Statement

# Below this share of words found, a statement counts as unsupported.
_SUPPORTED = 0.5
_MARKER = re.compile(r"\[\d{1,2}\]|^\s*\d{1,2}[.、)）](?=\D)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Grounding:
    """``support``, 0 to 1, is the mean over the statements, by length; the others name what is wrong."""

    grounded: bool
    support: float
    unsupported: tuple[str, ...]
    unknown_numbers: tuple[str, ...]


def grounding(answer: str, statements: Sequence[Statement], context: str, question: str) -> Grounding:
    """Check the statements of an answer and every number in it.

    :param context: the text that the model was given; a number counts as known if it stands there or in
        ``question``.
    """
    length = sum(statement.end - statement.start for statement in statements)
    support = sum(s.support * (s.end - s.start) for s in statements) / length if length else 0.0
    weak = tuple(answer[s.start : s.end] for s in statements if s.support < _SUPPORTED)
    unknown = tuple(sorted(numbers(_without_markers(answer)) - numbers(context) - numbers(question)))
    return Grounding(not weak and not unknown, round(support, 4), weak, unknown)


def _without_markers(answer: str) -> str:
    """List numbers and citation marks are the answer's own."""
    return _MARKER.sub("", answer)
