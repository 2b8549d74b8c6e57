"""Numbers in text, written in digits or in Chinese, in one form."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = {
    char: value
    for value, chars in enumerate(("零〇", "一壹", "二两兩贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for char in chars
}
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
_ARABIC = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_CHINESE = re.compile(f"[{''.join(_DIGITS)}{''.join(_SMALL)}][{''.join(_DIGITS)}{''.join(_SMALL)}{''.join(_LARGE)}]*")


def chinese_value(text: str) -> int:
    """Give the value of a whole number written in Chinese, digit by digit or with its units.

    >>> chinese_value("二〇二三"), chinese_value("一百零五"), chinese_value("三万二千")
    (2023, 105, 32000)
    """
    if not any(char in _SMALL or char in _LARGE for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total = section = digit = 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _SMALL:
            section += (digit or 1) * _SMALL[char]
            digit = 0
        else:
            total = (total + section + digit) * _LARGE[char]
            section = digit = 0
    return total + section + digit


def numbers(text: str) -> set[str]:
    """Give the numbers of a text without separators and trailing zeros; Chinese numerals as digits.

    >>> sorted(numbers("１，２００元，十五天，3.50%"))
    ['1200', '15', '3.5']
    """
    plain = unicodedata.normalize("NFKC", text)
    found = {_plain(match.group()) for match in _ARABIC.finditer(plain)}
    return found | {str(chinese_value(match.group())) for match in _CHINESE.finditer(plain)}


def _plain(digits: str) -> str:
    number = digits.replace(",", "")
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return number.lstrip("0") or "0" if "." not in number else number
