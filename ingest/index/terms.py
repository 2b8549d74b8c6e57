"""Turn text into the terms that BM25 compares.

Width, case and traditional or simplified characters are folded. Chinese, Japanese and Korean text gives
single characters and pairs of neighbours: measured better than dictionary words (docs/benchmarks.md) and
free of a dictionary. Latin words, numbers and identifiers stay whole; an identifier also gives its parts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import opencc

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+(?:[.\-/_'’][^\W_{_CJK}]+)*")
_PART = re.compile(r"[^\W_]+")
_NO_LETTER = re.compile(r"[\W_]+")


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """Turn traditional characters to simplified ones, one for one.

    >>> simplified("ＡＢＣ 漢語")
    'ＡＢＣ 汉语'
    """
    converted = _simplifier().convert(text)
    return converted if len(converted) == len(text) else "".join(_simplifier().convert(char) for char in text)


def folded(text: str) -> str:
    """Fold full width to half, upper case to lower and traditional characters to simplified.

    >>> folded("ＡＢＣ 漢語")
    'abc 汉语'
    """
    return _simplifier().convert(unicodedata.normalize("NFKC", text).lower())


def letters(text: str) -> str:
    """Fold a text and leave its spaces and signs out, so that copies of it are equal.

    >>> letters("“ＡＢＣ”，漢語。") == letters("abc 汉语")
    True
    """
    return _NO_LETTER.sub("", folded(text))


def _stem(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def terms(text: str) -> list[str]:
    """Give the terms of a text in order, with repetitions.

    >>> terms("型号PPR-9087的价格")
    ['型', '号', '型号', 'ppr-9087', 'ppr', '9087', '的', '价', '格', '的价', '价格']
    """
    found: list[str] = []
    for match in _TOKEN.finditer(folded(text)):
        token = match.group()
        if re.match(f"[{_CJK}]", token):
            found += token
            found += [token[i : i + 2] for i in range(len(token) - 1)]
            continue
        token = re.sub(r"['’]s$", "", token)
        found.append(_stem(token))
        parts = _PART.findall(token)
        if len(parts) > 1:
            found += [_stem(part) for part in parts]
    return found
