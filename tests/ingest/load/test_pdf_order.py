"""What belongs together on PDF pages, and what does not: columns, notes, running heads, headings, tables."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.lib import colors
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, Table, TableStyle

from .conftest import Read
from .pdf_pages import check_boxes, column, drawn

WORDS = "keys units recall budget passage answer sentence heading segment context cosine vector".split()
LEFT, RIGHT = 60, 310


def _lines(count: int, seed: int, chinese: bool = False) -> list[str]:
    chosen = random.Random(seed)
    if chinese:
        return ["".join(chosen.choices("年假工作满员公司规定每享有天的可以申请部门批准", k=20)) for _ in range(count)]
    return [" ".join(chosen.choices(WORDS, k=6))[:40].strip() for _ in range(count)]


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    left=st.integers(4, 20),
    right=st.integers(4, 20),
    shift=st.floats(0, 13),
    chinese=st.booleans(),
    by_rows=st.booleans(),
    figure=st.booleans(),
)
def test_two_columns_are_never_mixed(
    read: Read, left: int, right: int, shift: float, chinese: bool, by_rows: bool, figure: bool
) -> None:
    """However long they are, on whatever height, and in whatever order they are drawn."""
    parts = [(LEFT, 700.0, _lines(left, 1, chinese)), (RIGHT, 700.0 - shift, _lines(right, 2, chinese))]
    if figure:
        parts = [(LEFT, 700.0, _lines(left, 1, chinese)), (RIGHT, 700.0, _lines(left, 2, chinese))]
        parts += [(LEFT, 340.0, _lines(right, 3, chinese)), (RIGHT, 340.0, _lines(right, 4, chinese))]
    caption = "Figure 1: what stands between the columns reaches over both of them, from side to side"

    def draw(canvas: Canvas) -> None:
        column(canvas, ["A title over both columns of the page"], LEFT, 760, size=20)
        drawing = [(x, y - 14 * number, text) for x, y, lines in parts for number, text in enumerate(lines)]
        for x, y, text in sorted(drawing, key=lambda one: -one[1]) if by_rows else drawing:
            column(canvas, [text], x, y)
        if figure:
            canvas.rect(LEFT, 385, 480, 30)
            column(canvas, [caption], LEFT, 370)

    blocks = read("a.pdf", drawn(draw)).blocks
    texts = ["\n".join(lines) for _, _, lines in parts]
    texts[2:2] = [caption] if figure else []
    expected = "A title over both columns of the page" + "".join(texts)
    assert _letters("".join(block.text for block in blocks)) == _letters(expected)
    assert {block.kind for block in blocks} <= {"heading", "paragraph"}
    check_boxes(blocks)


def test_a_line_that_nearly_reaches_the_next_column_stays_in_its_own(read: Read) -> None:
    """The strip between the columns is where all lines end, not where most do."""
    left, right = _lines(20, 1), _lines(20, 2)
    left[9] = "passages of the segment that was packed for it"

    def draw(canvas: Canvas) -> None:
        column(canvas, left, LEFT, 700)
        for number, text in enumerate(right):
            column(canvas, [text], LEFT + 8 + canvas.stringWidth(left[9], "Helvetica", 10), 700 - 14 * number)

    blocks = read("a.pdf", drawn(draw)).blocks
    assert _letters("".join(block.text for block in blocks)) == _letters("".join([*left, *right]))


def test_footnotes_stand_behind_the_paragraph_that_goes_on(read: Read) -> None:
    body = "the keys that are searched and the text that is read are kept in one place"
    note = ["1 The place is a database; see the manual of the", "second edition."]

    def first(canvas: Canvas) -> None:
        column(canvas, [body] * 8, 70, 300)
        canvas.line(70, 120, 200, 120)
        column(canvas, note, 70, 105, size=7, leading=9)

    blocks = read("a.pdf", drawn(first, lambda canvas: column(canvas, [body, "until the end."], 70, 780))).blocks
    assert [block.text for block in blocks] == [
        " ".join([body] * 9) + " until the end.",
        "1 The place is a database; see the manual of the",
        "second edition.",
    ]
    assert {box.page for box in blocks[0].boxes} == {1, 2}


def test_a_chapters_head_beside_the_page_number_is_left_out(read: Read) -> None:
    def page(number: int):
        def draw(canvas: Canvas) -> None:
            column(canvas, [f"Chapter {number // 3}: Part {'ABC'[number // 3]}"], 70, 800, size=9)
            canvas.drawRightString(520, 800, str(number + 11))
            column(canvas, [f"Rule {number * 17 % 29} is about case {number * 31 % 37}."], 70, 700)

        return draw

    document = read("a.pdf", drawn(*(page(number) for number in range(9))))
    assert "Chapter" not in document.text and len(document.blocks) == 9


def test_roman_page_numbers_are_left_out(read: Read) -> None:
    pdf = drawn(
        *(
            lambda canvas, roman=roman: (
                column(canvas, [f"Rule {len(roman) ** 3 * 17} is of use."], 70, 700),
                column(canvas, [roman], 290, 40),
            )
            for roman in ("i", "ii", "iii")
        )
    )
    assert [block.text for block in read("a.pdf", pdf).blocks] == [f"Rule {n**3 * 17} is of use." for n in (1, 2, 3)]


def test_bold_lines_of_the_bodys_size_are_headings_below_numbered_ones(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        column(canvas, ["1 Leave"], 70, 760)
        for y, head in ((730, "Annual leave"), (660, "Sick leave")):
            canvas.setFont("Helvetica-Bold", 10)
            canvas.drawString(70, y, head)
            column(canvas, ["Employees ask for it in writing, three days before it begins,"] * 2, 70, y - 18)
            column(canvas, ["and get an answer."], 70, y - 46)

    blocks = read("a.pdf", drawn(draw)).blocks
    assert [(b.text, b.heading_path) for b in blocks if b.kind == "heading"] == [
        ("1 Leave", ()),
        ("Annual leave", ("1 Leave",)),
        ("Sick leave", ("1 Leave",)),
    ]


def test_chinese_numbering_makes_levels_without_bigger_type(read: Read) -> None:
    lines = [
        "第一章 总则",
        "本办法适用于公司全体员工以及派驻人员。",
        "一、适用范围",
        "总部和各分公司均按照本办法执行。",
    ]
    lines += ["（一）总部", "总部各部门自发布之日起执行本办法。", "第二章 假期", "假期分为年假、病假和事假三类。"]
    blocks = read("a.pdf", drawn(lambda canvas: column(canvas, lines, 70, 760, leading=20))).blocks
    assert [(b.text, b.heading_path) for b in blocks if b.kind == "heading"] == [
        ("第一章 总则", ()),
        ("一、适用范围", ("第一章 总则",)),
        ("（一）总部", ("第一章 总则", "一、适用范围")),
        ("第二章 假期", ()),
    ]


def test_wrapped_cells_are_joined_and_boxes_lie_on_the_cells(read: Read) -> None:
    style = ParagraphStyle("cell", fontSize=9, leading=11)
    description = "A pump for clean water that runs without a sound at night"
    rows = [
        ["Model", "What it is", "Price"],
        ["KP-40", Paragraph(description, style), "3,200"],
        ["KP-75", "Small", "9"],
    ]

    def draw(canvas: Canvas) -> None:
        table = Table(rows, colWidths=[80, 110, 60])
        table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)]))
        table.wrapOn(canvas, 500, 400)
        table.drawOn(canvas, 70, 600)

    found = [block for block in read("a.pdf", drawn(draw)).blocks if block.kind == "row"]
    assert found[0].text == f"Model: KP-40; What it is: {description}; Price: 3,200"
    names = [found[0].text[box.start : box.end] for box in found[0].boxes]
    assert names[0] == "KP-40" and names[-1] == "3,200" and " ".join(names[1:-1]) == description
    assert len(names) > 3 and all(150 < box.edges[0] < 160 for box in found[0].boxes[1:-1])
    check_boxes(found)


@pytest.mark.parametrize("cell", ["", "Power"])
def test_a_cell_that_repeats_its_columns_name_has_its_box(cell: str, read: Read) -> None:
    rows = [["Model", "Power", "Price"], ["Price", cell, "3"], ["KP-75", "7", "5"], ["KP-99", "8", "6"]]

    def draw(canvas: Canvas) -> None:
        table = Table(rows, colWidths=[110] * 3, rowHeights=[18] * 4)
        table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)]))
        table.wrapOn(canvas, 500, 400)
        table.drawOn(canvas, 70, 600)

    first = next(block for block in read("a.pdf", drawn(draw)).blocks if block.kind == "row")
    held = [first.text[box.start : box.end] for box in first.boxes]
    assert held == [text for text in rows[1] if text]


def test_labels_in_front_of_their_values_are_read_row_by_row(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        for number, (label, value) in enumerate((("Name", "Li Wei"), ("Team", "Research"), ("Office", "Kunming"))):
            column(canvas, [label], 70, 700 - 16 * number)
            column(canvas, [value], 200, 700 - 16 * number)

    blocks = read("a.pdf", drawn(draw)).blocks
    assert "Name Li Wei" in " ".join(block.text for block in blocks)


def test_text_of_a_slanted_watermark_is_named_and_left_out(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        column(canvas, ["The contract ends in May."], 70, 700)
        canvas.translate(150, 300)
        canvas.rotate(45)
        canvas.setFillGray(0.7)
        canvas.setFont("Helvetica", 60)
        canvas.drawString(0, 0, "DRAFT")

    document = read("a.pdf", drawn(draw))
    assert document.text == "The contract ends in May."
    assert any(warning.startswith("slanted text left out") and "DRAFT" in warning for warning in document.warnings)


def test_text_under_a_redaction_is_hidden(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        column(canvas, ["The contract ends in May.", "The price is 4,711 euros."], 70, 700)
        canvas.rect(60, 680, 200, 16, fill=1)

    document = read("a.pdf", drawn(draw))
    assert document.text == "The contract ends in May."
    assert any("hidden text left out" in warning and "4,711" in warning for warning in document.warnings)
