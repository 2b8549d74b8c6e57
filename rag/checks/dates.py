"""Dates and times of day in text, compared by what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.index.numerals import CHINESE, MONTHS
from rag.checks.numbers import numeral_value

_MONTH = "|".join(MONTHS)
_NUMERAL = rf"(?:\d{{1,2}}|{CHINESE})"
_YEAR = r"(?:(?<!\d)\d{4}|[零〇一二三四五六七八九]{4})"
_DATE = re.compile(
    rf"(?P<y1>{_YEAR})[ ]?年[ ]?(?:(?P<m1>{_NUMERAL})[ ]?月份?(?:[ ]?(?P<d1>{_NUMERAL})[ ]?[日号])?)?"
    rf"|(?<!\d)(?P<m2>{_NUMERAL})[ ]?月(?:份|[ ]?(?P<d2>{_NUMERAL})[ ]?[日号])?"
    r"|(?<![\d.])(?P<y3>\d{4})(?P<sign>[-/.])(?P<m3>0?[1-9]|1[0-2])(?P=sign)(?P<d3>0?[1-9]|[12]\d|3[01])(?![\d.]\d|\d)"
    rf"|\b(?P<m4>{_MONTH})\b\.?[ ](?:the[ ])?(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?\b(?!,\d)(?:,?[ ](?P<y4>\d{{4}})\b)?"
    rf"|\b(?P<d5>\d{{1,2}})(?:st|nd|rd|th)?[ ](?:of[ ])?(?P<m5>{_MONTH})\b\.?(?:,?[ ](?P<y5>\d{{4}})\b)?"
    rf"|\b(?P<m6>{_MONTH})\b\.?,?[ ](?P<y6>\d{{4}})\b"
)
_TIME = re.compile(
    rf"(?P<half>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间)?[ ]?"
    r"(?:(?<!\d)(?P<h1>2[0-4]|[01]?\d):(?P<m1>[0-5]\d)(?!\d)"
    rf"|(?<!\d)(?P<h2>{_NUMERAL})(?:点钟?|时(?!间))(?:(?P<m2>半|{_NUMERAL}(?=分))分?)?)[ ]?(?P<after>[ap]\.?m\b\.?)?"
    r"|\b(?P<h3>1?\d)[ ]?(?P<only>[ap]\.?m\b\.?)"
)
_AFTERNOON = ("下午", "傍晚", "晚上", "晚间")


@dataclass(frozen=True, slots=True)
class Date:
    """A date at ``text[start:end]``; what it leaves open is None."""

    start: int
    end: int
    year: int | None
    month: int | None
    day: int | None

    @property
    def parts(self) -> tuple[int | None, int | None, int | None]:
        return self.year, self.month, self.day


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day at ``text[start:end]``, ``hour`` from 0 to 24; not ``sure`` where it may be either half."""

    start: int
    end: int
    hour: int
    minute: int
    sure: bool


def dates(text: str) -> Iterator[Date]:
    """Give the dates of a folded text.

    >>> [date.parts for date in dates("2023-05-01，二〇二三年五月，5月1日, may 1, 2023, 1998年")]
    [(2023, 5, 1), (2023, 5, None), (None, 5, 1), (2023, 5, 1), (1998, None, None)]
    """
    for match in _DATE.finditer(text):
        year, month, day = (_first(match, part) for part in "ymd")
        if (month is None or 1 <= month <= 12) and (day is None or 1 <= day <= 31):
            yield Date(match.start(), match.end(), year, month, day)


def _first(match: re.Match[str], part: str) -> int | None:
    for number in range(1, 7):
        given = match.groupdict().get(f"{part}{number}")
        if given:
            return MONTHS.get(given) or int(numeral_value(given))
    return None


def times(text: str) -> Iterator[Time]:
    """Give the times of day of a folded text.

    >>> [(time.hour, time.minute, time.sure) for time in times("上午九点到下午6点半, 9:05, 4 pm")]
    [(9, 0, True), (18, 30, True), (9, 5, False), (16, 0, True)]
    """
    for match in _TIME.finditer(text):
        hour = int(numeral_value(match["h1"] or match["h2"] or match["h3"]))
        minute = 30 if match["m2"] == "半" else int(numeral_value(match["m1"] or match["m2"] or "0"))
        half = match["half"] or ""
        after = (match["after"] or match["only"] or "")[:1]
        if hour > 24 or (match["h2"] and not half and not match["m2"] and hour < 13 and text[match.end() - 1] == "点"):
            continue  # 三点 may be three points
        if (half in _AFTERNOON or after == "p") and hour < 12:
            hour += 12
        yield Time(match.start(), match.end(), hour, minute, bool(half or after) or hour >= 12)
