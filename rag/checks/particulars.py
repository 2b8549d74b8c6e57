"""Particulars: the numbers, dates, names and quoted words of a text, and whether another text holds them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal

from rag.checks.dates import Date, Time, dates, times
from rag.checks.fold import fold
from rag.checks.names import Name, identifiers, names, quotes, without_generic
from rag.checks.numbers import Quantity, plain, quantities

Kind = Literal["number", "percentage", "date", "time", "name", "quote"]
Value = Quantity | Date | Time | Name | str

# List numbers and citation marks are the answer's own.
_MARKER = re.compile(r"[\[【]\d{1,2}[\]】]|^\s*[(（]?\d{1,2}[.、)）](?=\D)", re.MULTILINE)
_NOT_WORDS = re.compile(r"[\W_]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_OPERATION = re.compile(
    r"(?P<left>[\d.,]+%?)\s?[^\d\s=+\-*/x×÷,。，]{0,4}\s?(?P<sign>[+\-−*x×/÷加减乘除])以?\s?"
    r"(?P<right>[\d.,]+%?)\s?[^\d\s=+\-*/x×÷,。，]{0,4}\s?[=等≈]于?\s?(?P<result>[\d.,]*\d%?)"
)


@dataclass(frozen=True, slots=True)
class Particular:
    """``text[start:end]`` of a text, with its value in the form in which it is compared."""

    kind: Kind
    start: int
    end: int
    value: Value

    def __hash__(self) -> int:  # without the value, which takes longer and is told by the place
        return hash((self.kind, self.start, self.end))


def particulars(text: str) -> list[Particular]:
    """Give the particulars of a text in order.

    >>> text = "2023年5月1日起，YL300按百分之八十发放650元。"
    >>> [(p.kind, text[p.start : p.end]) for p in particulars(text)]
    [('date', '2023年5月1日'), ('name', 'YL300'), ('percentage', '百分之八十'), ('number', '650')]
    """
    text = _MARKER.sub(lambda marker: " " * len(marker.group()), text)
    folded = fold(text)
    found: list[tuple[Kind, int, int, Value]] = []
    taken: list[tuple[int, int]] = list(identifiers(folded.text))

    def free(value: Date | Time | Quantity) -> bool:
        return all(value.end <= a or b <= value.start for a, b in taken)

    # "May" is a month only with a capital.
    said = [date for date in dates(folded.text) if not text[folded.origin[date.start] :].startswith("may")]
    for date in filter(free, said):
        found.append(("date", date.start, date.end, date))
        taken.append((date.start, date.end))
    for time in filter(free, times(folded.text)):
        found.append(("time", time.start, time.end, time))
        taken.append((time.start, time.end))
    for quantity in filter(free, quantities(folded.text)):
        found.append(("percentage" if quantity.percent else "number", quantity.start, quantity.end, quantity))
    found += [("name", name.start, name.end, name) for name in names(text, folded)]
    found += [("quote", start, end, folded.text[start:end]) for start, end in quotes(folded.text)]
    return [
        Particular(kind, *folded.span(start, end), value)
        for kind, start, end, value in sorted(found, key=lambda one: (one[1], one[2]))
    ]


class Facts:
    """What a text says in particulars, for looking up those of another."""

    def __init__(self, text: str) -> None:
        self._text = fold(text).text
        self._chinese = _HAN.search(self._text) is not None

    @cached_property
    def _quantities(self) -> list[Quantity]:
        taken = list(identifiers(self._text))
        return [q for q in quantities(self._text, loose=True) if all(q.end <= a or b <= q.start for a, b in taken)]

    @cached_property
    def _measures(self) -> dict[Decimal, set[str]]:
        """What is counted by each value."""
        found: dict[Decimal, set[str]] = {}
        for quantity in self._quantities:
            found.setdefault(quantity.value, set()).add(quantity.measure)
        for date in self._dates:
            if date.year is not None:
                found.setdefault(Decimal(date.year), set()).add("年")
        return found

    @cached_property
    def _dates(self) -> list[Date]:
        return list(dates(self._text))

    @cached_property
    def _times(self) -> list[Time]:
        return list(times(self._text))

    @cached_property
    def _words(self) -> str:
        return _NOT_WORDS.sub("", self._text)

    def tells_of(self, particular: Particular) -> bool:
        """Tell whether the text could hold a particular at all: a name in Chinese letters needs Chinese text."""
        return not isinstance(particular.value, Name) or particular.value.latin or self._chinese

    def hold(self, particular: Particular) -> bool:
        """Tell whether the text says the same."""
        value = particular.value
        if isinstance(value, Quantity):
            return self._hold_quantity(value)
        if isinstance(value, Date):
            return self._hold_date(value)
        if isinstance(value, Time):
            return any(
                time.minute == value.minute
                and (time.hour == value.hour or ((time.hour - value.hour) % 12 == 0 and not (time.sure and value.sure)))
                for time in self._times
            )
        if isinstance(value, Name):
            return all(self._hold_word(part, value.latin) for part in value.parts)
        return _NOT_WORDS.sub("", value) in self._words

    def _hold_quantity(self, value: Quantity) -> bool:
        if measures := self._measures.get(value.value):
            if value.percent:
                # A table may tell the sign in its head.
                return "%" in measures or ("" in measures and ("%" in self._text or "百分" in self._text))
            return not value.measure or value.measure in measures or "" in measures
        return bool(value.unit) and value.unit in self._text and value.written in self._measures

    def _hold_date(self, value: Date) -> bool:
        if value.month is None:
            return value.year is not None and Decimal(value.year) in self._measures
        named = any(
            all(said is None or said == theirs for said, theirs in zip(value.parts[1:], date.parts[1:], strict=True))
            and (value.year is None or date.year is None or value.year == date.year)
            for date in self._dates
        )
        return named and (value.year is None or Decimal(value.year) in self._measures)

    def _hold_word(self, word: str, latin: bool) -> bool:
        if not latin:
            return word in self._text or without_generic(word) in self._text
        bare = word[:-1] if len(word) > 3 and word.endswith("s") else word
        # "Gum2006年" holds "Gum", but YL3000 is no YL300.
        end = r"(?!\d)" if bare[-1].isdigit() else r"(?:'?s)?(?![a-z])"
        return re.search(rf"(?<![a-z0-9]){re.escape(bare)}{end}", self._text) is not None


def computed(text: str) -> Iterator[tuple[int, int, tuple[Decimal, Decimal]]]:
    """Give the results of the right sums that a text spells out: place of the result, and what it was made from.

    >>> text = "650元×3=1,950元，650+3=655"
    >>> [(text[a:b], [str(o) for o in operands]) for a, b, operands in computed(text)]
    [('1,950', ['650', '3'])]
    """
    folded = fold(text)
    for match in _OPERATION.finditer(folded.text):
        try:
            left, right, result = (Decimal(match[name].strip(".,").replace(",", "").rstrip("%")) for name in _NAMES)
        except ArithmeticError:
            continue
        hundredth = Decimal(100) if match["right"].endswith("%") and match["sign"] in "*x×乘" else Decimal(1)
        if _result(left, right, match["sign"]) == result * hundredth:
            yield *folded.span(*match.span("result")), (plain(left), plain(right))


_NAMES = ("left", "right", "result")


def _result(left: Decimal, right: Decimal, sign: str) -> Decimal | None:
    if sign in "+加":
        return left + right
    if sign in "-−减":
        return left - right
    if sign in "*x×乘":
        return left * right
    return left / right if right else None
