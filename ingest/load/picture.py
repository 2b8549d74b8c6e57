"""Pictures as one sees them: upright, on white, in colour; their pages one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from ingest.errors import LoadError
from ingest.load.damage import DAMAGE
from ingest.load.signature import looks_like

_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
_HEAD = 32
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


class Picture:
    """An open image file; the pages of a TIFF count, of other formats the first picture alone."""

    def __init__(self, image: Image.Image, name: str) -> None:
        self._image = image
        self._name = name
        with _faults_of(name):
            self.pages = int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1

    def page(self, number: int) -> Image.Image:
        """Give a page, counted from 1, as RGB: turned as the camera says, what is transparent white.

        :raises LoadError: if it is damaged, or so large that it may be a bomb.
        """
        with _faults_of(self._name):
            self._image.seek(number - 1)
            _check_size(self._image, self._name)
            return _in_colour(ImageOps.exif_transpose(self._image))


@contextmanager
def opened_picture(path: Path, name: str | None = None) -> Iterator[Picture]:
    """Open an image file, whatever its suffix says of its format.

    :param name: what errors call the file.
    :raises LoadError: if it is no image of a known format, damaged or too large.
    """
    name = name or path.name
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(0)
        real = looks_like(head)
        if real and "image" not in real:
            raise LoadError(f"{name}: is no image but {real}: give it the right suffix")
        with _faults_of(name):
            Image.init()  # with formats named, Pillow does not look for the readers that it has not loaded yet
            image = Image.open(file, formats=_FORMATS)
        with image:
            yield Picture(image, name)


def _check_size(image: Image.Image, name: str) -> None:
    most = Image.MAX_IMAGE_PIXELS
    if most and image.width * image.height > most:
        raise LoadError(
            f"{name}: has {image.width} x {image.height} pixels, over {most / 1e6:.0f} million: save it smaller"
        )


@contextmanager
def _faults_of(name: str) -> Iterator[None]:
    try:
        yield
    except _BOMB as error:
        most = (Image.MAX_IMAGE_PIXELS or 0) / 1e6
        raise LoadError(f"{name}: has far over {most:.0f} million pixels: save it smaller") from error
    except DAMAGE as error:
        raise LoadError(f"{name}: is a damaged image, or of a format that can't be read: save it as PNG") from error


def _in_colour(image: Image.Image) -> Image.Image:
    if image.mode[0] in "IF":  # 16 or 32 bits: what there is from black to white
        values = np.asarray(image, np.float64)
        low, high = float(values.min()), float(values.max())
        return Image.fromarray(((values - low) * 255 / max(high - low, 1e-9)).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")
