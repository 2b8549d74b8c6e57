"""Text recognition (OCR) of page images: PP-OCR models that the rapidocr package ships, run by ONNX Runtime."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from ingest.load.clean import width
from ingest.load.lines import Frame, Line, Matrix, line

# Detection sees the image reduced to this area; recognition reads from the image itself.
_DETECTION_PIXELS = 1_300_000
# A picture more than so many times as high as wide is cut into tiles that are reduced to no less than an eighth of
# their area, and overlap by this share.
_LONG = 3
_MOST_REDUCED = 8
_OVERLAP = 0.05
_MOST_THREADS = 4
_LEAST_SCORE = 0.5
_UPRIGHT_SCORE = 0.85
_PROBE = 6
_TALL = 1.5
_LEVEL = math.radians(0.25)
_SAME_SIZE = 1.25
_engine_lock = threading.Lock()

# Corners of a line of text as one reads it: upper left, upper right, lower right, lower left.
Quad = np.ndarray


@dataclass(frozen=True, slots=True)
class Reading:
    """Lines in the order they were found, and the mean certainty of their characters, 0 to 1."""

    lines: tuple[Line, ...]
    confidence: float


def read_image(image: np.ndarray, page: int, scale: float = 1.0) -> Reading:
    """Read the text of an image; it may be turned by quarters and skewed by some degrees.

    :param image: uint8, (height, width, 3), blue-green-red.
    :param page: the page's number, from 1.
    :param scale: pixels of the image a unit of the page.
    """
    with _engine_lock:
        detected = _detected(image)
        if not len(detected):
            return Reading((), 1.0)
        crops, quads = _crops(image, detected)
        found, upside_down = _recognised(crops)
    if upside_down:
        quads = [np.roll(quad, 2, axis=0) for quad in quads]
    kept = [(quad, one) for quad, one in zip(quads, found, strict=True) if one.score >= _LEAST_SCORE]
    if not kept:
        return Reading((), 1.0)
    height = image.shape[0]
    corners = [(quad * (1, -1) + (0, height)) / scale for quad, _ in kept]
    turn = _angle(corners)
    frame = Frame(page, _rotation(turn) if abs(turn) > _LEVEL else None)
    back = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    lines = [
        made
        for quad, (_, one) in zip(corners, kept, strict=True)
        if (made := _line(quad @ back if frame.matrix else quad, one, frame))
    ]
    letters = sum(len(one.text) for _, one in kept)
    confidence = sum(one.score * len(one.text) for _, one in kept) / letters
    return Reading(_evened(lines), confidence)


@dataclass(frozen=True, slots=True)
class _Text:
    """Recognised text; ``places`` are the middles of its characters, 0 at the line's left end and 1 at its right."""

    text: str
    score: float
    places: tuple[float, ...]


@cache
def _engine() -> Any:
    """Load the models once a process; nothing is downloaded, they come with the package."""
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.return_word_box": True,
            "Global.max_side_len": 100_000,
            "Det.limit_type": "max",
            "Det.limit_side_len": 100_000,
            "EngineConfig.onnxruntime.intra_op_num_threads": min(_MOST_THREADS, os.cpu_count() or 1),
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _detected(image: np.ndarray) -> np.ndarray:
    """Find the lines of text: float32, (n, 4, 2), corners in pixels from the upper left of the image.

    A long picture, such as that of a whole chat, is looked at in tiles: reduced as one its letters would be lost.
    """
    height, wide = image.shape[:2]
    tile = _MOST_REDUCED * _DETECTION_PIXELS // wide
    if height <= max(tile, _LONG * wide):
        return _detected_in(image)
    overlap = round(_OVERLAP * tile)
    found: list[Quad] = []
    count = math.ceil((height - overlap) / (tile - overlap))
    for top in np.linspace(0, height - tile, count).astype(int):
        bottom = top + tile
        for quad in _detected_in(image[top:bottom]) + np.array([0, top], np.float32):
            first, last = quad[:, 1].min(), quad[:, 1].max()
            # What a cut goes through is whole in the next tile or was in the one before.
            cut = (first <= top + 1 and top > 0) or (last >= bottom - 1 and bottom < height)
            if not cut and not any(_covers(other, quad.mean(axis=0)) for other in found):
                found.append(quad)
    return np.array(found, np.float32).reshape(-1, 4, 2)


def _covers(quad: Quad, point: np.ndarray) -> bool:
    return bool((quad.min(axis=0) <= point).all() and (point <= quad.max(axis=0)).all())


