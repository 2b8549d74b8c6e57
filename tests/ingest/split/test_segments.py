from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.split.segments import Limits, segment_spans


@given(st.data())
def test_segments_cover_the_run_and_keep_below_the_maximum(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 60), max_size=40))
    bonds = [data.draw(st.floats(-1, 1)) for _ in sizes[1:]]
    limits = Limits(
        data.draw(st.integers(0, 50)),
        data.draw(st.integers(50, 200)),
        data.draw(st.sampled_from(("bisect", "forward"))),
    )
    spans = segment_spans(sizes, bonds, limits)
    assert [span[0] for span in spans] + ([spans[-1][1]] if spans else []) == (
        [0] + [span[1] for span in spans] if spans else []
    )
    for first, end in spans:
        assert sum(sizes[first:end]) <= limits.maximum or end - first == 1
    for (a, b), (c, d) in pairwise(spans):
        # Two short neighbours are left apart only where they don't fit into one.
        both_short = sum(sizes[a:b]) < limits.minimum and sum(sizes[c:d]) < limits.minimum
        assert not both_short or sum(sizes[a:d]) > limits.maximum


def test_neighbours_are_merged_while_they_bind_and_cut_where_they_do_not() -> None:
    assert segment_spans([50] * 5, [0.9, -0.2, 0.8, 0.0], Limits(20, 400, "forward")) == [(0, 2), (2, 4), (4, 5)]


@pytest.mark.parametrize(("cut", "expected"), [("bisect", [(0, 2), (2, 5), (5, 6)]), ("forward", [(0, 3), (3, 6)])])
def test_what_is_too_long_is_cut_at_its_weakest_bond_or_filled_from_the_front(
    cut: str, expected: list[tuple[int, int]]
) -> None:
    bonds = [0.9, 0.1, 0.8, 0.7, 0.2]
    assert segment_spans([50] * 6, bonds, Limits(0, 150, cut)) == expected  # type: ignore[arg-type]


def test_a_short_segment_joins_the_side_that_it_leans_to() -> None:
    assert segment_spans([50, 5, 50], [-0.1, -0.9], Limits(20, 400, "bisect")) == [(0, 2), (2, 3)]
    assert segment_spans([50, 5, 50], [-0.9, -0.1], Limits(20, 400, "bisect")) == [(0, 1), (1, 3)]
