"""PDF, Word, Excel and PowerPoint files such as people have, made of words of our own."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator

import docx
import openpyxl
import pptx
import pypdfium2
from docx.shared import RGBColor
from openpyxl.styles import Font
from PIL import Image
from pptx.util import Inches
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
_WIDTH, _HEIGHT = A4
_SCALE = 2.0
SENTENCES = (
    "The pump is checked every Monday before the shift begins.",
    "A drop of pressure below two bar stops the line at once.",
    "Spare seals lie in the second drawer of the green cabinet.",
    "Whoever changes a filter writes the date on its cover.",
    "Oil of the grade named on the plate is the only one allowed.",
    "Noise that grows over a week is a sign of a worn bearing.",
)
CHINESE = (
    "水泵在每周一开班之前检查一次。",
    "压力低于两巴时生产线立即停机。",
    "备用密封圈放在绿色柜子的第二个抽屉里。",
    "更换滤芯的人要在外壳上写明日期。",
    "只允许使用铭牌上注明等级的机油。",
    "噪声在一周内变大说明轴承已经磨损。",
)


def _saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


def _lines(words: str, wide: int) -> Iterator[str]:
    line = ""
    for word in words.split():
        if len(line) + len(word) > wide:
            yield line
            line = ""
        line = f"{line} {word}".strip()
    yield line


def report_pdf(pages: int, *, password: str | None = None, chinese: bool = False) -> bytes:
    """A born-digital report: an outline, running heads, page numbers, numbered headings and wrapped paragraphs."""
    buffer = io.BytesIO()
    drawing = canvas.Canvas(buffer, A4, encrypt=StandardEncryption(password) if password else None)
    font = "STSong-Light" if chinese else "Helvetica"
    drawing.setTitle("设备维护年报" if chinese else "Maintenance report")
    for page in range(1, pages + 1):
        heading = f"第{page}章 设备{page}" if chinese else f"{page}. Machine {page}"
        drawing.bookmarkPage(str(page))
        drawing.addOutlineEntry(heading, str(page), 0)
        drawing.setFont(font, 9)
        drawing.drawString(72, _HEIGHT - 40, "设备维护年报" if chinese else "Maintenance report")
        drawing.drawRightString(_WIDTH - 72, 40, str(page))
        drawing.setFont(font, 16)
        drawing.drawString(72, _HEIGHT - 90, heading)
        drawing.setFont(font, 11)
        y = _HEIGHT - 120
        for paragraph in range(6):
            if chinese:
                text = "".join(CHINESE[(page + paragraph + n) % 6] for n in range(4))
                lines = [text[start : start + 40] for start in range(0, len(text), 40)]
            else:
                lines = list(_lines(" ".join(SENTENCES[(page + paragraph + n) % 6] for n in range(6)), 85))
            for line in lines:
                drawing.drawString(72, y, line)
                y -= 15
            y -= 10
        drawing.showPage()
    drawing.save()
    return buffer.getvalue()


def two_columns_pdf() -> bytes:
    """A paper of one page in two columns, under a title that goes across."""
    buffer = io.BytesIO()
    drawing = canvas.Canvas(buffer, A4)
    drawing.setFont("Helvetica-Bold", 18)
    drawing.drawCentredString(_WIDTH / 2, _HEIGHT - 80, "On the wear of bearings")
    for column, name in enumerate(("1 Introduction", "2 Method")):
        x, y = 60 + column * 250, _HEIGHT - 130
        drawing.setFont("Helvetica-Bold", 12)
        drawing.drawString(x, y, name)
        drawing.setFont("Helvetica", 10)
        for line in _lines(" ".join(SENTENCES * 3), 44):
            y -= 14
            drawing.drawString(x, y, line)
    drawing.showPage()
    drawing.save()
    return buffer.getvalue()


def page_pictures(pdf: bytes) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    return [document[number].render(scale=_SCALE).to_pil().convert("L") for number in range(len(document))]


def scanned_pdf(pages: int) -> bytes:
    """Pictures of pages, as a scanner makes them."""
    buffer = io.BytesIO()
    drawing = canvas.Canvas(buffer, A4)
    for picture in page_pictures(report_pdf(pages)):
        drawing.drawImage(ImageReader(picture), 0, 0, _WIDTH, _HEIGHT)
        drawing.showPage()
    drawing.save()
    return buffer.getvalue()


def picture(kind: str) -> bytes:
    """A photographed page."""
    buffer = io.BytesIO()
    page_pictures(report_pdf(1))[0].save(buffer, kind)
    return buffer.getvalue()


def manual_docx(chapters: int = 3) -> bytes:
    """A manual with headings, lists, a table with merged cells, a table in a table and hidden text."""
    word = docx.Document()
    word.add_heading("水泵手册", 0)
    for chapter in range(1, chapters + 1):
        word.add_heading(f"第{chapter}章 部件{chapter}", 1)
        word.add_paragraph("".join(CHINESE))
        word.add_heading("步骤", 2)
        for sentence in CHINESE[:3]:
            word.add_paragraph(sentence, style="List Number")
        table = word.add_table(4, 3)
        for row, cells in enumerate(
            (("型号", "价格", ""), ("", "不含税", "含税"), ("P1", "100", "113"), ("", "90", "101"))
        ):
            for column, text in enumerate(cells):
                table.cell(row, column).text = text
        table.cell(0, 0).merge(table.cell(1, 0))
        table.cell(0, 1).merge(table.cell(0, 2))
        table.cell(2, 0).merge(table.cell(3, 0))
    outer = word.add_table(1, 2)
    outer.cell(0, 0).text = "左栏说明"
    inner = outer.cell(0, 1).add_table(2, 2)
    for row, (part, count) in enumerate((("零件", "数量"), ("密封圈", "四个"))):
        inner.cell(row, 0).text, inner.cell(row, 1).text = part, count
    word.add_paragraph("公开的话。").add_run("白色的话").font.color.rgb = RGBColor(255, 255, 255)
    return _saved(word)


def plain_docx() -> bytes:
    """A contract typed without styles."""
    word = docx.Document()
    for article, sentence in enumerate(CHINESE, 1):
        word.add_paragraph(f"第{'一二三四五六'[article - 1]}章 条款{article}")
        word.add_paragraph(sentence * 3)
    return _saved(word)


def price_list_xlsx() -> bytes:
    """Two tables on a sheet, number formats, hidden rows and a hidden sheet."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "价目"
    rows = (
        ("二〇二六年价目", None, None, None),
        ("型号", "折扣", "单价", "生效日期"),
        ("P1", 0.085, 1234.5, datetime.date(2026, 3, 1)),
        ("P2", 0.1, 99, datetime.date(2026, 4, 1)),
        (None,) * 4,
        ("姓名", "部门", "工龄", None),
        ("赵云", "销售", 3, None),
    )
    for row in rows:
        sheet.append(row)
    sheet.merge_cells("A1:D1")
    for number in (3, 4):
        for column, number_format in zip("BCD", ("0.0%", '"¥"#,##0.00', 'yyyy"年"m"月"d"日"'), strict=True):
            sheet[f"{column}{number}"].number_format = number_format
    sheet.row_dimensions[4].hidden = True
    sheet["C7"].font = Font(color="FFFFFF")
    book.create_sheet("底价").append(("P1", 50))
    book["底价"].sheet_state = "hidden"
    return _saved(book)


