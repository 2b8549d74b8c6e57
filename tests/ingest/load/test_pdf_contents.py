"""Tables of contents are left out of PDFs; what only looks like one is kept."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from reportlab.pdfgen.canvas import Canvas

from .conftest import Read
from .pdf_pages import column, drawn

TITLES = ("范围", "术语", "职责", "年假", "病假", "加班", "差旅", "附则")
BODY = ["员工每年有十天年假，须提前三天申请。"]


def _contents(canvas: Canvas, pages: Sequence[int], *, dots: bool, y: float = 700) -> None:
    for number, (title, page) in enumerate(zip(TITLES, pages, strict=True)):
        at = y - 20 * number
        column(canvas, [f"{number + 1} {title}"], 80, at)
        if dots:
            column(canvas, [". " * 60], 180, at)
        column(canvas, [str(page)], 500, at)


def _numbers_of(text: str) -> int:
    return sum(title in text for title in TITLES)


@pytest.mark.parametrize("dots", [True, False])
@pytest.mark.parametrize("name", ["目  录", "Table of Contents"])
def test_contents_are_left_out(name: str, dots: bool, read: Read) -> None:
    def contents(canvas: Canvas) -> None:
        column(canvas, [name], 250, 740, size=16)
        _contents(canvas, (1, 1, 2, 3, 3, 5, 8, 8), dots=dots)
        column(canvas, ["本目录由程序生成。"], 80, 520)

    def body(canvas: Canvas) -> None:
        column(canvas, BODY, 80, 700)

    document = read("a.pdf", drawn(contents, body))
    assert [block.text for block in document.blocks] == ["本目录由程序生成。", *BODY]


def test_contents_with_dots_need_no_name_and_go_on_on_the_next_page(read: Read) -> None:
    def first(canvas: Canvas) -> None:
        _contents(canvas, range(1, 9), dots=True)

    def second(canvas: Canvas) -> None:
        column(canvas, ["9 表格"], 80, 700)
        column(canvas, [". " * 60], 180, 700)
        column(canvas, ["12"], 500, 700)
        column(canvas, BODY, 80, 600)

    assert [block.text for block in read("a.pdf", drawn(first, second)).blocks] == BODY


def test_prices_behind_dots_are_kept(read: Read) -> None:
    def menu(canvas: Canvas) -> None:
        _contents(canvas, (12, 8, 15, 9, 30, 22, 5, 18), dots=True)
        column(canvas, BODY, 80, 500)

    assert _numbers_of(read("a.pdf", drawn(menu)).text) == len(TITLES)


def test_a_table_of_figures_without_dots_or_name_is_kept(read: Read) -> None:
    def figures(canvas: Canvas) -> None:
        _contents(canvas, range(10, 90, 10), dots=False)
        column(canvas, BODY, 80, 500)

    assert _numbers_of(read("a.pdf", drawn(figures)).text) == len(TITLES)


def test_a_document_of_contents_alone_keeps_them(read: Read) -> None:
    def contents(canvas: Canvas) -> None:
        _contents(canvas, range(1, 9), dots=True)

    assert _numbers_of(read("a.pdf", drawn(contents)).text) == len(TITLES)
