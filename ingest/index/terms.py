"""Turn text into the terms that BM25 compares.

Width, case, Latin accents and traditional or simplified characters are folded. Chinese, Japanese and Korean text gives
single characters and pairs of neighbours: measured better than dictionary words (docs/benchmarks.md) and
free of a dictionary. Latin words, numbers and identifiers stay whole; an identifier also gives its parts and
itself without signs. A number in Chinese also gives its digits, a date the numbers of its month and day.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import opencc

from ingest.index.numerals import CHINESE, MONTHS, chinese_value

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+(?:[.\-/_'’][^\W_{_CJK}]+)*")
_PART = re.compile(r"[^\W_]+")
# Changes with the terms that a text gives, so that indexes of other terms are built anew.
EDITION = 3
# Up to this length letters and digits are one word: mp3, b2b.
_SHORT_CODE = 4
# Letters and digits in turn: PPR9087.
_RUN = re.compile(r"[^\W\d_]+|\d+")
_SEPARATOR = re.compile(r"[.\-/_]")
_THOUSANDS = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])")
_DATE = re.compile(r"(?<!\d)((?:1\d|20)\d\d)([-/.])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d)")
_NUMERAL = re.compile(rf"(?:百分之)?(?P<number>{CHINESE})(?P<date>[年月日号]?)")
_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))
_ENGLISH_DATE = re.compile(rf"\b({_NAME})\b\.?(?=,? \d)|(?<=\d )({_NAME})\b|(?<=(?:st|nd|rd|th) )({_NAME})\b")
# Small Latin letters with an accent, those of Vietnamese included.
_ACCENTED = re.compile("[\u00e0-\u024f\u1e00-\u1eff]")
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
    """Fold full width to half, upper case to lower, traditional characters to simplified, and drop Latin accents.

    >>> folded("ＡＢＣ 漢語 Zürich")
    'abc 汉语 zurich'
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    if not plain.isascii():
        plain = _ACCENTED.sub(lambda letter: unicodedata.normalize("NFD", letter[0])[0], plain)
    return _simplifier().convert(plain)


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
    """Give the terms of a text in order, with repetitions, and behind them other forms of its numbers.

    >>> terms("型号PPR-9087的价格")
    ['型', '号', '型号', 'ppr-9087', 'ppr', '9087', 'ppr9087', '的', '价', '格', '的价', '价格']
    >>> terms("二〇二三年")[-1], terms("12 May 2023")[-1]
    ('2023', '5')
    """
    plain = _THOUSANDS.sub(lambda number: number[0].replace(",", ""), folded(text))
    found: list[str] = []
    for match in _TOKEN.finditer(plain):
        token = match.group()
        if re.match(f"[{_CJK}]", token):
            found += token
            found += [token[i : i + 2] for i in range(len(token) - 1)]
        else:
            found += _word_forms(re.sub(r"['’]s$", "", token))
    return found + _number_forms(plain)


def _word_forms(token: str) -> list[str]:
    """Give a word or identifier, its parts, and what it is without signs."""
    found = [_stem(token)]
    parts = _PART.findall(token)
    if len(parts) > 1:
        found += [_stem(part) for part in parts]
        joined = _SEPARATOR.sub("", token)
        if joined != token and re.search(r"\d", token) and re.search(r"[^\W\d]", token):
            found.append(joined)
    for part in parts:
        if len(part) > _SHORT_CODE and len(runs := _RUN.findall(part)) > 1:
            found += runs
    return found


def _number_forms(text: str) -> list[str]:
    """Give the digits of numbers in Chinese, and month and day of dates as they stand in other ways of writing."""
    # One character is a number where a date is meant: 三日, but not 三亚.
    numerals = (match["number"] for match in _NUMERAL.finditer(text) if len(match["number"]) > 1 or match["date"])
    found = [str(chinese_value(number)) for number in numerals]
    found += [str(int(part)) for date in _DATE.finditer(text) for part in date.group(3, 4) if part.startswith("0")]
    return found + [str(MONTHS[next(filter(None, date.groups()))]) for date in _ENGLISH_DATE.finditer(text)]
