"""Whether the text answers the question at all, as the model that has read it sees it.

Language models know fairly well what they can't answer, better than their answers show: asked for one word, the
probabilities of "yes" and "no" tell (Kadavath et al., Language Models (Mostly) Know What They Know, 2022,
arXiv:2207.05221). The prompt begins like that of the answer, so that a model server reads the context once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rag.language import Language

OPTIONS: dict[str, Any] = {"max_tokens": 1, "logprobs": True, "top_logprobs": 20}
"""How the model is called: one word with its rivals' probabilities."""

FITTED_ON = "qwen2.5-coder-1.5b-instruct"
"""The embedded model whose word the weights understand; that of others is not asked for."""

_YES = {"zh": ("能", "可以"), "en": ("yes",)}
_NO = {"zh": ("不", "无", "無"), "en": ("no",)}
# Logistic regression on answerable and unanswerable questions (docs/benchmarks.md), in the words of the text and in
# others: weights of the evidence's and of the word's logit and of names that the text doesn't hold, intercept.
_WEIGHTS = {"zh": (1.26, 2.31, -3.0, -2.0), "en": (0.1, 2.75, -2.0, -1.5)}
# Less evidence says only that people ask in other words than the text's, and more is never surer than this.
_LEAST, _MOST = 0.2, 0.999
# Less than any server tells of.
_NEVER = 1e-6


def answerable(evidence: float, first: Mapping[str, float], language: Language, *, unheld: bool) -> float | None:
    """Give a probability, 0 to 1, that the text answers the question, None where the server told no probabilities.

    :param evidence: what was thought before the model had read the text.
    :param first: the log probability of each word that the model may have begun with.
    :param unheld: whether the question names something that the text doesn't hold.
    """
    if not first:
        return None
    held, said, missed, intercept = _WEIGHTS[language]
    before, word = logits(evidence, first, language)
    odds = held * before + said * word + missed * unheld + intercept
    return round(1 / (1 + math.exp(-odds)), 4)


def logits(evidence: float, first: Mapping[str, float], language: Language) -> tuple[float, float]:
    """Give the log odds of the evidence, and of yes against no."""
    prior = min(max(evidence, _LEAST), _MOST)
    yes, no = (_probability(first, words[language]) for words in (_YES, _NO))
    return math.log(prior / (1 - prior)), math.log(yes / no)


def _probability(first: Mapping[str, float], beginnings: tuple[str, ...]) -> float:
    words = (math.exp(chance) for word, chance in first.items() if word.strip().lower().startswith(beginnings))
    return max(sum(words), _NEVER)
