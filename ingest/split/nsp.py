"""Next-sentence prediction: does the text after a gap go on with the text before it?

BERT's second task (Devlin et al. 2019, https://arxiv.org/abs/1810.04805); any model with that head serves,
one trained by ``keyrag train segmenter`` too.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.errors import KeyRAGError
from ingest.split.gaps import Gap

# Characters, at least, of whole sentences on either side that the model reads.
AROUND = 120
# Tokens of both sides together; more is cut from the longer side.
MAX_TOKENS = 192
_BATCH = 16
# BERT's own order of the two classes.
IS_NEXT = 0


@lru_cache(maxsize=2)
def _loaded(name: str) -> tuple[Any, Any]:
    import torch
    from transformers import AutoTokenizer, BertForNextSentencePrediction

    load: Any = BertForNextSentencePrediction.from_pretrained
    try:
        model, report = load(name, dtype=torch.float32, use_safetensors=True, output_loading_info=True)
        tokenizer = AutoTokenizer.from_pretrained(name)
    except (OSError, ValueError) as error:
        reason = str(error).strip().split("\n", 1)[0][:200]
        raise KeyRAGError(
            f"split.nsp_model {name!r} can't be loaded: name a folder made by `keyrag train segmenter`, or another "
            f"BertForNextSentencePrediction with safetensors weights that this machine reaches ({reason})"
        ) from error
    if missing := [key for key in report["missing_keys"] if key.startswith(("cls.", "bert.pooler."))]:
        raise KeyRAGError(
            f"split.nsp_model {name!r} has no head for next-sentence prediction ({missing[0]} is missing): "
            "train one with `keyrag train segmenter`"
        )
    return model.eval(), tokenizer


class NextSentence:
    """Judges gaps by softmax(logits / temperature)[is next] - merge ratio; pairs are judged in batches.

    :param model: name or folder of a ``BertForNextSentencePrediction``.
    :raises KeyRAGError: if it can't be loaded, or has no such head.
    """

    def __init__(self, model: str, temperature: float, merge_ratio: float) -> None:
        self._model, self._tokenizer = _loaded(model)
        self._temperature = temperature
        self._merge_ratio = merge_ratio

    def __call__(self, gaps: Sequence[Gap]) -> NDArray[np.float32]:
        pairs = [gap.around(AROUND) for gap in gaps]
        return self.probabilities(pairs) - np.float32(self._merge_ratio)

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Give the probability, float32 (n,), that the second text of each pair goes on with the first."""
        import torch

        found = np.zeros(len(pairs), np.float32)
        # Pairs of similar length together, so that a batch holds little padding.
        order = sorted(range(len(pairs)), key=lambda i: -len(pairs[i][0]) - len(pairs[i][1]))
        with torch.inference_mode():
            for start in range(0, len(order), _BATCH):
                batch = order[start : start + _BATCH]
                logits = self._model(**encoded(self._tokenizer, [pairs[i] for i in batch])).logits
                found[batch] = torch.softmax(logits / self._temperature, dim=-1)[:, IS_NEXT].numpy()
        return found


def encoded(tokenizer: Any, pairs: Sequence[tuple[str, str]]) -> Any:
    """Give the input of the model for pairs of texts, as tensors."""
    first, second = zip(*pairs, strict=True)
    return tokenizer(
        list(first),
        list(second),
        truncation="longest_first",
        max_length=MAX_TOKENS,
        padding=True,
        return_token_type_ids=True,
        return_tensors="pt",
    )
