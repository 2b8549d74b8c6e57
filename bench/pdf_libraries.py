"""pypdf beside pypdfium2: how fast and how true they read text.

    python -m bench.pdf_libraries [FILE.pdf...]

Reads generated PDFs whose text is known, the samples, those that installed packages ship and any files named, with
both libraries by turns, and prints a Markdown table: pages a second (median of the runs) and, where the text is
known, the characters to insert, delete or replace as a share of it, white space aside.
"""

from __future__ import annotations

import argparse
import io
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pypdfium2
from pypdf import PdfReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from bench import office_files
from bench.edits import edits

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
_RUNS = 3
_LINES = 40


def _pypdf(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def _pdfium(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


READERS: dict[str, Callable[[bytes], list[str]]] = {"pypdf": _pypdf, "pypdfium2": _pdfium}


def _columns(lines: list[str], columns: int) -> tuple[bytes, str]:
    """Draw lines column by column; give the PDF and its text."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    chinese = any(char > "\u2e7f" for char in "".join(lines))
    canvas.setFont("STSong-Light" if chinese else "Helvetica", 9)
    for number, line in enumerate(lines):
        column, row = divmod(number, -(-len(lines) // columns))
        canvas.drawString(50 + 260 * column, 780 - 16 * row, line)
    canvas.save()
    return buffer.getvalue(), "".join(lines)


def _wrong(found: str, known: str) -> str:
    if not known:
        return ""
    one, other = "".join(found.split()), "".join(known.split())
    return f"{edits(one, other) / len(other):.2%}"


def _there() -> Iterator[Path]:
    """Give the sample PDFs and the first one of each package that ships some."""
    yield from sorted(SAMPLES.glob("*.pdf"))
    packages = Path(sysconfig.get_paths()["purelib"])
    shipped = sorted(packages.rglob("*.pdf"))
    yield from {file.relative_to(packages).parts[0]: file for file in reversed(shipped)}.values()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="*")
    arguments = parser.parse_args()
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    chinese = [sentence[:24] for sentence in office_files.CHINESE] * (_LINES // len(office_files.CHINESE))
    english = [f"Line {number}: the pump of unit {number * 7} is checked twice." for number in range(_LINES)]
    cases: dict[str, tuple[bytes, str]] = {
        "English, one column": _columns(english, 1),
        "English, two columns": _columns(english, 2),
        "Chinese, one column": _columns(chinese, 1),
        "Chinese, two columns": _columns(chinese, 2),
        "report of 100 pages": (office_files.report_pdf(100), ""),
        "Chinese report of 100 pages": (office_files.report_pdf(100, chinese=True), ""),
        **{file.name: (file.read_bytes(), "") for file in (*_there(), *arguments.files)},
    }
    print("| file | pages | " + " | ".join(f"{name}: pages/s | wrong" for name in READERS) + " |")
    print("|---|--:|" + "--:|--:|" * len(READERS))
    for name, (content, known) in cases.items():
        seconds: dict[str, list[float]] = {reader: [] for reader in READERS}
        texts: dict[str, list[str]] = {}
        for _ in range(_RUNS):
            for reader, read in READERS.items():
                began = time.perf_counter()
                texts[reader] = read(content)
                seconds[reader].append(time.perf_counter() - began)
        cells = [
            f"{len(texts[reader]) / median(seconds[reader]):.0f} | {_wrong(''.join(texts[reader]), known)}"
            for reader in READERS
        ]
        print(f"| {name} | {len(texts['pypdf'])} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
