from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.load.clean import clean, join_lines
from ingest.load.lines import Frame, boxes, joined, line, side_by_side

FRAME = Frame(1)
CHARS = st.sampled_from("ab 字，。-\u00ad\ufb01\u2f00\u3000\t\ufffe1）A")


def edges(text: str) -> list[float]:
    return [float(place) for place in range(len(text) + 1)]


@given(st.text(CHARS, max_size=20) | st.text(max_size=20))
def test_a_line_is_cleaned_with_its_edges(raw: str) -> None:
    found = line(raw, edges(raw), 0, 10, 10, FRAME)
    assert (found.text if found else "") == clean(raw)
    if found:
        assert len(found.edges) == len(found.text) + 1
        assert list(found.edges) == sorted(found.edges)
        assert {0.0} <= {edge - edge for edge in found.edges} and found.right <= len(raw)


@given(st.lists(st.text(CHARS, min_size=1, max_size=6), min_size=1, max_size=6))
def test_joined_lines_are_clean_and_know_their_places(raws: list[str]) -> None:
    lines = [found for raw in raws if (found := line(raw, edges(raw), 0, 10, 10, FRAME))]
    placed = joined(lines)
    assert placed.text == join_lines([one.text for one in lines]) == clean(placed.text)
    for start, end, one in placed.pieces:
        assert one.text.startswith(placed.text[start:end])
        assert len(one.text) - (end - start) <= 1
    for box in boxes(placed, shift=3):
        assert len(box.edges) == box.end - box.start + 1


def test_parts_of_a_row_make_one_line() -> None:
    parts = [found for raw, shift in (("1.2", 0), ("Scope", 50)) if (found := line(raw, edges(raw), 0, 10, 10, FRAME))]
    assert side_by_side(parts).text == "1.2 Scope"


def test_a_turned_line_has_a_box_for_each_character() -> None:
    upwards = Frame(4, (0, 1, -1, 0, 0, 0))
    found = line("ab", [10, 20, 30], -105, -95, 10, upwards)
    assert found
    assert [(b.page, b.start, b.end, b.bottom, b.top, b.edges) for b in boxes(joined([found]))] == [
        (4, 0, 1, 10, 20, (95, 105)),
        (4, 1, 2, 20, 30, (95, 105)),
    ]
