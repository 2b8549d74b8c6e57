"""Text recognition on clean and on poor scans: wrong characters and pages a second.

    python -m bench.ocr

Sets the project's own sample texts in type, in simplified and traditional Chinese and in English, takes pictures
of the pages as scanners and telephones do, reads them by :func:`ingest.load.ocr.read_image`, and prints a Markdown
table: edits (Levenshtein) that turn what was read into what was printed, white space aside, as a share of it, and
pages a second (median over the pages).
"""

from __future__ import annotations

import io
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import opencc
import pypdfium2
from PIL import Image, ImageFilter
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from bench.edits import edits
from ingest.load.ocr import read_image

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
_LINES = 26
_PAGES = 2
_POINTS_PER_INCH = 72


def _page(lines: list[str], size: float) -> bytes:
    chinese = any(char > "\u2e7f" for char in "".join(lines))
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.setFont("STSong-Light" if chinese else "Helvetica", size)
    for number, line in enumerate(lines):
        canvas.drawString(60, 770 - 27 * number, line)
    canvas.save()
    return buffer.getvalue()


def _picture(lines: list[str], dots: int, size: float = 12) -> Image.Image:
    document = pypdfium2.PdfDocument(_page(lines, size))
    image: Image.Image = document[0].render(scale=dots / _POINTS_PER_INCH).to_pil().convert("RGB")
    document.close()
    return image


def _noisy(image: Image.Image) -> Image.Image:
    rng = np.random.default_rng(1)
    blurred = np.asarray(image.filter(ImageFilter.GaussianBlur(1)), np.float32)
    grains = blurred + rng.normal(0, 18, blurred.shape[:2])[:, :, None]
    return _jpeg(Image.fromarray(grains.clip(0, 255).astype(np.uint8)), 30)


def _jpeg(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def _grey(image: Image.Image) -> Image.Image:
    """Grey type on darker paper that gets darker to one side."""
    pixels = np.asarray(image, np.float32)
    shade = np.linspace(200, 120, pixels.shape[1])[None, :, None]
    return Image.fromarray((shade - 70 * (1 - pixels / 255)).astype(np.uint8))


def _turned(image: Image.Image) -> Image.Image:
    return image.rotate(2, fillcolor=(255,) * 3, resample=Image.Resampling.BICUBIC)


SCANS: dict[str, Callable[[list[str]], Image.Image]] = {
    "clean, 200 dots an inch": lambda lines: _picture(lines, 200),
    "clean, 110 dots an inch": lambda lines: _picture(lines, 110),
    "small type (8 points), 150": lambda lines: _picture(lines, 150, 8),
    "blurred, grainy, JPEG 30, 150": lambda lines: _noisy(_picture(lines, 150)),
    "turned by 2 degrees, 150": lambda lines: _picture(lines, 150).rotate(
        2, fillcolor=(255,) * 3, resample=Image.Resampling.BICUBIC
    ),
    "grey on shaded paper, 150": lambda lines: _jpeg(_grey(_picture(lines, 150)), 50),
}


def _texts() -> dict[str, list[list[str]]]:
    """Give pages of lines for each script."""
    faq = (SAMPLES / "常见问题.md").read_text(encoding="utf-8")
    travel = (SAMPLES / "travel-expense-policy.md").read_text(encoding="utf-8")
    scripts = {"simplified": (faq, 34), "traditional": (opencc.OpenCC("s2t").convert(faq), 34), "English": (travel, 80)}
    pages = {}
    for name, (text, width) in scripts.items():
        plain = " ".join(line for line in text.split("\n") if line and not line.startswith(("#", "|", "---")))
        lines = [line.strip() for line in textwrap.wrap(plain, width)]
        pages[name] = [lines[_LINES * page : _LINES * (page + 1)] for page in range(_PAGES)]
    return pages


def main() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    texts = _texts()
    print(f"| scan | {' | '.join(f'{name}, wrong' for name in texts)} | pages a second |")
    print("|---|" + "---|" * (len(texts) + 1))
    for scan, take in SCANS.items():
        shares, seconds = [], []
        for pages in texts.values():
            wrong = known = 0
            for lines in pages:
                image = np.ascontiguousarray(np.asarray(take(lines))[:, :, ::-1])
                began = time.perf_counter()
                reading = read_image(image, 1)
                seconds.append(time.perf_counter() - began)
                printed = "".join("".join(lines).split())
                wrong += edits("".join("".join(line.text for line in reading.lines).split()), printed)
                known += len(printed)
            shares.append(f"{wrong / known:.2%}")
        print(f"| {scan} | {' | '.join(shares)} | {1 / median(seconds):.2f} |", flush=True)


if __name__ == "__main__":
    main()
