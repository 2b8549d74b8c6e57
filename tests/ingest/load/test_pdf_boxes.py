from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from ingest.types import Block

from .conftest import Read
from .pdf_pages import check_boxes, column, drawn, text_in

WORDS = ("ten", "days", "multi-", "lingual", "Anglo-", "American", "2026", "年假", "十天，", "工作满", "（甲）", "end.")


def check_text(pdf: bytes, blocks: tuple[Block, ...]) -> None:
    check_boxes(blocks)
    for block in blocks:
        for box in block.boxes:
            assert "".join(block.text[box.start : box.end].split()) in text_in(pdf, box)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6), min_size=1, max_size=8))
def test_every_box_holds_the_text_it_names(read: Read, lines: list[list[str]]) -> None:
    pdf = drawn(lambda canvas: column(canvas, [" ".join(words) for words in lines], 80, 700))
    blocks = read("a.pdf", pdf).blocks
    check_text(pdf, blocks)
    for block in blocks:  # what is in no box is what joining put in
        covered = {place for box in block.boxes for place in range(box.start, box.end)}
        assert all(block.text[place] == " " for place in range(len(block.text)) if place not in covered)


def test_a_paragraph_over_two_pages_has_boxes_on_both(read: Read) -> None:
    long = ["The keys that are searched and the text that is read are kept in one", "database so that a kill loses"]
    rest = ["nothing that was committed before."]
    pdf = drawn(
        lambda canvas: column(canvas, [long[0], long[0]], 80, 100), lambda canvas: column(canvas, rest, 80, 780)
    )
    (block,) = read("a.pdf", pdf).blocks
    assert [box.page for box in block.boxes] == [1, 1, 2]
    check_text(pdf, (block,))


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_boxes_of_a_turned_page_lie_where_it_is_shown(turn: int, read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        wide, high = canvas._pagesize
        canvas.setPageRotation(turn)
        canvas.translate(*{90: (high, 0), 180: (wide, high), 270: (0, wide)}[turn])  # sides swapped by then
        canvas.rotate(turn)
        column(canvas, ["The first line of the page", "and the second."], 80, 500)

    (block,) = read("a.pdf", drawn(draw)).blocks
    assert block.text == "The first line of the page and the second."
    first, second = block.boxes
    assert first.edges[0] == pytest.approx(80, abs=1) and first.bottom < 500 < first.top
    assert second.top < first.top and first.edges[-1] < 250


def test_text_that_runs_upwards_is_read_apart(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        column(canvas, ["Body text of the page that is long enough.", "It has two lines."], 80, 700)
        canvas.rotate(90)
        canvas.drawString(100, -30, "Sideways stamp")

    blocks = read("a.pdf", drawn(draw)).blocks
    assert [block.text for block in blocks][-1] == "Sideways stamp"
    stamp = blocks[-1].boxes
    assert len(stamp) == len("Sideways stamp") and stamp[0].bottom < stamp[-1].bottom
    assert all(box.edges[0] > 15 and box.edges[1] < 35 for box in stamp)