def _detected_in(image: np.ndarray) -> np.ndarray:
    import cv2

    height, wide = image.shape[:2]
    factor = min(1.0, math.sqrt(_DETECTION_PIXELS / (height * wide)))
    size = (max(32, round(wide * factor)), max(32, round(height * factor)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if factor < 1 else image
    found = _engine()(small, use_det=True, use_cls=False, use_rec=False)
    if getattr(found, "boxes", None) is None:
        return np.zeros((0, 4, 2), np.float32)
    quads: np.ndarray = np.asarray(found.boxes, np.float32)
    return quads * np.array([wide / small.shape[1], height / small.shape[0]], np.float32)


def _crops(image: np.ndarray, quads: np.ndarray) -> tuple[list[np.ndarray], list[Quad]]:
    """Cut out the lines, set upright; those that stand on end are turned to the left."""
    from rapidocr.utils.process_img import get_rotate_crop_image

    crops = [get_rotate_crop_image(image, quad.copy()) for quad in quads]
    turned = [np.roll(quad, -1, axis=0) if _is_tall(quad) else quad for quad in quads]
    return crops, turned


def _is_tall(quad: Quad) -> bool:
    """The same measure by which the crop is turned."""
    wide = max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[2] - quad[3]))
    high = max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2]))
    return bool(int(high) >= _TALL * int(wide))


def _recognised(crops: Sequence[np.ndarray]) -> tuple[list[_Text], bool]:
    """Read the lines, and tell whether the page stands on its head: then few of them make sense."""
    order = sorted(range(len(crops)), key=lambda place: -crops[place].shape[1])
    probe = order[:_PROBE]
    upright = _texts([crops[place] for place in probe])
    score = np.mean([one.score for one in upright])
    if score < _UPRIGHT_SCORE:
        turned = _texts([np.ascontiguousarray(crops[place][::-1, ::-1]) for place in probe])
        if np.mean([one.score for one in turned]) > score:
            rest = [np.ascontiguousarray(crops[place][::-1, ::-1]) for place in order[_PROBE:]]
            return _sorted(order, [*turned, *_texts(rest)]), True
    return _sorted(order, [*upright, *_texts([crops[place] for place in order[_PROBE:]])]), False


def _sorted(order: Sequence[int], texts: Sequence[_Text]) -> list[_Text]:
    return [text for _, text in sorted(zip(order, texts, strict=True), key=lambda pair: pair[0])]


def _texts(crops: Sequence[np.ndarray]) -> list[_Text]:
    if not crops:
        return []
    found = _engine().recognize_txt(list(crops))
    return [_text(*one) for one in zip(found.txts, found.scores, found.word_results, strict=True)]


def _text(text: str, score: float, word: Any) -> _Text:
    columns = [column for columns in word.word_cols for column in columns]
    solid = [place for place, char in enumerate(text) if not char.isspace()]
    if not text or len(columns) != len(solid) or not word.line_txt_len:
        return _Text(text, float(score), ())
    known = [(column + 0.5) / word.line_txt_len for column in columns]
    places = np.interp(range(len(text)), solid, known)
    return _Text(text, float(score), tuple(places.clip(0, 1).tolist()))


def _angle(quads: Sequence[Quad]) -> float:
    """Give the direction that text runs in, in radians from the page's foot, anticlockwise."""
    longest = sorted(quads, key=lambda quad: -float(np.linalg.norm(quad[1] - quad[0])))[:20]
    along = [quad[1] - quad[0] + quad[2] - quad[3] for quad in longest]
    angles = np.array([math.atan2(y, x) for x, y in along])
    # The median is taken around the first angle, for 180 and -180 degrees are the same.
    return float(angles[0] + np.median((angles - angles[0] + math.pi) % (2 * math.pi) - math.pi))


def _rotation(turn: float) -> Matrix:
    return math.cos(turn), math.sin(turn), -math.sin(turn), math.cos(turn), 0.0, 0.0


def _line(quad: Quad, one: _Text, frame: Frame) -> Line | None:
    left, right = float(quad[[0, 3], 0].mean()), float(quad[[1, 2], 0].mean())
    top, bottom = float(quad[[0, 1], 1].mean()), float(quad[[2, 3], 1].mean())
    if right <= left or top <= bottom:  # a line on end among lines that are not
        left, bottom, right, top = (float(value) for value in (*quad.min(axis=0), *quad.max(axis=0)))
    return line(one.text, _edges(one, left, right), bottom, top, top - bottom, frame)


def _edges(one: _Text, left: float, right: float) -> list[float]:
    """Set the borders of characters half way between their middles; without middles, by their widths."""
    if one.places:
        between = [(a + b) / 2 for a, b in zip(one.places, one.places[1:], strict=False)]
    else:
        widths = np.cumsum([width(char) for char in one.text])
        between = (widths[:-1] / max(widths[-1], 1)).tolist() if one.text else []
    return [left, *(left + (right - left) * place for place in between), right]


def _evened(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Give lines of about the same height one size: that of a found box depends on its letters."""
    order = sorted(range(len(lines)), key=lambda place: lines[place].size)
    sizes = [0.0] * len(lines)
    group: list[int] = []
    for number, place in enumerate(order):
        group.append(place)
        following = lines[order[number + 1]].size if number + 1 < len(order) else math.inf
        if following > _SAME_SIZE * lines[group[len(group) // 2]].size:
            middle = round(lines[group[len(group) // 2]].size, 1)
            for one in group:
                sizes[one] = middle
            group = []
    return tuple(replace(one, size=size) for one, size in zip(lines, sizes, strict=True))
