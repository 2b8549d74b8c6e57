"""The characters of a PDF page and the lines they form."""

from __future__ import annotations

import ctypes
import math
import re
from collections import deque
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingest.load.lines import Frame, Line, Matrix, line

# pdfium puts these for a hyphen at the end of a line.
_HYPHENS = ("\ufffe", "\x02")
_GAP = 1.0  # of the type's height: wider gaps part columns and cells
_SLANT = math.radians(12)
_BOLD = 600
_BOLD_NAME = re.compile(rb"bold|black|heavy|cmbx|simhei|heiti|\xe9\xbb\x91\xe4\xbd\x93|\xba\xda\xcc\xe5", re.IGNORECASE)
_LONGEST_NAME = 100
_WHITE = np.array([0x7F, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000], np.uint32)
_TURNS: tuple[Matrix | None, ...] = (None, (0, 1, -1, 0, 0, 0), (-1, 0, 0, -1, 0, 0), (0, -1, 1, 0, 0, 0))


def _fast(function: object, result: type, *arguments: type) -> object:
    """Call pdfium without the cost of wrapping every argument; a page has thousands of characters."""
    return ctypes.PYFUNCTYPE(result, *arguments)(ctypes.cast(function, ctypes.c_void_p).value)  # type: ignore[arg-type]