def large_xlsx(rows: int) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Readings")
    sheet.append(("Sensor", "Place", "Date", "Pressure", "Remark"))
    for number in range(rows):
        day = datetime.date(2026, 1, 1) + datetime.timedelta(days=number % 365)
        sheet.append((f"S{number % 97}", f"Hall {number % 7}", day, 2 + number % 13 / 10, SENTENCES[number % 6]))
    return _saved(book)


def deck_pptx(slides: int) -> bytes:
    """A deck with bullets, a table, notes, two columns of boxes and a hidden slide."""
    deck = pptx.Presentation()
    for number in range(1, slides + 1):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = f"Machine {number}"
        slide.placeholders[1].text_frame.text = SENTENCES[number % 6]
        slide.placeholders[1].text_frame.add_paragraph().text = SENTENCES[(number + 1) % 6]
        slide.notes_slide.notes_text_frame.text = "Say who is on duty."
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Compare"
    for left, top, text in ((5, 4, "right below"), (1, 4, "left below"), (5, 2, "right above"), (1, 2, "left above")):
        slide.shapes.add_textbox(Inches(left), Inches(top), Inches(3), Inches(1)).text_frame.text = text
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(5.5), Inches(5), Inches(1)).table
    for row, cells in enumerate((("Part", "Price"), ("Seal", "4 EUR"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    hidden = deck.slides.add_slide(deck.slide_layouts[5])
    hidden.shapes.title.text = "Not for clients"
    hidden.element.set("show", "0")
    return _saved(deck)
