"""Order the best sentences anew by a cross-encoder, which reads the question and a sentence together.

After Nogueira and Cho 2019 (https://arxiv.org/abs/1901.04085), with any sentence-transformers ``CrossEncoder``.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ingest.errors import KeyRAGError
from rag.fuse import Fused


class Reranker:
    """A cross-encoder that gives one score to a pair of texts; safe to share between threads.

    :param model: name or folder of a ``CrossEncoder``.
    :raises KeyRAGError: if it can't be loaded, or gives more than one score.
    """

    def __init__(self, model: str) -> None:
        from sentence_transformers import CrossEncoder

        try:
            self._encoder = CrossEncoder(model)
        except (OSError, ValueError) as error:
            reason = str(error).strip().split("\n", 1)[0][:200]
            raise KeyRAGError(
                f"retrieve.rerank.model {model!r} can't be loaded: name a sentence-transformers CrossEncoder that this "
                f"machine reaches, or its folder ({reason})"
            ) from error
        if self._encoder.num_labels != 1:
            raise KeyRAGError(
                f"retrieve.rerank.model {model!r} gives {self._encoder.num_labels} scores to a pair of texts: "
                "name a CrossEncoder that gives one"
            )
        # A tokenizer must not be used by two threads at once.
        self._alone = threading.Lock()

    def scores(self, questions: Sequence[str], texts: Sequence[str]) -> NDArray[np.float32]:
        """Give the logit of each text as an answer to each question, float32 (questions, n)."""
        import torch

        pairs = [(question, text) for question in questions for text in texts]
        with self._alone:
            logits = self._encoder.predict(pairs, activation_fn=torch.nn.Identity(), show_progress_bar=False)
        return np.asarray(logits, np.float32).reshape(len(questions), len(texts))


@lru_cache(maxsize=1)
def load_reranker(model: str) -> Reranker:
    """Give the reranker of that name, loaded once; see :class:`Reranker` for what may be wrong with it."""
    return Reranker(model)


def reranked(fused: Fused, logits: NDArray[np.float32]) -> Fused:
    """Deal the best scores out anew: the first of them to the sentence that the cross-encoder puts first, and so on.

    So scores mean what they meant before, a share of the best one included, and only their order is another's.

    :param logits: float32 (parts, m), of the first m sentences for each part of the question; a sentence counts by
        its distance to the best one for the part that it answers best, so that no part is left without.
    """
    best = (logits - logits.max(axis=1, keepdims=True)).max(axis=0)
    order = np.argsort(-best, kind="stable")
    scores = fused.scores.copy()
    scores[order] = np.sort(fused.scores[: len(order)])[::-1]
    return replace(fused, scores=scores)
