"""Names in text: people, places, organisations, products, identifiers, quoted words.

Chinese names are what jieba's tagger calls one, and words that its dictionary does not know; Latin ones are
capitalised words. Neither knows every name: what they miss stays unchecked, what they take for a name
without need does no harm as long as it stands in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock, Thread
from typing import TYPE_CHECKING

from rag.checks.fold import Folded

if TYPE_CHECKING:
    from jieba.posseg import POSTokenizer

_TAGS = frozenset(("nr", "nrfg", "nrt", "ns", "nt", "nz"))
_HAN = re.compile(r"[\u3400-\u9fff]+")
_LETTER = r"[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
_LATIN = re.compile(rf"{_LETTER}(?:(?:{_LETTER}|['’&.\-/])*{_LETTER})?")
_IDENTIFIER = re.compile(r"(?<![a-z0-9])[a-z][a-z0-9]*(?:[-/._][a-z0-9]+)*(?![a-z0-9])")
_CURRENCY = re.compile(r"(?:cny|rmb|usd|us|eur|gbp|jpy|hkd|hk|no|p|pp|page|ch|fig|q|h|v)[.\-]?\d+(?:\.\d+)?")
_MONTHS_AND_UNITS = frozenset(
    "january february march april may june july august september october november december i cny rmb usd eur "
    "ok yes no mm cm km kg ml am pm mpa ghz mhz kw kwh n·m".split()
)
# What may be said of a name without being part of it.
_GENERIC = re.compile(
    "(?:地区|王国|共和国|帝国|省|市|县|区|国|人|族|语|文|镇|村|州|岛|河|山|湖|江|先生|女士|教授|博士|总统|公司|大学|时期|时代|年间)$"
)
_QUOTED = re.compile(r"[“\"「『‘]([^“”\"「」『』‘’\n]{2,120})[”\"」』’]|[《〈]([^《》〈〉\n]{1,80})[》〉]")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;。！？：；\n])[\s\"“”'(（*\-•]*$")


@dataclass(frozen=True, slots=True)
class Name:
    """A name at ``text[start:end]`` of a folded text; ``parts`` are the words that must stand in a text with it."""

    start: int
    end: int
    parts: tuple[str, ...]
    latin: bool


_LOADING = Lock()


def prepare() -> None:
    """Begin to load the dictionary, which takes a second or two, e.g. while the model is writing."""
    if not _loaded.cache_info().currsize:
        Thread(target=_tagger, name="keyrag-names", daemon=True).start()


def _tagger() -> POSTokenizer:
    with _LOADING:
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> POSTokenizer:
    """Load jieba's dictionary from its package, not from the cache that jieba keeps in the shared temporary folder."""
    import jieba
    import jieba.posseg

    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return jieba.posseg.POSTokenizer(tokenizer)


def names(text: str, folded: Folded) -> Iterator[Name]:
    """Give the names of a text; offsets are those of the folded text.

    >>> from rag.checks.fold import fold
    >>> text = "1997年由赵守拙在昆明创立，型号YL300-L，见 Saxon Garden。"
    >>> [name.parts for name in names(text, fold(text))]
    [('赵守拙',), ('昆明',), ('yl300-l',), ('saxon', 'garden')]
    """
    found = [*_chinese(folded.text), *_latin(text, folded)]
    return iter(sorted(found, key=lambda name: name.start))


def identifiers(folded: str) -> Iterator[tuple[int, int]]:
    """Give the places of words that begin with a letter and hold a digit: part numbers, standards, versions."""
    for match in _IDENTIFIER.finditer(folded):
        if any(char.isdigit() for char in match.group()) and not _CURRENCY.fullmatch(match.group()):
            yield match.span()


def quotes(folded: str) -> Iterator[tuple[int, int]]:
    """Give the places of what stands between quotation marks, without them."""
    for match in _QUOTED.finditer(folded):
        yield match.span(1 if match[1] is not None else 2)


def without_generic(name: str) -> str:
    """Give a name without a word that tells its kind: 欧洲 for 欧洲地区."""
    bare = _GENERIC.sub("", name)
    return bare if len(bare) > 1 else name


def _chinese(folded: str) -> Iterator[Name]:
    if not _HAN.search(folded):
        return
    tagger = _tagger()
    known = tagger.tokenizer.FREQ
    surname: Name | None = None
    place = 0
    for word in tagger.cut(folded):
        start, place = place, place + len(word.word)
        if not _HAN.fullmatch(word.word):
            surname = None
            continue
        if surname is not None and len(word.word) <= 2 and word.flag[0] in "nagv":
            # A surname alone belongs to what follows it: 赵 / 守拙.
            yield Name(surname.start, place, (folded[surname.start : place],), False)
            surname = None
            continue
        surname = None
        if len(word.word) == 1:
            surname = Name(start, place, (word.word,), False) if word.flag == "nr" else None
        elif word.flag in _TAGS or (word.flag[0] in "nx" and not known.get(word.word)):
            yield Name(start, place, (word.word,), False)


def _latin(text: str, folded: Folded) -> Iterator[Name]:
    """Give identifiers, capitalised words and, between Chinese, any Latin word; neighbours are one name."""
    taken = list(identifiers(folded.text))
    yield from (Name(start, end, (folded.text[start:end],), True) for start, end in taken)
    place = {origin: i for i, origin in reversed(list(enumerate(folded.origin)))}
    chinese = _HAN.search(folded.text) is not None
    words = list(_LATIN.finditer(text))
    run: list[tuple[int, int]] = []
    for word in words:
        start, end = place[word.start()], place[word.end() - 1] + 1
        if run and not folded.text[run[-1][1] : start].isspace():
            yield _run(run, folded.text)
            run = []
        lone = len(words) <= 3 and not chinese
        if any(a < end and start < b for a, b in taken) or not _is_name(
            word.group(), text[: word.start()], chinese, lone
        ):
            if run:
                yield _run(run, folded.text)
            run = []
            continue
        run.append((start, end))
    if run:
        yield _run(run, folded.text)


def _run(places: list[tuple[int, int]], folded: str) -> Name:
    parts = tuple(re.sub(r"['’]s$", "", folded[start:end]) for start, end in places)
    return Name(places[0][0], places[-1][1], parts, True)


def _is_name(word: str, before: str, chinese: bool, lone: bool) -> bool:
    if word.lower() in _MONTHS_AND_UNITS or len(word) < 2 or re.search(r"\d\s?$", before):
        return False
    if chinese:
        return len(word) > 2 or word.isupper()
    if not word[0].isupper():
        return False
    inner = any(char.isupper() for char in word[1:])
    return inner or lone or not _SENTENCE_START.search(before)
