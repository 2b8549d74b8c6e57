"""Languages: Chinese and English, told apart by script."""

from __future__ import annotations

import re
from typing import Literal

from ingest.load.clean import has_cjk

Language = Literal["zh", "en"]

_CJK = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+")


def language_of(question: str) -> Language:
    """Give the language to answer in: Chinese as soon as the question has a Chinese character.

    >>> language_of("MTBF 是多少？"), language_of("What is the MTBF?")
    ('zh', 'en')
    """
    return "zh" if has_cjk(question) else "en"


def main_language(text: str) -> Language | None:
    """Give the language of most of a text's words, None if it has none; a Chinese word has two characters.

    >>> main_language("Who was 卢弗斯?"), main_language("650元"), main_language("1891")
    ('en', 'zh', None)
    """
    chinese, latin = len(_CJK.findall(text)) / 2, len(_LATIN.findall(text))
    if not chinese and not latin:
        return None
    return "zh" if chinese > latin else "en"
