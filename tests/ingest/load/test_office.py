from __future__ import annotations

import datetime

import docx
import openpyxl
import pptx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from .conftest import Read
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
        "Team: A; Start: 2026-04-01 09:30:00; Cost: TRUE",
    ]
    assert document.warnings == ("hidden sheets left out: Secret",)


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
    assert (document.pages, document.warnings) == (2, ("hidden slides left out: 2",))
