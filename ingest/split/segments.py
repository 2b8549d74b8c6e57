"""Cut a run of sentences into segments where its bonds are weak, within limits of length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ingest.split.gaps import BOUND

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Limits:
    """Shortest and longest segment in tokens, and how a longer one is cut.

    ``bisect`` cuts at the weakest bond, and again until the pieces fit; ``forward`` fills each piece from
    front to back.
    """

    minimum: int
    maximum: int
    cut: Literal["bisect", "forward"]


def segment_spans(sizes: Sequence[int], bonds: Sequence[float], limits: Limits) -> list[Span]:
    """Give the segments of a run of sentences as (first, behind the last).

    From front to back, neighbours with a bond above 0 are merged; what grows too long is cut again; what
    stays too short joins the neighbour with the stronger bond, if both fit into one. A single sentence may
    be longer than the maximum.

    :param sizes: tokens of each sentence, (n,).
    :param bonds: bond before each sentence but the first, (n - 1,).

    >>> segment_spans([50, 50, 50, 50], [0.9, -0.2, 0.8], Limits(20, 400, "bisect"))
    [(0, 2), (2, 4)]
    """
    if not sizes:
        return []
    totals = np.concatenate([[0], np.cumsum(sizes)])
    cuts = [0, *(i for i, bond in enumerate(bonds, 1) if bond <= 0), len(sizes)]
    shorten = _bisected if limits.cut == "bisect" else _filled
    strengths = np.asarray(bonds, np.float32)
    fitting = [part for span in pairwise(cuts) for part in shorten(span, totals, strengths, limits)]
    return _joined(fitting, totals, strengths, limits)


def _filled(span: Span, totals: NDArray[np.int64], bonds: NDArray[np.float32], limits: Limits) -> Iterator[Span]:
    first, end = span
    while totals[end] - totals[first] > limits.maximum and end - first > 1:
        fitting = int(np.searchsorted(totals, totals[first] + limits.maximum, "right")) - 1
        loose = [place for place in range(first + 1, fitting + 1) if bonds[place - 1] < BOUND / 2]
        cut = loose[-1] if loose else max(fitting, first + 1)
        yield first, cut
        first = cut
    yield first, end


def _bisected(span: Span, totals: NDArray[np.int64], bonds: NDArray[np.float32], limits: Limits) -> Iterator[Span]:
    waiting = [span]
    while waiting:
        first, end = waiting.pop()
        if totals[end] - totals[first] <= limits.maximum or end - first == 1:
            yield first, end
            continue
        places = np.arange(first + 1, end)
        left, right = totals[places] - totals[first], totals[end] - totals[places]
        # A cut that leaves too little on one side would only be mended again.
        roomy = places[np.minimum(left, right) >= limits.minimum]
        places = roomy if len(roomy) else places
        uneven = np.abs(2 * totals[places] - totals[first] - totals[end])
        cut = int(places[np.lexsort((uneven, bonds[places - 1]))[0]])
        waiting += [(cut, end), (first, cut)]


def _joined(spans: list[Span], totals: NDArray[np.int64], bonds: NDArray[np.float32], limits: Limits) -> list[Span]:
    kept: list[Span] = []
    for place, (first, end) in enumerate(spans):
        if kept:
            before = kept[-1]
            fits = totals[end] - totals[before[0]] <= limits.maximum
            # A short one before is still here because it waits for this one.
            waits = totals[before[1]] - totals[before[0]] < limits.minimum
            last = place == len(spans) - 1
            leans = totals[end] - totals[first] < limits.minimum and (last or bonds[first - 1] > bonds[end - 1])
            if fits and (waits or leans):
                kept[-1] = (before[0], end)
                continue
        kept.append((first, end))
    return kept
