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
# Logistic regression on answerable and unanswerable questions (bench/answerable.py), in the words of the text and in
# others: weights of the evidence's and of the word's logit, intercept.
_WEIGHTS = {"zh": (0.27, 2.09, -2.2), "en": (0.1, 2.75, -1.5)}
# Log odds of a question that names what the text doesn't hold: of 258 answerable questions in doubt of four development
# sets 21 do, of 381 unanswerable ones 232 (docs/benchmarks.md).
_UNHELD = -2.0
# Evidence is never surer than this.
_UNSURE = 0.001
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
    held, said, intercept = _WEIGHTS[language]
    before, word = logits(evidence, first, language)
    odds = held * before + said * word + _UNHELD * unheld + intercept
    return round(1 / (1 + math.exp(-odds)), 4)


def logits(evidence: float, first: Mapping[str, float], language: Language) -> tuple[float, float]:
    """Give the log odds of the evidence, and of yes against no."""
    prior = min(max(evidence, _UNSURE), 1 - _UNSURE)
    yes, no = (_probability(first, words[language]) for words in (_YES, _NO))
    return math.log(prior / (1 - prior)), math.log(yes / no)


def _probability(first: Mapping[str, float], beginnings: tuple[str, ...]) -> float:
    words = (math.exp(chance) for word, chance in first.items() if word.strip().lower().startswith(beginnings))
    return max(sum(words), _NEVER)
