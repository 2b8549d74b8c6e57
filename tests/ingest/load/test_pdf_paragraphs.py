"""Where a paragraph of a PDF ends, and where only a line does."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from .conftest import Read
from .pdf_pages import column, drawn

FULL = (
    "The stage manager reads the list aloud and every worker",
    "answers with the number on the badge, so that nobody is",
    "left on the gantry when the doors of the hall are shut",
)
LONG = "Whoever is late reads https://a.example/rules-of-the-house-and-hall.html"


def _justified(canvas: Canvas, y: float) -> None:
    """Set FULL and a last line of two words, with one right edge."""
    canvas.setFont("Helvetica", 10)
    for number, line in enumerate(FULL):
        slack = 280 - canvas.stringWidth(line, "Helvetica", 10)
        canvas.drawString(80, y - 14 * number, line, charSpace=slack / (len(line) - 1))
    canvas.drawString(80, y - 42, "by hand.")


def test_fonts_of_one_size_make_one_paragraph_whatever_their_height(read: Read) -> None:
    lines = (*FULL[:2], FULL[2] + " at night")

    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(lines):
            x = 80.0
            for text, code in ((line[:20], False), (line[20:36], number == 1), (line[36:], False)):
                font = "Courier" if code else "Helvetica"
                canvas.setFont(font, 10)
                canvas.drawString(x, 700 - 14 * number, text)
                x += canvas.stringWidth(text, font, 10)
        column(canvas, ["by hand."], 80, 658)

    document = read("a.pdf", drawn(draw))
    assert [block.text for block in document.blocks] == [" ".join(lines) + " by hand."]


def test_a_line_that_runs_past_the_margin_does_not_tear_the_others(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        _justified(canvas, 700)
        column(canvas, [LONG, "as well."], 80, 644)
        _justified(canvas, 616)

    document = read("a.pdf", drawn(draw))
    whole = " ".join(FULL) + " by hand."
    assert [block.text for block in document.blocks] == [whole, f"{LONG} as well.", whole]


def test_short_lines_of_one_length_stay_apart_beside_long_ones(read: Read) -> None:
    names = ["Ann Lee 1", "Bob Ray 2", "Cem Kay 3", "Dan Ito 4", "Eva Roy 5"]

    def draw(canvas: Canvas) -> None:
        _justified(canvas, 700)
        column(canvas, names, 80, 644)

    assert [block.text for block in read("a.pdf", drawn(draw)).blocks] == [" ".join(FULL) + " by hand.", *names]
