"""Numbers written in words: whole numbers in Chinese, months in English."""

from __future__ import annotations

DIGITS = {
    char: value
    for value, chars in enumerate(("零〇", "一壹", "二两兩贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for char in chars
}
SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
LARGE = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
# A regular expression.
CHINESE = f"[{''.join(DIGITS)}{''.join(SMALL)}][{''.join(DIGITS)}{''.join(SMALL)}{''.join(LARGE)}]*"


MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}


def chinese_value(text: str) -> int:
    """Give the value of a whole number written in Chinese, digit by digit or with its units.

    >>> chinese_value("二〇二三"), chinese_value("一百零五"), chinese_value("三万二千")
    (2023, 105, 32000)
    """
    if not any(char in SMALL or char in LARGE for char in text):
        return int("".join(str(DIGITS[char]) for char in text))
    total = section = digit = 0
    for char in text:
        if char in DIGITS:
            digit = DIGITS[char]
        elif char in SMALL:
            section += (digit or 1) * SMALL[char]
            digit = 0
        else:
            total = (total + section + digit) * LARGE[char]
            section = digit = 0
    return total + section + digit
