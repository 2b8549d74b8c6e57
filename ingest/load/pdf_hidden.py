"""Text of a PDF page that a reader can't see."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingest.load.pdf_drawing import Drawing, Fill, Painted
from ingest.load.pdf_lines import Chars

_SMALLEST = 1.0  # points
_LIGHT = 235
_TRANSPARENT = 25
_SAME_COLOUR = 24
_CONTRAST = 20  # of 255 steps of grey: less is not seen
_SCALE = 2.0
_CHINESE = "\u2e80"


def hidden_chars(
    page: pdfium.PdfPage, text_page: pdfium.PdfTextPage, chars: Chars, drawn: Drawing, *, layered: bool
) -> np.ndarray:
    """Tell the characters that can't be seen: bool, (n,).

    Too small, off the page or drawn invisibly is certain; a word that the page's edge cuts is taken whole. What is
    light, transparent or lies under or on something of its colour is looked at: if the drawn page has no contrast
    there, it can't be seen.

    :param layered: the page is a picture; what lies invisibly or under it where the picture shows something is
        taken for the text that is seen there.
    """
    left, bottom, right, top = chars.boxes.T
    x, y = (left + right) / 2, (bottom + top) / 2
    off = (x < 0) | (x > chars.width) | (y < 0) | (y > chars.height)
    # A box turned by a quarter is as wide as the type is high.
    small = np.maximum(top - bottom, right - left) < _SMALLEST
    hidden = chars.ink & (_without_cut_words(chars, off) | small)
    texts = drawn.texts
    drawn_not = [text for text in texts if text.invisible]
    doubtful = [text for text in texts if not text.invisible and _is_faint(text)]
    doubtful += _covered([text for text in texts if not text.invisible], drawn.fills)
    if not drawn_not and not doubtful:
        return hidden
    objects = _objects(text_page, chars)
    if layered:
        return hidden | _beside_ink(page, chars, _of(objects, drawn_not + doubtful) & ~hidden, objects)
    hidden |= _of(objects, drawn_not)
    asked = _of(objects, doubtful) & ~hidden
    if asked.any():
        hidden |= _without_contrast(page, chars, asked)
    return hidden


def _without_cut_words(chars: Chars, off: np.ndarray) -> np.ndarray:
    """Take out of the characters off the page those that end a word which begins on it, and marks behind it.

    Chinese has no spaces to tell where a word ends, so only its marks are taken out.
    """
    hidden = off.copy()
    for place in np.flatnonzero(off & chars.ink).tolist():
        char = chars.text[place]
        follows = place > 0 and chars.ink[place - 1] and not hidden[place - 1]
        if follows and (char < _CHINESE or not char.isalnum()) and _are_joined(*chars.boxes[place - 1 : place + 1]):
            hidden[place] = False
    return hidden


def _are_joined(box: np.ndarray, other: np.ndarray) -> bool:
    overlap = min(box[3], other[3]) - max(box[1], other[1])
    return bool(overlap > 0.5 * (other[3] - other[1]) and abs(other[0] - box[2]) < other[3] - other[1])


def _objects(text_page: pdfium.PdfTextPage, chars: Chars) -> np.ndarray:
    """Give the addresses of the text objects that draw the characters: uint64, (n,), 0 for white space."""
    found = np.zeros(len(chars.ink), np.uint64)
    for place in np.flatnonzero(chars.ink).tolist():
        one = raw.FPDFText_GetTextObject(text_page.raw, place)
        found[place] = ctypes.cast(one, ctypes.c_void_p).value or 0
    return found


def _of(objects: np.ndarray, texts: Sequence[Painted]) -> np.ndarray:
    return np.isin(objects, np.array([text.address for text in texts if text.address], np.uint64))


def _beside_ink(page: pdfium.PdfPage, chars: Chars, asked: np.ndarray, objects: np.ndarray) -> np.ndarray:
    """Tell the asked characters of text objects that lie, for the most part, where the picture shows nothing.

    The text layer of a scan lies on the words it repeats, if not to the point; so objects are judged whole.
    """
    if not asked.any():
        return asked
    bare = _without_contrast(page, chars, asked)
    addresses, group = np.unique(objects[asked], return_inverse=True)
    share = np.bincount(group, bare[asked]) / np.bincount(group)
    return asked & np.isin(objects, addresses[share > 0.5])


def _is_faint(text: Painted) -> bool:
    return min(text.colour[:3]) >= _LIGHT or text.colour[3] <= _TRANSPARENT


def _covered(texts: Sequence[Painted], fills: Sequence[Fill]) -> list[Painted]:
    """Give the texts that lie under a fill or an image, or on a fill of their colour."""
    if not texts or not fills:
        return []
    areas = np.array([fill.rect for fill in fills], np.float32).T
    orders = np.array([fill.order for fill in fills])
    colours = np.array([fill.colour[:3] if fill.colour else (1000, 1000, 1000) for fill in fills])
    found = []
    for text in texts:
        left, bottom, right, top = text.rect or (0, 0, 0, 0)
        meets = (areas[0] < right) & (left < areas[2]) & (areas[1] < top) & (bottom < areas[3])
        if not meets.any():
            continue
        alike = np.abs(colours[meets] - text.colour[:3]).max(axis=1) <= _SAME_COLOUR
        if (alike | (orders[meets] > text.order)).any():
            found.append(text)
    return found


def _without_contrast(page: pdfium.PdfPage, chars: Chars, asked: np.ndarray) -> np.ndarray:
    """Draw the page and tell the asked characters whose place on it is of one shade."""
    picture = page.render(scale=_SCALE, grayscale=True).to_numpy()
    grey = picture.reshape(picture.shape[:2])
    height = grey.shape[0]
    found = np.zeros(len(asked), bool)
    for place in np.flatnonzero(asked).tolist():
        left, bottom, right, top = chars.boxes[place].tolist()
        rows = slice(max(0, int(height - top * _SCALE)), max(0, int(height - bottom * _SCALE) + 1))
        columns = slice(max(0, int(left * _SCALE)), max(0, int(right * _SCALE) + 1))
        shades = grey[rows, columns]
        found[place] = not shades.size or int(shades.max()) - int(shades.min()) < _CONTRAST
    return found
