"""Keep together what the discourse ties: connectives, enumerations, references back, introductions.

The relations are those of Rhetorical Structure Theory (Mann & Thompson 1988) as far as they show in the
surface: a paragraph that opens with "因此", "例如", "However" or a pronoun leans on the one before it, an item
of an enumeration on the item before, and "如下：" or "as follows:" announces what comes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.split.gaps import Gap

_CONNECTIVE = re.compile(
    r"(?:因此|所以|因而|从而|從而|于是|於是|为此|為此|对此|對此|由此|故而|但是|但|然而|不过|不過|可是|反之|相反|否则|否則|而且|并且|並且|"
    r"此外|另外|同时|同時|与此同时|與此同時|除此之外|例如|比如|譬如|即|也就是说|也就是說|换言之|換言之|总之|總之|综上|綜上|"
    r"其次|再次|再者|最后|最後|另一方面|一方面|接着|接著|然后|然後|随后|隨後|后来|後來|尽管如此|儘管如此|虽然如此|雖然如此|首先)"
    r"|(?:However|Therefore|Thus|Hence|Consequently|Accordingly|Moreover|Furthermore|In addition|Additionally|Besides|"
    r"For example|For instance|Similarly|Likewise|Nevertheless|Nonetheless|Meanwhile|Secondly|Second,|Thirdly|Third,|"
    r"Finally|Then|But|And|Yet|So|Also|In contrast|By contrast|On the other hand|On the contrary|As a result|"
    r"In other words|That is|Otherwise|Instead|In short|First,|Firstly)\b"
)
_REFERENCE = re.compile(
    r"(?:该|該|其|此|这|這|那|他|她|它|前者|后者|後者|上述|以上|同年|同月|同日|当时|當時)"
    r"|(?:He|She|It|They|This|That|These|Those|Such|His|Her|Its|Their|The former|The latter|The same)\b"
)
_ANNOUNCED = re.compile(r"(?:[:：]|如下[。.]?|as follows[.]?|the following[.]?|以下[几幾各]?[点點项項种種]?[。.]?)\s*$")
_UNFINISHED = re.compile(r"[,，、（(]\s*$")
_DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九十", 1)}
_NUMBER = re.compile(
    r"(?P<style>第|[（(]|其)?(?P<number>[①-⑳]|\d{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
    r"(?P<end>[)）、，,]|[.．](?!\d)|是|[条條项項步点點]?[，,：:、]?)"
)

_FIRM, _STRONG, _FAIR, _SLIGHT = 1.0, 0.8, 0.6, 0.4
# Within a paragraph, sentences that nothing ties still hold together a little.
_PARAGRAPH = 0.2
# Paragraphs back to which the item before is looked for.
_BACK = 12


def discourse(gaps: Sequence[Gap]) -> NDArray[np.float32]:
    """Judge gaps by the words on either side."""
    bonds = np.array([_bond(gap) for gap in gaps], np.float32)
    places = {(id(gap.run), gap.at): i for i, gap in enumerate(gaps)}
    for gap in gaps:
        for at in _enumerated(gap):
            if (i := places.get((id(gap.run), at))) is not None:
                bonds[i] = max(bonds[i], _SLIGHT)
    return bonds


def _bond(gap: Gap) -> float:
    before, after = gap.run[gap.at - 1].text, gap.run[gap.at].text.lstrip("“「『\"'（(")
    if _ANNOUNCED.search(before) or _UNFINISHED.search(before):
        return _FIRM
    if _CONNECTIVE.match(after):
        return _STRONG
    if _REFERENCE.match(after):
        return _FAIR
    return -1 if gap.between_blocks else _PARAGRAPH


def _enumerated(gap: Gap) -> range:
    """Give the places of the gaps back to the item before, if an item of an enumeration follows the gap."""
    item = _item(gap.run[gap.at].text)
    if item is None or item[1] < 2:
        return range(0)
    for at in range(gap.at - 1, max(gap.at - 1 - _BACK, -1), -1):
        if _item(gap.run[at].text) == (item[0], item[1] - 1):
            return range(at + 1, gap.at + 1)
    return range(0)


def _item(text: str) -> tuple[str, int] | None:
    """Give style and number of an item: "（二）" is ("（N）", 2)."""
    match = _NUMBER.match(text.lstrip())
    if match is None or not (match["style"] or match["end"] or match["number"] in "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"):
        return None
    number = match["number"]
    if number.isdecimal():
        return f"{match['style'] or ''}1{match['end']}", int(number)
    if "①" <= number <= "⑳":
        return "①", ord(number) - ord("①") + 1
    tens, ten, ones = number.rpartition("十")
    value = (_DIGITS[tens] * 10 if tens else 10 if ten else 0) + (_DIGITS[ones] if ones else 0)
    return f"{match['style'] or ''}一{match['end']}", value
