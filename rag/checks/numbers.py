"""Numbers in text, written in digits, in Chinese or in English words, compared by value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ingest.index.numerals import CHINESE, LARGE, SMALL, chinese_value

_UNITS = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "bn": 10**9, "trillion": 10**12}
_WORDS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
} | {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}

ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
NUMERAL = f"(?:{ARABIC}|{CHINESE})"
_WORD = "|".join((*_WORDS, *(unit for unit in _UNITS if unit != "bn")))
_QUANTITY = re.compile(
    rf"(?P<base>{CHINESE}|\d+)分之(?P<share>{NUMERAL})"
    rf"|(?P<tenths>[一二两三四五六七八九\d])成(?![为立员本就果功长熟分绩效都交语品份因])"
    rf"|(?P<arabic>{ARABIC})\s?(?P<times>[十百千]?[万亿]{{1,2}}|[百千]|(?:hundred|thousand|million|billion|trillion|bn)\b)?"
    rf"\s?(?P<percent>%|‰|per ?cent\b)?"
    rf"|(?P<chinese>{CHINESE})"
    rf"|\b(?P<words>(?:{_WORD})(?:(?:[- ]| and )(?:{_WORD}))*)\b(?P<word_percent> ?(?:%|per ?cent\b))?"
)
# A single Chinese numeral is a number where something is counted: 三天, but not 三亚 or 一般.
_MEASURES = frozenset(
    "天日年月周个名人次条项件元点分秒时小台套部份种张页章届层楼倍岁级期位家所座辆艘架支门米公斤吨度版块轮批班组股代世类款号幅段"
    "省市县区国步卷集场局成间杯瓶箱盒根匹头尺寸里亩"
)
_ONE_COUNTS = frozenset("天日年月周次元倍岁级届层楼小分秒度吨公米号期")
# What is counted, where that is sure: three days are not three metres. Wordings of the same measure are one line.
_MEASURE_WORDS = tuple(
    line.split()
    for line in (
        "天 日 号 days day",
        "年 周年 载 years year",
        "个月 月 months month",
        "周 星期 个星期 weeks week",
        "小时 个小时 钟头 hours hour",
        "分钟 minutes minute min",
        "秒 seconds second s",
        "人 名 位 口 people persons person",
        "元 块 圆 yuan cny rmb",
        "美元 dollars usd",
        "公里 千米 km kilometres kilometers",
        "米 公尺 m metres meters metre meter",
        "厘米 公分 cm",
        "毫米 mm",
        "公斤 千克 kg",
        "克 g",
        "吨 t tonnes tons",
        "平方公里 平方千米",
        "平方米 平方公尺 平米",
        "次 回 遍 times",
        "岁",
        "倍",
        "层 楼",
        "世纪",
        "页 pages",
    )
)
_MEASURE_OF = {word: line[0] for line in _MEASURE_WORDS for word in line}
_MEASURE = re.compile(
    r"[ ]?-?(?:"
    + "|".join(
        re.escape(word) + (r"\b" if word.isascii() else "") for word in sorted(_MEASURE_OF, key=len, reverse=True)
    )
    + ")"
)
_IDIOMS = frozenset(("十分", "千万", "一一", "三三两两", "七八", "百千", "千百", "百十"))


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number at ``text[start:end]``.

    ``value`` is what it comes to (of a percentage what stands before the sign), ``written`` what stands before
    a unit such as 万; ``unit`` is that unit. ``measure`` is what is counted, ``%`` for a percentage, empty where
    that is not sure.
    """

    start: int
    end: int
    value: Decimal
    written: Decimal
    unit: str = ""
    measure: str = ""

    @property
    def percent(self) -> bool:
        return self.measure == "%"


def numeral_value(text: str) -> Decimal:
    """Give the value of a number in digits or in Chinese."""
    return Decimal(text.replace(",", "")) if text[0].isdecimal() else Decimal(chinese_value(text))


def english_value(words: str) -> int:
    """Give the value of a number in English words.

    >>> english_value("two hundred and five"), english_value("twenty-one thousand")
    (205, 21000)
    """
    total = section = 0
    for word in re.findall("[a-z]+", words):
        if word in _WORDS:
            section += _WORDS[word]
        elif word == "hundred":
            section = (section or 1) * 100
        elif word in _UNITS:
            total += (section or 1) * _UNITS[word]
            section = 0
    return total + section


def quantities(text: str, *, loose: bool = False) -> Iterator[Quantity]:
    """Give the numbers of a folded text.

    :param loose: take also single Chinese numerals where nothing is counted, and English "one".

    >>> [(str(q.value), q.percent) for q in quantities("1,200元，十五天，3.50%，百分之八十，1.5亿")]
    [('1200', False), ('15', False), ('3.5', True), ('80', True), ('150000000', False)]
    """
    for match in _QUANTITY.finditer(text):
        quantity = _quantity(match)
        if loose or _counts(match, text):
            yield quantity


def _quantity(match: re.Match[str]) -> Quantity:
    start, end = match.span()
    end -= len(match.group()) - len(match.group().rstrip())
    measured = _MEASURE.match(match.string, end)
    measure = _MEASURE_OF[measured.group().strip(" -")] if measured else ""
    if match["base"]:
        share, whole = numeral_value(match["share"]), numeral_value(match["base"])
        if whole == 100:
            return Quantity(start, end, plain(share), plain(share), measure="%")
        value = plain(share / whole) if whole else share
        return Quantity(start, end, value, value)
    if match["tenths"]:
        value = 10 * numeral_value(match["tenths"])
        return Quantity(start, end, value, value, measure="%")
    if match["arabic"]:
        written = numeral_value(match["arabic"])
        unit = match["times"] or ""
        value = written * (_UNITS[unit] if unit in _UNITS else _times(unit))
        if match["percent"] == "‰":
            value = written = written / 10
        return Quantity(start, end, plain(value), plain(written), unit, "%" if match["percent"] else measure)
    if match["chinese"]:
        value = Decimal(chinese_value(match["chinese"]))
        return Quantity(start, end, value, value, measure=measure)
    value = Decimal(english_value(match["words"]))
    return Quantity(start, end, value, value, measure="%" if match["word_percent"] else measure)


def _times(unit: str) -> int:
    product = 1
    for char in unit:
        product *= SMALL.get(char) or LARGE[char]
    return product


def _counts(match: re.Match[str], text: str) -> bool:
    """Tell whether a match is surely meant as a number."""
    if match["words"]:
        return match["words"] not in ("one", "zero", *_UNITS)
    written = match["chinese"]
    if not written:
        return True
    after = text[match.end() : match.end() + 1]
    if text[match.start() - 1 : match.start()] == "第":
        return True
    if len(written) > 1:
        return written not in _IDIOMS or after in _MEASURES
    if written in "百佰千仟零":
        return False
    return after in (_ONE_COUNTS if written in "一壹" else _MEASURES)


def plain(value: Decimal) -> Decimal:
    """Give a value without trailing zeros.

    >>> str(plain(Decimal("1200.50"))), str(plain(Decimal("1E+3")))
    ('1200.5', '1000')
    """
    return Decimal(f"{value.normalize():f}")
