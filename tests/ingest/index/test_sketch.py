from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.index.sketch import SHINGLE, SIZE, resemblance, sketch


def _jaccard(one: str, other: str) -> float:
    sets = [{text[i : i + SHINGLE] for i in range(len(text) - SHINGLE + 1)} for text in (one, other)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_the_estimate_is_near_the_true_share_of_common_shingles(kept: float) -> None:
    letters = random.Random(7)
    text = "".join(chr(letters.randint(0x4E00, 0x9FFF)) for _ in range(5000))
    part = text[: int(kept * len(text))]
    assert abs(resemblance(sketch(text), sketch(part)) - _jaccard(text, part)) < 0.13


@given(st.text())
def test_a_text_is_the_same_as_itself_whatever_its_spaces(text: str) -> None:
    own = sketch(text)
    assert len(own) <= SIZE and (own >= 0).all() and (own[1:] > own[:-1]).all()
    assert resemblance(own, sketch(" " + text.replace(" ", "\n"))) == (1.0 if len(own) else 0.0)
