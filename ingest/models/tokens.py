"""Count tokens, exactly where the model's tokenizer is at hand."""

from __future__ import annotations

import re
from collections.abc import Sequence

from langchain_core.embeddings import Embeddings

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def estimate_tokens(text: str) -> int:
    """Estimate tokens: .7 a CJK character, a quarter of a token any other (measured on Qwen2.5: .62 and .24)."""
    cjk = len(_CJK.findall(text))
    return int(0.7 * cjk + 0.25 * (len(text) - cjk)) + 1


def count_tokens(embeddings: Embeddings, texts: Sequence[str]) -> list[int]:
    """Count the tokens of texts as the embedding model reads them, without prefix and special tokens.

    Models of a provider, whose tokenizers are elsewhere, get an estimate.
    """
    counted = getattr(embeddings, "count_tokens", None)
    return counted(texts) if counted else [estimate_tokens(text) for text in texts]
