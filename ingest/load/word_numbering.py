"""The numbers that Word puts in front of headings and list items; they stand nowhere in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from lxml import etree

_PLACE = re.compile(r"%([1-9])")
_CHINESE = frozenset(
    ("chineseCounting", "chineseCountingThousand", "taiwaneseCountingThousand", "japaneseCounting", "ideographDigital")
)
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    text: str
    start: int
    legal: bool  # all of its numbers are written in digits


class Numbering:
    """Counts along with the paragraphs of a document, which must be asked for in reading order."""

    def __init__(self, document: WordDocument) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._lists: dict[str, str] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._of_style: dict[str, etree._Element] = {}
        try:
            numbering = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return  # the document has no numbers
        for abstract in numbering.findall(qn("w:abstractNum")):
            key = abstract.get(qn("w:abstractNumId")) or ""
            self._levels[key] = {int(one.get(qn("w:ilvl")) or 0): _level(one) for one in abstract.findall(qn("w:lvl"))}
        for one in numbering.findall(qn("w:num")):
            self._lists[one.get(qn("w:numId")) or ""] = _value(one, "w:abstractNumId") or ""
        for style in document.styles.element.findall(qn("w:style")):
            found = style.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
            if found is not None:
                self._of_style[style.get(qn("w:styleId")) or ""] = found

    def label(self, paragraph: etree._Element) -> str:
        """Give the number in front of a paragraph, such as "2.1" or "第三章"; "" where it has a bullet or none."""
        found = paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        styled = self._of_style.get(style.get(qn("w:val")) or "") if style is not None else None
        number = _value(found, "w:numId") or _value(styled, "w:numId")
        depth = int(_value(found, "w:ilvl") or _value(styled, "w:ilvl") or 0)
        abstract = self._lists.get(number or "", "")
        levels = self._levels.get(abstract, {})
        if depth not in levels:
            return ""
        counts = self._counts.setdefault(abstract, {})
        counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for below in [one for one in counts if one > depth]:
            del counts[below]
        level = levels[depth]
        if level.form in ("bullet", "none"):
            return ""

        def written(match: re.Match[str]) -> str:
            place = int(match.group(1)) - 1
            above = levels.get(place)
            form = "decimal" if level.legal or above is None else above.form
            return _written(counts.get(place, above.start), form) if above else ""

        return _PLACE.sub(written, level.text).strip()


def _level(element: etree._Element) -> _Level:
    start = _value(element, "w:start") or "1"
    form, text = _value(element, "w:numFmt") or "decimal", _value(element, "w:lvlText") or ""
    return _Level(form, text, int(start), element.find(qn("w:isLgl")) is not None)


def _value(element: etree._Element | None, name: str) -> str | None:
    child = element.find(qn(name)) if element is not None else None
    return child.get(qn("w:val")) if child is not None else None


def _written(number: int, form: str) -> str:
    """Write a number in one of Word's forms.

    >>> _written(12, "chineseCounting"), _written(9, "upperRoman"), _written(28, "lowerLetter"), _written(3, "decimal")
    ('十二', 'IX', 'bb', '3')
    """
    if form in _CHINESE:
        return _chinese(number)
    if form in ("lowerLetter", "upperLetter") and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 % 10 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman") and 0 < number < 400:
        roman = ""
        for value, letters in _ROMAN:
            roman += letters * (number // value)
            number %= value
        return roman.upper() if form == "upperRoman" else roman
    if form == "decimalEnclosedCircle" and 0 < number <= 20:
        return chr(ord("①") + number - 1)
    return f"{number:02d}" if form == "decimalZero" else str(number)


def _chinese(number: int) -> str:
    if not 0 < number < 1000:
        return str(number)
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    written = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        written += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        written += "零"
    return written + (_DIGITS[ones] if ones else "")
