from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench import files
from ingest.errors import LoadError
from ingest.load import load, parts

from .conftest import SETTINGS, Read
from .pdf_pages import check_boxes
from .pictures import drawn_picture, saved_as
from .samples import TextLine

ENGLISH: list[TextLine] = [
    (80, 780, 14, "The lease of the warehouse ends in March"),
    (80, 760, 14, "and may be renewed for two more years."),
]
SIMPLIFIED: list[TextLine] = [(80, 780, 14, "员工每年享有十天带薪年假，须提前三天申请。")]
TRADITIONAL: list[TextLine] = [(80, 780, 14, "員工請假須於三日內提交醫院證明文件。")]


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (ENGLISH, "The lease of the warehouse ends in March and may be renewed for two more years."),
        (SIMPLIFIED, SIMPLIFIED[0][3]),
        (TRADITIONAL, TRADITIONAL[0][3]),
    ],
)
def test_a_picture_is_read_with_places_and_confidence(lines: list[TextLine], text: str, read: Read) -> None:
    picture = drawn_picture(lines)
    document = read("合同.png", saved_as(picture))
    assert document.text == text
    assert (document.pages, document.media_type, document.title) == (1, "image/png", "合同")
    assert re.match(r"read by text recognition: page 1 \(mean confidence (?:9\d|100)%\)", document.warnings[0])
    check_boxes(document.blocks)
    box = document.blocks[0].boxes[0]
    ink = np.argwhere(np.asarray(picture.convert("L")) < 128)
    assert box.edges[0] == pytest.approx(ink[:, 1].min(), abs=12)
    assert picture.height - box.top == pytest.approx(ink[:, 0].min(), abs=12)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_photo_is_turned_as_the_camera_says(orientation: int, read: Read) -> None:
    turned = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    picture = drawn_picture(ENGLISH)
    exif = Image.Exif()
    exif[0x0112] = orientation
    document = read("a.jpg", saved_as(picture.transpose(turned[orientation]), "JPEG", exif=exif, quality=95))
    assert document.text.startswith("The lease of the warehouse")
    assert document.blocks[0].boxes[0].top > picture.height / 2  # as it is seen, not as it is stored


def test_the_pages_of_a_tiff_are_pages(read: Read) -> None:
    first, second = drawn_picture(ENGLISH), drawn_picture(SIMPLIFIED)
    document = read("fax.tiff", saved_as(first, "TIFF", save_all=True, append_images=[second]))
    assert document.pages == 2 and {block.page for block in document.blocks} == {1, 2}
    assert document.blocks[-1].text == SIMPLIFIED[0][3] and document.blocks[-1].boxes[0].page == 2


def test_a_tiff_of_too_many_pages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fax.tif"
    page = Image.new("1", (40, 40), 1)
    path.write_bytes(saved_as(page, "TIFF", save_all=True, append_images=[page] * 2))
    with pytest.raises(LoadError, match=r"fax\.tif: has 3 pages, over 2"):
        load(path, settings=SETTINGS.model_copy(update={"max_pages": 2}))


def _transparent(picture: Image.Image) -> Image.Image:
    black = Image.new("RGBA", picture.size, (0, 0, 0, 255))
    black.putalpha(picture.convert("L").point(lambda value: 255 - value))
    return black


def _deep(picture: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 16)  # twelve bits, as scanners give


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda picture: picture.convert("1"), "TIFF"),
        (lambda picture: picture.quantize(8), "PNG"),
        (_transparent, "PNG"),
        (_transparent, "WEBP"),
        (_deep, "PNG"),
        (lambda picture: picture.convert("CMYK"), "JPEG"),
        (lambda picture: picture.convert("L"), "BMP"),
    ],
)
def test_pictures_of_every_mode_are_read(change: Callable[[Image.Image], Image.Image], kind: str, read: Read) -> None:
    suffix = {"TIFF": ".tif", "JPEG": ".jpeg"}.get(kind, f".{kind.lower()}")
    assert "The lease of the warehouse" in read(f"a{suffix}", saved_as(change(drawn_picture(ENGLISH)), kind)).text


@pytest.mark.parametrize("side", [10_000, 15_000])
def test_a_bomb_is_refused_unopened(side: int, read: Read) -> None:
    bomb = saved_as(Image.new("1", (side, side)))
    assert len(bomb) < 100_000
    with pytest.raises(LoadError, match=r"^bomb\.png: has .* million.*: save it smaller"):
        read("bomb.png", bomb)


def test_what_can_not_be_read_gives_a_line(read: Read, tmp_path: Path) -> None:
    picture = saved_as(drawn_picture(ENGLISH))
    for name, content, said in (
        ("cut.png", picture[: len(picture) // 2], "is a damaged image"),
        ("white.png", saved_as(Image.new("RGB", (300, 200), "white")), "shows no text that can be read"),
        ("icon.png", saved_as(drawn_picture([(72, 700, 24, "9")])), "shows no text that can be read"),
        ("really.png", b"%PDF-1.7 and so on", "is no image but a PDF"),
    ):
        with pytest.raises(LoadError, match=f"^{name}: {said}"):
            read(name, content)
    path = tmp_path / "a.png"
    path.write_bytes(picture)
    with pytest.raises(LoadError, match=r"^a\.png: is an image and text recognition is off: set load\.ocr to auto$"):
        load(path, settings=SETTINGS.model_copy(update={"ocr": "off"}))


def test_a_picture_with_another_pictures_suffix_is_read(read: Read) -> None:
    assert "warehouse" in read("a.jpg", saved_as(drawn_picture(ENGLISH))).text


def test_a_photo_in_an_archive_and_one_in_a_mail_are_read(read: Read, tmp_path: Path) -> None:
    photo = saved_as(drawn_picture(ENGLISH), "JPEG")
    document = read("a.eml", files.eml_bytes({"photo.jpg": photo}))
    assert any("warehouse" in block.text and block.heading_path == ("photo.jpg",) for block in document.blocks)
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("photo.jpg", photo)
    for source, part in parts(archive, source="a.zip", settings=SETTINGS):
        assert isinstance(part, Path) and source == "a.zip!/photo.jpg"
        assert "warehouse" in load(part, source=source, settings=SETTINGS).text
