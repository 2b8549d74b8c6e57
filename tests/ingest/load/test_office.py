from __future__ import annotations

import datetime

import docx
import openpyxl
import pptx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl.styles import Font, PatternFill
from pptx.dml.color import RGBColor
from pptx.text.text import TextFrame
from pptx.util import Inches

from .conftest import Keep, Read
from .samples import docx_bytes, pptx_bytes, saved, xlsx_bytes


def test_word_keeps_headings_lists_and_tables_in_order(read: Read) -> None:
    document = read("a.docx", docx_bytes())
    assert document.title == "员工手册"
    assert [(b.text, b.kind, b.heading_path) for b in document.blocks] == [
        ("假期", "heading", ()),
        ("员工每年有十天年假。", "paragraph", ("假期",)),
        ("年假", "heading", ("假期",)),
        ("提前三天申请", "list", ("假期", "年假")),
        ("型号：X1；价格：299 元", "row", ("假期", "年假")),
        ("型号：X2", "row", ("假期", "年假")),
        ("表格之后。", "paragraph", ("假期", "年假")),
    ]


def test_word_without_styles_takes_headings_from_numbering(read: Read) -> None:
    word = docx.Document()
    for text in ("第一章 总则", "正文一。", "1.1 范围", "正文二。"):
        word.add_paragraph(text)
    blocks = read("a.docx", saved(word)).blocks
    assert blocks[-1].heading_path == ("第一章 总则", "1.1 范围")


def test_word_reads_controls_and_insertions_but_no_deleted_or_hidden_text(read: Read) -> None:
    word = docx.Document()
    body = word.element.body
    names = nsdecls("w")
    for inner in (
        "<w:sdt {n}><w:sdtContent><w:p><w:r><w:t>In a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>",
        "<w:p {n}><w:ins w:id='1' w:author='a'><w:r><w:t>New</w:t></w:r></w:ins>"
        "<w:del w:id='2' w:author='a'><w:r>"
        "<w:delText>old</w:delText></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r><w:r>"
        "<w:t xml:space='preserve'> text.</w:t></w:r></w:p>",
    ):
        body.insert(len(body) - 1, parse_xml(inner.replace("{n}", names)))
    assert read("a.docx", saved(word)).text == "In a control.\nNew text."


