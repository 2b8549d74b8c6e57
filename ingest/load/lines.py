"""Lines of text on a page, joined to text that knows where each of its characters stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.load.clean import clean, join_lines
from ingest.types import Box

# x' = a x + c y + e, y' = b x + d y + f
Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """How reading coordinates, in which text runs to the right, lie on a page; without matrix they are the page's."""

    page: int
    matrix: Matrix | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of clean text, or the part of one that stands in a column or cell.

    ``edges`` holds the left side of every character and the right side of the last one; with ``bottom`` and
    ``top`` they are points (pixels for an image), upwards from the page's foot. ``size`` is the type's height.
    """

    text: str
    edges: tuple[float, ...]
    bottom: float
    top: float
    size: float
    frame: Frame
    bold: bool = False

    @property
    def left(self) -> float:
        return self.edges[0]

    @property
    def right(self) -> float:
        return self.edges[-1]

    @property
    def middle(self) -> float:
        return (self.bottom + self.top) / 2


def line(raw: str, edges: Sequence[float], bottom: float, top: float, size: float, frame: Frame) -> Line | None:
    """Make a line of text as it was found; none if nothing is left of it.

    :param edges: one number more than ``raw`` has characters.
    """
    text, kept = clean(raw), edges
    if text != raw:
        text, kept = _cleaned(raw, edges)
    return Line(text, tuple(kept), bottom, top, size, frame) if text else None


def _cleaned(raw: str, edges: Sequence[float]) -> tuple[str, list[float]]:
    """Clean character by character: the same as :func:`clean`, with the edges of what is left."""
    chars: list[str] = []
    kept: list[float] = []
    right = edges[0]
    for place, char in enumerate(raw):
        left, end = edges[place], edges[place + 1]
        if char.isspace():
            piece = " " if chars and chars[-1] != " " else ""
        else:
            piece, right = clean(char), end
        for number, one in enumerate(piece):  # a ligature becomes several characters
            chars.append(one)
            kept.append(left + (end - left) * number / len(piece))
    if chars and chars[-1] == " ":
        chars.pop()
        kept.pop()
    return "".join(chars), [*kept, right]


def side_by_side(parts: Sequence[Line]) -> Line:
    """Make one line of parts that stand in a row, from left to right."""
    if len(parts) == 1:
        return parts[0]
    longest = max(parts, key=lambda part: len(part.text))
    return replace(
        longest,
        text=" ".join(part.text for part in parts),
        edges=tuple(edge for part in parts for edge in part.edges),
        bottom=min(part.bottom for part in parts),
        top=max(part.top for part in parts),
        bold=all(part.bold for part in parts),
    )


@dataclass(frozen=True, slots=True)
class Placed:
    """Text of joined lines; each piece (start, end, line) says which line the characters come from."""

    text: str
    pieces: tuple[tuple[int, int, Line], ...]


def joined(lines: Sequence[Line]) -> Placed:
    """Join the lines of a paragraph like :func:`ingest.load.clean.join_lines`, keeping their places."""
    texts: list[str] = []
    pieces: list[tuple[int, int, Line]] = []
    end = 0
    tail = ""
    for one in lines:
        # The seam depends on the last two characters and the next one alone.
        seam = join_lines([tail, one.text[:1]])[:-1] if tail else ""
        if len(seam) < len(tail):  # a hyphen that only cut a word
            start, end, above = pieces[-1]
            end -= 1
            pieces[-1] = (start, end, above)
            texts[-1] = texts[-1][:-1]
            tail = tail[:-1]
        else:
            texts.append(seam[len(tail) :])
            end += len(texts[-1])
            tail += texts[-1]
        pieces.append((end, end + len(one.text), one))
        texts.append(one.text)
        end += len(one.text)
        tail = (tail + one.text)[-2:].lstrip()
    return Placed("".join(texts), tuple(pieces))


def boxes(placed: Placed, shift: int = 0) -> tuple[Box, ...]:
    """Give the boxes of a text that begins at ``shift`` in its block."""
    return tuple(
        box for start, end, one in placed.pieces if end > start for box in _boxes(one, start + shift, end + shift)
    )


def _boxes(one: Line, start: int, end: int) -> list[Box]:
    edges, page = one.edges[: end - start + 1], one.frame.page
    if one.frame.matrix is None:
        return [Box(page, start, end, one.bottom, one.top, edges)]
    turned = []  # a box lies along the page's foot: turned text gets one for each character
    for place in range(end - start):
        left, bottom, right, top = placed_on_page(
            one.frame.matrix, (edges[place], one.bottom, edges[place + 1], one.top)
        )
        turned.append(Box(page, start + place, start + place + 1, bottom, top, (left, right)))
    return turned


def placed_on_page(matrix: Matrix, rectangle: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Give left, bottom, right, top of the rectangle that holds a rectangle's image."""
    a, b, c, d, e, f = matrix
    left, bottom, right, top = rectangle
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (left, right) for y in (bottom, top)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)
