"""Small files of every format, made anew for each test."""

from __future__ import annotations

import io
from collections.abc import Sequence

import docx
import openpyxl
import pptx
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from bench import files

pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
TextLine = tuple[float, float, float, str]  # x, y, size, text


def pdf_bytes(
    pages: Sequence[Sequence[TextLine]],
    *,
    title: str | None = None,
    outline: Sequence[tuple[str, int, int]] = (),
    password: str | None = None,
    owner: str | None = None,
) -> bytes:
    """Draw lines of text; ``outline`` holds (title, page from 0, level from 0)."""
    buffer = io.BytesIO()
    lock = StandardEncryption(password or "", owner or password) if password or owner else None
    drawing = canvas.Canvas(buffer, encrypt=lock)
    if title:
        drawing.setTitle(title)
    for number, lines in enumerate(pages):
        for name, page, level in outline:
            if page == number:
                drawing.bookmarkPage(name)
                drawing.addOutlineEntry(name, name, level)
        for x, y, size, text in lines:
            drawing.setFont("STSong-Light" if any(c > "\u2e7f" for c in text) else "Helvetica", size)
            drawing.drawString(x, y, text)
        drawing.showPage()
    drawing.save()
    return buffer.getvalue()


def wrapped(text: str, per_line: int, y: float, size: float = 11, x: float = 80) -> list[TextLine]:
    """Break text into lines of ``per_line`` characters, as a Chinese page is set."""
    pieces = [text[start : start + per_line] for start in range(0, len(text), per_line)]
    return [(x, y - 1.5 * size * number, size, piece) for number, piece in enumerate(pieces)]


def docx_bytes() -> bytes:
    word = docx.Document()
    word.add_heading("员工手册", 0)
    word.add_heading("假期", 1)
    word.add_paragraph("员工每年有十天年假。")
    word.add_heading("年假", 2)
    word.add_paragraph("提前三天申请", style="List Bullet")
    table = word.add_table(3, 2)
    for row, cells in enumerate((("型号", "价格"), ("X1", "299 元"), ("X2", ""))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    word.add_paragraph("表格之后。")
    return saved(word)


def xlsx_bytes() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "价目"
    for row in (("型号", "价格"), ("X1", 299), (None, None), ("X2", 399.5)):
        sheet.append(row)
    return saved(book)


def pptx_bytes() -> bytes:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Holidays"
    slide.placeholders[1].text_frame.text = "Ten days a year"
    slide.placeholders[1].text_frame.add_paragraph().text = "Ask three days before"
    slide.notes_slide.notes_text_frame.text = "Mention seniority."
    return saved(deck)


def saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


def images() -> dict[str, bytes]:
    """A word as a picture of every format."""
    made: dict[str, bytes] = {}
    for suffix in (".bmp", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp"):
        picture = Image.new("RGB", (120, 40), "white")
        ImageDraw.Draw(picture).text((10, 6), "Sample", "black", ImageFont.load_default(24))
        buffer = io.BytesIO()
        picture.save(buffer, Image.registered_extensions()[suffix])
        made[suffix] = buffer.getvalue()
    return made


def samples() -> dict[str, bytes]:
    """One sound file for every suffix."""
    page = "<html><head><title>T</title></head><body><h1>Head</h1><p>Text.</p></body></html>"
    table = b"Model,Price\nX1,299\nX2,399\n"
    return {
        ".pdf": pdf_bytes([[(80, 700, 11, "A line of text.")]]),
        ".docx": docx_bytes(),
        ".xlsx": xlsx_bytes(),
        ".pptx": pptx_bytes(),
        ".html": page.encode(),
        ".htm": page.encode(),
        ".md": b"# Head\n\nText.\n",
        ".markdown": b"# Head\n\nText.\n",
        ".txt": "第一章 总则\n正文。\n".encode(),
        ".text": b"Text.\n",
        ".csv": table,
        ".tsv": table.replace(b",", b"\t"),
        ".jsonl": b'{"title": "T", "text": "Text."}\n',
        ".json": files.json_bytes(),
        ".xhtml": page.encode(),
        ".eml": files.eml_bytes({"价格.csv": table}, html="<p>培训改到<b>十八日</b>。</p>"),
        ".mbox": files.mbox_bytes(files.eml_bytes({}), files.eml_bytes({"a.md": b"# Head"})),
        ".msg": files.outlook_bytes(),
        ".epub": files.epub_bytes(),
        ".odt": files.odt_bytes(),
        ".ods": files.ods_bytes(),
        ".odp": files.odp_bytes(),
        ".rtf": files.rtf_bytes(),
        ".xml": files.xml_bytes(),
        ".rst": files.rst_bytes(),
        ".org": files.org_bytes(),
        **images(),
        ".zip": files.zipped({"a/价格.csv": table, "b.docx": docx_bytes(), "c.md": b"# Head\n\nText.\n"}),
    }
