from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rag.fuse import FEATURES, fuse, probabilities
from tests.small import SETTINGS

SCORES = arrays(np.float32, st.integers(1, 30), elements=st.floats(-5, 30, width=32))


def test_a_score_is_the_weighted_sum_of_its_features() -> None:
    weights = SETTINGS.retrieve.weights.model_copy(update={name: float(i) for i, name in enumerate(FEATURES)})
    features = np.eye(6, dtype=np.float32)[None]
    fused = fuse(features, weights, np.zeros(6, np.int64))
    assert fused.scores.tolist() == [0, 1, 2, 3, 4, 5]
    assert fused.dense.tolist() == [0, 1, 2, 0, 0, 0] and fused.lexical.tolist() == [0, 0, 0, 3, 4, 0]
    assert fused.answer_type.tolist() == [0, 0, 0, 0, 0, 5]


def test_a_sentence_is_explained_by_the_part_that_it_answers() -> None:
    features = np.zeros((3, 6, 2), np.float32)
    features[1, 0, 0] = features[2, 0, 1] = 8
    fused = fuse(features, SETTINGS.retrieve.weights, np.array([1, 1]))
    assert fused.dense.tolist() == [8, 8]
    assert fused.scores[0] == fused.scores[1]


@given(SCORES)
@example(np.array([-2, -3], np.float32))
def test_probabilities_keep_the_order_of_scores(scores: np.ndarray) -> None:
    likely = probabilities(scores)
    assert ((likely > 0) & (likely < 1)).all()
    order = np.argsort(scores)
    assert (np.diff(likely[order]) >= -1e-6).all()


def test_a_hit_that_leads_is_likelier_than_one_among_equals() -> None:
    alone = probabilities(np.array([15, 5, 5], np.float32))[0]
    among = probabilities(np.array([15, 15, 5], np.float32))[0]
    assert alone > 0.9 > 0.5 > among


def test_nothing_has_no_probability() -> None:
    assert len(probabilities(np.zeros(0, np.float32))) == 0