_unicode = _fast(raw.FPDFText_GetUnicode, ctypes.c_uint, ctypes.c_void_p, ctypes.c_int)
_loose_box = _fast(raw.FPDFText_GetLooseCharBox, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


@dataclass(frozen=True, slots=True)
class Chars:
    """The characters of a page in the order of its content.

    ``boxes`` is float32, (n, 4): left, bottom, right, top in points from the lower left corner of the page as
    it is shown; ``ink`` is bool, (n,): false for white space; ``places`` is int, (n,): where pdfium counts them;
    ``width`` and ``height`` are the page's.
    """

    text: str
    boxes: np.ndarray
    ink: np.ndarray
    places: np.ndarray
    width: float
    height: float

    def only(self, chosen: np.ndarray) -> Chars:
        """Give the characters chosen by a mask or by their indices."""
        chosen = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        text = "".join([self.text[place] for place in chosen.tolist()])
        return replace(self, text=text, boxes=self.boxes[chosen], ink=self.ink[chosen], places=self.places[chosen])


def page_chars(page: pdfium.PdfPage, text_page: pdfium.PdfTextPage) -> Chars:
    """Read the characters of a page with their boxes."""
    count = text_page.count_chars()
    width, height = page.get_size()
    if not count:
        return Chars("", np.zeros((0, 4), np.float32), np.zeros(0, bool), np.zeros(0, int), width, height)
    pointer = ctypes.cast(text_page.raw, ctypes.c_void_p)
    text = text_page.get_text_range()
    if len(text) != count:  # it leaves out what it can't write
        codes = map(_unicode, repeat(pointer), range(count))  # type: ignore[call-overload]
        text = "".join(chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd" for code in codes)
    rects = np.zeros((count, 4), np.float32)  # FS_RECTF: left, top, right, bottom
    start, step = rects.ctypes.data, rects.strides[0]
    places = range(start, start + count * step, step)
    deque(map(_loose_box, repeat(pointer), range(count), places), maxlen=0)  # type: ignore[call-overload]
    points = code_points(text)
    ink = (points > 0x20) & ~np.isin(points, _WHITE)
    return Chars(text, _shown(page, rects[:, [0, 3, 2, 1]]), ink, np.arange(count), width, height)


def code_points(text: str) -> np.ndarray:
    """Give text as uint32, (n,)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _shown(page: pdfium.PdfPage, rects: np.ndarray) -> np.ndarray:
    """Move boxes from the file's coordinates to those of the page as it is shown: cropped and turned."""
    left, bottom, right, top = page.get_bbox()
    turns = page.get_rotation() // 90
    if turns == 0:
        return rects - np.array([left, bottom, left, bottom], np.float32) if left or bottom else rects
    x0, y0, x1, y1 = rects.T
    if turns == 1:
        turned = (y0 - bottom, right - x1, y1 - bottom, right - x0)
    elif turns == 2:
        turned = (right - x1, top - y1, right - x0, top - y0)
    else:
        turned = (top - y1, x0 - left, top - y0, x1 - left)
    return np.stack(turned, axis=1)


@dataclass(frozen=True, slots=True)
class PageLines:
    """The lines of a page by the direction they run in, the main one first; ``slanted`` is text left out."""

    groups: tuple[tuple[Line, ...], ...] = ()
    slanted: str = ""


def page_lines(page: pdfium.PdfPage, text_page: pdfium.PdfTextPage, chars: Chars, number: int) -> PageLines:
    """Give the lines of a page: characters that follow each other on one height without a wide gap.

    :param number: of the page, from 1.
    """
    runs = _runs(chars.text, chars.boxes, chars.ink)
    if not runs:
        return PageLines()
    turned = page.get_rotation() // 90
    directions: dict[int | None, list[int]] = {}
    ends = [*(start for start, _, _ in runs[1:]), len(chars.text)]
    for (start, _, _), end in zip(runs, ends, strict=True):
        angle = raw.FPDFText_GetCharAngle(text_page.raw, int(chars.places[start]))
        directions.setdefault(_direction(angle, turned), []).extend(range(start, end))
    if set(directions) == {0}:
        return PageLines((_lines(chars, runs, text_page, Frame(number)),))
    slanted = chars.only(np.array(directions.pop(None, []), int)).text
    groups = []
    for direction, places in sorted(directions.items(), key=lambda item: -len(item[1])):
        part = chars.only(np.array(places, int))
        matrix = _TURNS[direction or 0]
        if matrix:
            a, b, c, d, _, _ = matrix  # a turn back is the transposed matrix
            x0, y0, x1, y1 = part.boxes.T
            u0, v0, u1, v1 = a * x0 + b * y0, c * x0 + d * y0, a * x1 + b * y1, c * x1 + d * y1
            sides = (np.minimum(u0, u1), np.minimum(v0, v1), np.maximum(u0, u1), np.maximum(v0, v1))
            part = replace(part, boxes=np.stack(sides, axis=1))
        runs = _runs(part.text, part.boxes, part.ink)
        groups.append(_lines(part, runs, text_page, Frame(number, matrix)))
    return PageLines(tuple(groups), slanted)


def _direction(angle: float, turned: int) -> int | None:
    """Give the quarter turns, anticlockwise, of a character on the page as shown; None if it is slanted.

    pdfium counts its angle clockwise.
    """
    if angle < 0:
        return 0
    quarters = angle / (math.pi / 2)
    if abs(quarters - round(quarters)) * math.pi / 2 > _SLANT:
        return None
    return (-round(quarters) - turned) % 4


def _runs(text: str, rects: np.ndarray, ink: np.ndarray) -> list[tuple[int, int, int]]:
    """Give start, end and middle of the stretches of characters that make a line."""
    places = np.flatnonzero(ink)
    if not len(places):
        return []
    left, bottom, right, top = rects[places].T
    height = np.maximum(top - bottom, 0.1)
    taller = np.maximum(height[1:], height[:-1])
    overlap = np.minimum(top[1:], top[:-1]) - np.maximum(bottom[1:], bottom[:-1])
    step = left[1:] - right[:-1]
    apart = overlap < 0.25 * np.minimum(height[1:], height[:-1])
    breaks = apart | (step > _GAP * taller) | (left[1:] < left[:-1] - taller)
    cuts = np.flatnonzero(breaks) + 1
    first = np.concatenate(([0], cuts))
    last = np.concatenate((cuts, [len(places)])) - 1
    middle = (first + last + 1) // 2
    return list(zip(places[first].tolist(), (places[last] + 1).tolist(), places[middle].tolist(), strict=True))


def _lines(
    chars: Chars, runs: list[tuple[int, int, int]], text_page: pdfium.PdfTextPage, frame: Frame
) -> tuple[Line, ...]:
    lefts, rights = chars.boxes[:, 0], chars.boxes[:, 2]
    lines = []
    for start, end, middle in runs:
        text = chars.text[start:end]
        if text[-1] in _HYPHENS:
            text = text[:-1] + "-"
        edges = _edges(lefts[start:end], rights[start:end], chars.ink[start:end])
        # The middle tells the size: a line may begin with a bullet or end with a footnote mark.
        _, bottom, _, top = chars.boxes[middle].tolist()
        size = _size(text_page, int(chars.places[middle]), top - bottom)
        found = line(text, edges, bottom, top, round(size, 1), frame)
        if found:
            bold = all(_is_bold(text_page, int(chars.places[place])) for place in (middle, start, end - 1))
            lines.append(replace(found, bold=True) if bold else found)
    return tuple(lines)


def _edges(lefts: np.ndarray, rights: np.ndarray, ink: np.ndarray) -> list[float]:
    """Give the left side of every character and the right side of the last; spaces fill what is between."""
    if ink.all():
        edges = lefts
    else:
        before = np.maximum.accumulate(np.where(ink, rights, -np.inf))
        edges = np.where(ink, lefts, before)
    return np.maximum.accumulate(np.append(edges, rights[-1])).round(2).tolist()


def _size(text_page: pdfium.PdfTextPage, place: int, height: float) -> float:
    """Give the type size of a character in points, as it is shown; its box of this height if it tells none.

    Boxes are as high as their font reaches: Chinese and Latin type of one size differ by a sixth.
    """
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(text_page.raw, place, ctypes.byref(matrix))
    size: float = raw.FPDFText_GetFontSize(text_page.raw, place) * math.hypot(matrix.c, matrix.d)
    return size if 0.5 * height < size < 2 * height else height


def _is_bold(text_page: pdfium.PdfTextPage, place: int) -> bool:
    """Tell bold type by its weight or by its font's name: fonts that aren't embedded have no weight."""
    name = ctypes.create_string_buffer(_LONGEST_NAME)
    raw.FPDFText_GetFontInfo(text_page.raw, place, name, _LONGEST_NAME, None)
    return _BOLD_NAME.search(name.value) is not None or raw.FPDFText_GetFontWeight(text_page.raw, place) >= _BOLD
