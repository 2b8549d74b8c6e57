"""What is drawn on a PDF page besides the characters: rules, fills, images, and how its text is painted."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw

Rect = tuple[float, float, float, float]  # left, bottom, right, top in points, as the page is shown
Colour = tuple[int, int, int, int]

_THIN = 3.0
_SHORTEST_RULE = 6.0
_MOST_OBJECTS = 20_000
_MOST_SEGMENTS = 5_000
_DEEPEST = 4
_IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Painted:
    """A text object: where it stands in the order of drawing, its colour and whether it is drawn at all."""

    order: int
    colour: Colour
    invisible: bool
    address: int
    rect: Rect | None = None  # None where nothing is drawn that could hide it


@dataclass(frozen=True, slots=True)
class Fill:
    order: int
    rect: Rect
    colour: Colour | None  # None: an image


@dataclass(slots=True)
class Drawing:
    """``across`` and ``upright`` are rules: (height, left, right) and (place, bottom, top)."""

    texts: list[Painted] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    across: list[tuple[float, float, float]] = field(default_factory=list)
    upright: list[tuple[float, float, float]] = field(default_factory=list)
    paths: int = 0

    def images(self) -> list[Rect]:
        return [fill.rect for fill in self.fills if fill.colour is None]


def drawing(page: pdfium.PdfPage) -> Drawing:
    """Look at every object of a page once."""
    reader = _Reader(page)
    reader.read(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, _IDENTITY, 0)
    return reader.finished()


class _Reader:
    def __init__(self, page: pdfium.PdfPage) -> None:
        self.found = Drawing()
        self._seen = 0
        self._segments = 0
        self._turns = page.get_rotation() // 90
        self._bbox = page.get_bbox()
        self._texts: list[tuple[Any, tuple[float, ...]]] = []
        # A page may hold thousands of objects: places for answers are made once.
        self._floats = [ctypes.c_float() for _ in range(4)]
        self._to_floats = [ctypes.byref(value) for value in self._floats]
        self._ints = [ctypes.c_uint() for _ in range(4)]
        self._to_ints = [ctypes.byref(value) for value in self._ints]

    def finished(self) -> Drawing:
        if self.found.fills:
            rects = [self._rect(one, matrix) for one, matrix in self._texts]
            pairs = zip(self.found.texts, rects, strict=True)
            self.found.texts = [replace(text, rect=rect) for text, rect in pairs]
        return self.found

    def read(self, parent: object, count: object, get: object, matrix: tuple[float, ...], depth: int) -> None:
        for index in range(count(parent)):  # type: ignore[operator]
            if self._seen >= _MOST_OBJECTS:
                return
            self._seen += 1
            one = get(parent, index)  # type: ignore[operator]
            kind = raw.FPDFPageObj_GetType(one)
            if kind == raw.FPDF_PAGEOBJ_TEXT:
                self._text(one, matrix)
            elif kind == raw.FPDF_PAGEOBJ_PATH:
                self._path(one, matrix)
            elif kind == raw.FPDF_PAGEOBJ_IMAGE:
                self.found.fills.append(Fill(self._seen, self._rect(one, matrix), None))
            elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
                inner = _times(_matrix(one), matrix)
                self.read(one, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, inner, depth + 1)

    def _text(self, one: Any, matrix: tuple[float, ...]) -> None:
        mode = raw.FPDFTextObj_GetTextRenderMode(one)
        stroked = mode in (raw.FPDF_TEXTRENDERMODE_STROKE, raw.FPDF_TEXTRENDERMODE_STROKE_CLIP)
        colour = self._colour(one, raw.FPDFPageObj_GetStrokeColor if stroked else raw.FPDFPageObj_GetFillColor)
        invisible = mode in (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
        address = ctypes.cast(one, ctypes.c_void_p).value or 0
        self.found.texts.append(Painted(self._seen, colour, invisible, address))
        self._texts.append((one, matrix))

    def _path(self, one: object, matrix: tuple[float, ...]) -> None:
        self.found.paths += 1
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        raw.FPDFPath_GetDrawMode(one, ctypes.byref(fill), ctypes.byref(stroke))
        if not fill.value and not stroke.value:
            return
        rect = self._rect(one, matrix)
        left, bottom, right, top = rect
        if right - left <= _THIN or top - bottom <= _THIN:
            self._rule(left, bottom, right, top)
            return
        segments = raw.FPDFPath_CountSegments(one)
        if fill.value:
            colour = self._colour(one, raw.FPDFPageObj_GetFillColor)
            if colour[3] > 200 and segments <= 6:
                self.found.fills.append(Fill(self._seen, rect, colour))
        if stroke.value and self._segments + segments <= _MOST_SEGMENTS:
            self._segments += segments
            self._outline(one, segments, _times(_matrix(one), matrix))

    def _outline(self, one: object, segments: int, matrix: tuple[float, ...]) -> None:
        """Take the straight parts of a stroked path for rules: grids and boxes are drawn so."""
        x, y = ctypes.c_float(), ctypes.c_float()
        first = last = (0.0, 0.0)
        for number in range(segments):
            segment = raw.FPDFPath_GetPathSegment(one, number)
            raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
            kind = raw.FPDFPathSegment_GetType(segment)
            here = self._shown(*_point(matrix, x.value, y.value))
            if kind == raw.FPDF_SEGMENT_MOVETO:
                first = here
            elif kind == raw.FPDF_SEGMENT_LINETO:
                self._stroke(last, here)
            last = here
            if raw.FPDFPathSegment_GetClose(segment):
                self._stroke(here, first)

    def _stroke(self, one: tuple[float, float], other: tuple[float, float]) -> None:
        left, right = sorted((one[0], other[0]))
        bottom, top = sorted((one[1], other[1]))
        if right - left <= _THIN or top - bottom <= _THIN:
            self._rule(left, bottom, right, top)

    def _rule(self, left: float, bottom: float, right: float, top: float) -> None:
        if right - left > max(_SHORTEST_RULE, top - bottom):
            self.found.across.append(((bottom + top) / 2, left, right))
        elif top - bottom > max(_SHORTEST_RULE, right - left):
            self.found.upright.append(((left + right) / 2, bottom, top))

    def _rect(self, one: object, matrix: tuple[float, ...]) -> Rect:
        if not raw.FPDFPageObj_GetBounds(one, *self._to_floats):
            return 0.0, 0.0, 0.0, 0.0
        left, bottom, right, top = [value.value for value in self._floats]
        if matrix is not _IDENTITY:
            corners = [_point(matrix, x, y) for x in (left, right) for y in (bottom, top)]
            xs, ys = [x for x, _ in corners], [y for _, y in corners]
            left, bottom, right, top = min(xs), min(ys), max(xs), max(ys)
        (x0, y0), (x1, y1) = self._shown(left, bottom), self._shown(right, top)
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def _shown(self, x: float, y: float) -> tuple[float, float]:
        left, bottom, right, top = self._bbox
        places = ((x - left, y - bottom), (y - bottom, right - x), (right - x, top - y), (top - y, x - left))
        return places[self._turns]

    def _colour(self, one: object, get: object) -> Colour:
        if not get(one, *self._to_ints):  # type: ignore[operator]
            return 0, 0, 0, 255
        red, green, blue, alpha = [value.value for value in self._ints]
        return red, green, blue, alpha


def _matrix(one: object) -> tuple[float, ...]:
    matrix = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(one, ctypes.byref(matrix)):
        return _IDENTITY
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _times(inner: tuple[float, ...], outer: tuple[float, ...]) -> tuple[float, ...]:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _point(matrix: tuple[float, ...], x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def covered(rects: list[Rect], width: float, height: float) -> float:
    """Give the share of a page that rectangles cover, counted on a grid of 40 by 40."""
    grid = np.zeros((40, 40), bool)
    for left, bottom, right, top in rects:
        columns = slice(max(0, round(left / width * 40)), max(0, round(right / width * 40)))
        rows = slice(max(0, round(bottom / height * 40)), max(0, round(top / height * 40)))
        grid[rows, columns] = True
    return float(grid.mean())