def test_word_merged_cells_stand_in_each_place(read: Read) -> None:
    word = docx.Document()
    table = word.add_table(4, 3)
    for row, cells in enumerate((("Model", "Price", ""), ("", "net", "gross"), ("X1", "1", "2"), ("", "3", "4"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(2, 0).merge(table.cell(3, 0))
    assert [block.text for block in read("a.docx", saved(word)).blocks] == [
        "Model: X1; Price net: 1; Price gross: 2",
        "Model: X1; Price net: 3; Price gross: 4",
    ]


def test_excel_rows_carry_their_column_names(read: Read) -> None:
    document = read("a.xlsx", xlsx_bytes())
    assert [(b.text, b.kind, b.heading_path) for b in document.blocks] == [
        ("价目", "heading", ()),
        ("型号：X1；价格：299", "row", ("价目",)),
        ("型号：X2；价格：399.5", "row", ("价目",)),
    ]


def test_excel_captions_merges_dates_and_hidden_sheets(read: Read) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Plan"
    for row in (
        ("Plan 2026", None, None),
        ("Team", "Start", "Cost"),
        ("A", datetime.datetime(2026, 3, 1), 0.1 + 0.2),
    ):
        sheet.append(row)
    sheet.append((None, datetime.datetime(2026, 4, 1, 9, 30), True))
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A3:A4")
    book.create_sheet("Secret").append(("x", "y"))
    book["Secret"].sheet_state = "hidden"
    document = read("a.xlsx", saved(book))
    assert [block.text for block in document.blocks] == [
        "Plan",
        "Plan 2026",
        "Team: A; Start: 2026-03-01; Cost: 0.3",
        "Team: A; Start: 2026-04-01 9:30:00; Cost: TRUE",
    ]
    assert document.warnings == ("hidden text left out (1): Secret: x y",)


def test_excel_cells_are_written_as_they_are_displayed(read: Read) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(("编号", "占比", "金额", "日期"))
    sheet.append((7, 0.085, 1234.5, datetime.date(2026, 3, 1)))
    formats = ("00000", "0.0%", '"¥"#,##0.00', 'yyyy"年"m"月"d"日"')
    for column, number_format in enumerate(formats, 1):
        sheet.cell(2, column).number_format = number_format
    sheet["A2"].hyperlink = "https://shop.example/7"
    assert [block.text for block in read("a.xlsx", saved(book)).blocks[1:]] == [
        "编号：00007 (https://shop.example/7)；占比：8.5%；金额：¥1,234.50；日期：2026年3月1日"
    ]


def test_several_tables_on_a_sheet_keep_their_own_names(read: Read) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    rows = (
        ("型号", "价格", None, "城市", "电话"),
        ("X1", 299, None, "北京", "010"),
        (None,) * 5,
        ("X2", 399, None, "上海", "021"),
        (None,) * 5,
        ("姓名", "部门", "工龄", None, None),
        ("赵云", "门店", 3, None, None),
        (None,) * 5,
        ("注：价格含税", None, None, None, None),
    )
    for row in rows:
        sheet.append(row)
    assert [block.text for block in read("a.xlsx", saved(book)).blocks[1:]] == [
        "型号：X1；价格：299",
        "型号：X2；价格：399",
        "城市：北京；电话：010",
        "城市：上海；电话：021",
        "姓名：赵云；部门：门店；工龄：3",
        "注：价格含税",
    ]


def test_hidden_rows_columns_and_cells_are_left_out_and_reported(read: Read, keep: Keep) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (("型号", "成本", "价格"), ("X1", 60, 299), ("X2", 70, 399), ("X3", 80, 499), ("X4", 90, 599)):
        sheet.append(row)
    sheet.column_dimensions["B"].hidden = True
    sheet.row_dimensions[3].hidden = True
    sheet["C4"].font = Font(color="FFFFFF")
    sheet["C5"].number_format = ";;;"
    document = read("a.xlsx", saved(book))
    assert [block.text for block in document.blocks[1:]] == ["型号：X1；价格：299", "型号：X3", "型号：X4"]
    (warning,) = document.warnings
    assert warning.startswith("hidden text left out (6): 成本")
    kept = keep("a.xlsx", saved(book))
    assert "型号：X2；成本：70；价格：399" in kept.text and "hidden text taken in" in kept.warnings[0]
    sheet["A1"].font = Font(color="FFFFFF")
    sheet["A1"].fill = PatternFill("solid", fgColor="1F4E79")
    assert "型号：X1" in read("b.xlsx", saved(book)).text


def test_slides_keep_titles_lists_notes_and_tables_with_their_number(read: Read) -> None:
    document = read("a.pptx", pptx_bytes())
    assert [(b.text, b.kind, b.heading_path, b.page) for b in document.blocks] == [
        ("Holidays", "heading", (), 1),
        ("Ten days a year", "list", ("Holidays",), 1),
        ("Ask three days before", "list", ("Holidays",), 1),
        ("Mention seniority.", "paragraph", ("Holidays",), 1),
    ]
    deck = pptx.Presentation()
    shown, hidden = (deck.slides.add_slide(deck.slide_layouts[6]) for _ in range(2))
    table = shown.shapes.add_table(3, 2, 0, 0, 100, 100).table
    for row, cells in enumerate((("Model", "Price"), ("X1", "1"), ("", "2"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    hidden.shapes.add_textbox(0, 0, 9, 9).text_frame.text = "secret"
    hidden.element.set("show", "0")
    document = read("b.pptx", saved(deck))
    assert [block.text for block in document.blocks] == ["Model: X1; Price: 1", "Model: X1; Price: 2"]
    assert (document.pages, document.warnings) == (2, ("hidden text left out (1): slide 2: secret",))


def test_shapes_are_read_column_by_column_with_links(read: Read) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])

    def box(text: str, left: float, top: float, width: float = 3) -> TextFrame:
        frame = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(1)).text_frame
        frame.text = text
        return frame

    box("right below", 5, 4)
    box("left below", 1, 4)
    box("right", 5, 2).paragraphs[0].runs[0].hyperlink.address = "https://plan.example/"
    box("left", 1, 2)
    box("above all", 1, 0.5, 7)
    assert [block.text for block in read("a.pptx", saved(deck)).blocks] == [
        "above all",
        "left",
        "left below",
        "right (https://plan.example/)",
        "right below",
    ]


def test_what_is_off_the_slide_or_white_on_white_is_left_out_and_reported(read: Read, keep: Keep) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    for text, left in (("seen", 1), ("beside", 20), ("white", 3), ("white on blue", 5)):
        shape = slide.shapes.add_textbox(Inches(left), Inches(1), Inches(1.5), Inches(1))
        shape.text_frame.text = text
        if text.startswith("white"):
            shape.text_frame.paragraphs[0].runs[0].font.color.rgb = RGBColor(255, 255, 255)
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor(0, 0, 128)
    document = read("a.pptx", saved(deck))
    assert document.text == "seen\nwhite on blue"
    assert document.warnings == ("hidden text left out (2): beside",)
    assert keep("a.pptx", saved(deck)).text == "seen\nwhite\nwhite on blue\nbeside"
