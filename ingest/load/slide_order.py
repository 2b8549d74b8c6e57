"""The order in which people read what stands on a slide: columns from left to right, each from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """Something with its place, in any unit."""

    item: T
    left: float
    top: float
    right: float
    bottom: float


def in_reading_order(placed: Sequence[Placed[T]]) -> list[T]:
    """Order things by cutting the slide (XY cut): between columns where a gap goes all the way down, else off the top.

    >>> left, right = [Placed("a2", 0, 4, 4, 5), Placed("a1", 0, 2, 4, 3)], [Placed("b1", 5, 2, 9, 3)]
    >>> in_reading_order([*right, *left, Placed("head", 0, 0, 9, 1)])
    ['head', 'a1', 'a2', 'b1']
    """
    if len(placed) < 2:
        return [one.item for one in placed]
    first, rest = _cut(placed, lambda one: one.left, lambda one: one.right)
    if not rest:
        first, rest = _cut(placed, lambda one: one.top, lambda one: one.bottom)
    if not rest:
        return [one.item for one in sorted(placed, key=lambda one: (one.top, one.left))]
    return in_reading_order(first) + in_reading_order(rest)


def _cut(
    placed: Sequence[Placed[T]], begin: Callable[[Placed[T]], float], end: Callable[[Placed[T]], float]
) -> tuple[list[Placed[T]], list[Placed[T]]]:
    """Part what stands before the first gap from what stands behind it; a slight overlap is no matter."""
    ordered = sorted(placed, key=begin)
    slack = 0.02 * (max(map(end, ordered)) - begin(ordered[0]))
    reach = end(ordered[0])
    for place, one in enumerate(ordered[1:], 1):
        if begin(one) >= reach - slack:
            return ordered[:place], ordered[place:]
        reach = max(reach, end(one))
    return ordered, []
