"""Write a cell's value as its number format shows it: dates, percentages, separators, currencies."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

_TOKEN = re.compile(r'"([^"]*)"|\\(.)|_(?:.)|\*(?:.)|\[(\$[^\]]*|[^\]]*)\]|(AM/PM|am/pm|上午/下午)|(.)', re.DOTALL)
_DATE = re.compile(r"y{1,4}|m{1,5}|d{1,4}|h{1,2}|s{1,2}(?:\.0+)?|AM/PM|am/pm|上午/下午")
_NUMBER = re.compile(r"[#0?][#0?,]*(?:\.[#0?]+)?,*")
_MONTHS = ("January February March April May June July August September October November December").split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_NOON = frozenset(("AM/PM", "am/pm", "上午/下午"))
# A date that a format shows with a time that nobody entered.
_MIDNIGHT = re.compile(r"(?<=\d) 0?0:00(?::00)?$")
_LARGEST = 1e15
# Characters of the private use area stand for quoted ones, so that they are not taken for placeholders.
_QUOTED = 0xF0000
_GENERAL = frozenset(("", "General", "@", "general", "G/通用格式"))

Value = int | float | datetime.datetime | datetime.date | datetime.time | datetime.timedelta


def displayed(value: object, number_format: str) -> str:
    """Write a value as a spreadsheet shows it; formats beyond the usual give the bare value.

    >>> displayed(0.085, "0.0%"), displayed(1234.5, "¥#,##0.00"), displayed(datetime.date(2026, 3, 1), 'yyyy"年"m"月"')
    ('8.5%', '¥1,234.50', '2026年3月')
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _writer(number_format)(value)
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return _date_writer(number_format)(value)
    return str(value)


def shows_nothing(number_format: str) -> bool:
    """Tell whether a format, such as ;;;, hides whatever stands in the cell."""
    return number_format.count(";") >= 2 and not number_format.replace(";", "").strip()


def plain(value: float) -> str:
    """Write a number without noise digits."""
    if isinstance(value, int) or abs(value) >= 1e15:
        return str(value)
    return format(value, ".12g")


@lru_cache(maxsize=1000)
def _writer(number_format: str) -> Callable[[float], str]:
    sections = number_format.split(";")
    special = "E" in number_format or "/" in number_format or "[<" in number_format or "[>" in number_format
    if number_format in _GENERAL or special:
        return plain
    positive = _section(sections[0])
    negative = _section(sections[1]) if len(sections) > 1 and sections[1].strip() else None

    def write(value: float) -> str:
        if value < 0 and negative:
            return negative(-value)
        return f"-{positive(-value)}" if value < 0 else positive(value)

    return write


def _section(pattern: str) -> Callable[[float], str]:
    """Compile one section: literal text around one number."""
    text = "".join(_literals(pattern))
    found = _NUMBER.search(text)
    if found is None:
        return plain
    digits = found.group()
    before, after = _visible(text[: found.start()]), _visible(text[found.end() :])
    percent = "%" in after or "%" in before
    thousands = len(digits) - len(digits.rstrip(","))
    whole, _, fraction = digits.rstrip(",").partition(".")
    grouped = "," in whole
    least_whole, least = whole.count("0"), fraction.count("0")
    scale = Decimal(10) ** ((2 if percent else 0) - 3 * thousands)
    step = Decimal(10) ** -len(fraction)

    def write(value: float) -> str:
        if not abs(value) < _LARGEST:
            return plain(value)
        rounded = (Decimal(str(value)) * scale).quantize(step, ROUND_HALF_UP)
        written = f"{rounded:,f}" if grouped else f"{rounded:f}".zfill(least_whole + len(fraction) + bool(fraction))
        optional = len(fraction) - least
        if optional and "." in written:
            kept = written.rstrip("0")
            written = written[: max(len(kept), len(written) - optional)].rstrip(".")
        return f"{before}{written}{after}".strip()

    return write


def _literals(pattern: str) -> list[str]:
    pieces = []
    for match in _TOKEN.finditer(pattern):
        quoted, escaped, bracket, noon, char = match.groups()
        literal = quoted if quoted is not None else escaped
        if literal is None and bracket is not None and bracket.startswith("$"):
            literal = bracket[1:].split("-")[0]  # a currency and its locale
        if literal is not None:
            pieces.append("".join(chr(_QUOTED + ord(one)) if ord(one) < 0x3000 else one for one in literal))
        elif noon or char:
            pieces.append(noon or char)
    return pieces


def _visible(text: str) -> str:
    return "".join(chr(ord(one) - _QUOTED) if _QUOTED <= ord(one) < _QUOTED + 0x3000 else one for one in text)


@lru_cache(maxsize=1000)
def _date_writer(number_format: str) -> Callable[[Value], str]:
    text = "".join(_literals(number_format.split(";")[0]))
    tokens = list(_DATE.finditer(text))
    codes = {token.group() for token in tokens}
    # A year of two digits, as in the format that every country reads in its own order, is written in full.
    if number_format in _GENERAL or not tokens or codes & {"y", "yy"}:
        return _iso
    short_day = bool(codes & _NOON)

    def write(value: Value) -> str:
        pieces, done = [], 0
        for place, token in enumerate(tokens):
            near = [one.group()[0] for one in tokens[max(place - 1, 0) : place + 2]]
            pieces += [text[done : token.start()], _part(token.group(), value, near, short_day)]
            done = token.end()
        return _MIDNIGHT.sub("", _visible("".join((*pieces, text[done:]))).strip())

    return write


def _iso(value: Value) -> str:
    return _MIDNIGHT.sub("", str(value))


def _part(code: str, value: Value, near: list[str], short_day: bool) -> str:
    """Write a part of a date; m is minutes beside hours or seconds, else the month."""
    year, month, day = (getattr(value, name, 0) for name in ("year", "month", "day"))
    hour, minute, second = (getattr(value, name, 0) for name in ("hour", "minute", "second"))
    kind, size = code[0], len(code)
    if code in _NOON:
        return code.split("/")[hour >= 12]
    if kind == "m" and size <= 2 and ("h" in near[:1] or "s" in near[-1:]):
        return f"{minute:02d}" if size == 2 else str(minute)
    if kind == "y":
        return f"{year % 100:02d}" if size <= 2 else str(year)
    if kind == "m" and size > 2 and month:
        return _MONTHS[month - 1][: 3 if size == 3 else None]
    if kind == "d" and size > 2 and isinstance(value, datetime.date):
        return _DAYS[value.weekday()][: 3 if size == 3 else None]
    if kind == "h" and short_day:
        hour = hour % 12 or 12
    number = {"m": month, "d": day, "h": hour, "s": second}[kind]
    return f"{number:02d}" if size >= 2 else str(number)
