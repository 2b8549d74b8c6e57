"""Cut a paragraph into sentences, Chinese and English.

A sentence ends at 。！？!?… or at a full stop that is no decimal, abbreviation, initial, list number or
part of an address; closing quotes and brackets stay with it, so do the words that tell who spoke, and a
quotation or bracket is not torn as long as the whole fits. Sentences that are too long are cut at the
weakest stop that serves: before an item of an enumeration, at a semicolon, a comma, a space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

_PAIRS = {
    "“": "”",
    "‘": "’",
    "「": "」",
    "『": "』",
    "（": "）",
    "(": ")",
    "【": "】",
    "《": "》",
    "〈": "〉",
    "〔": "〕",
    "［": "］",
    "[": "]",
}
_CLOSERS = "".join(_PAIRS.values()) + "\"'"
_QUOTES = '”’」』"'
_DEEPEST = 16
# Characters looked at around a stop.
_NEAR = 64
_BRACKET = re.compile("[" + re.escape("".join(_PAIRS) + "".join(_PAIRS.values())) + '"]')

# A full stop after these ends nothing.
_LEADING = frozenset("mr mrs ms dr prof st mt gen col capt sgt lt gov sen rep rev hon vs e.g i.e cf ca approx".split())
# Nor after these, if a number follows.
_NUMBERED = frozenset("no nos vol fig figs eq sec art ch p pp jan feb mar apr jun jul aug sep sept oct nov dec".split())
# After these, what follows tells.
_TRAILING = frozenset("inc ltd co corp bros jr sr dept est al ed eds ph.d".split())
_INITIALS = re.compile(r"[a-hj-z]|(?:[a-z]\.)+[a-z]")
_OPENING_WORD = re.compile(
    r"[\"“(]?(?:The|This|That|These|Those|There|He|She|It|They|We|You|In|On|At|As|An|But|And|So|If|When|While|"
    r"After|Before|However|Its|His|Her|Their|Our|For|From|By|With|Some|Many|Most|All|No|Not|What|Who|How|Why)\b"
)
_WORD = re.compile(r"[^\W_]")
# Not the unit of a measure: "5 m."
_WORD_BEFORE = re.compile(r"(?<![A-Za-z.])(?<!\d)(?<!\d )[A-Za-z][A-Za-z.]*$")
_LIST_NUMBER = re.compile(r"\s*[（(]?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,5})")
_ADDRESS = re.compile(
    r"(?:https?://|ftp://|www\.)[^\s<>“”「」『』（）【】《》，。；！？、]*[^\s<>“”「」『』（）【】《》，。；！？、.,!?;:]"
)
# "……" he said: what may stand between a quotation and the next stop.
_SPOKEN = re.compile(
    r"[^\s，。！？；：、…“”「」『』,.!?;:]{0,8}?(?:[说說问問道答喊叫嚷骂罵]|表示|回应|回應|写道|寫道)[了着著过過]?(?=[，。！？；：,;]|$)"
)
# The number of an item of an enumeration.
_ITEM = (
    r"(?:[（(][一二三四五六七八九十\d]{1,3}[)）]|[①-⑳]|[一二三四五六七八九十]{1,3}[、是]|\d{1,2}(?:[、．)）]|\.(?!\d)))"
)
# A stop with the marks of its footnotes. A blank line, or one before an item of a list, always ends.
_END = re.compile(
    r"(?:[。！？!?｡]+|…+|\.+|．)(?:\[\d{1,3}\])*|(?P<line>\n[^\S\n]*\n\s*|\n(?=[^\S\n]*(?:[-*•·●]\s|" + _ITEM + ")))"
)
_WEAK_STOPS = (
    re.compile(rf"[；;：:，,]\s*(?={_ITEM})"),
    re.compile(r"[；：]|[;:](?!\S)"),
    re.compile(r"[，、]|,(?!\d)"),
    re.compile(r"[\s—–]"),
)


def _pairs(text: str) -> list[tuple[int, int]]:
    """Give the places of quotes and brackets, (opening, closing), by opening; those without a partner are left out."""
    pairs: list[tuple[int, int]] = []
    stack: list[tuple[int, str]] = []
    for match in _BRACKET.finditer(text):
        place, char = match.start(), match.group()
        depth = next((i for i in range(len(stack) - 1, -1, -1) if stack[i][1] == char), None)
        if depth is not None:
            pairs.append((stack[depth][0], place))
            del stack[depth:]
        elif len(stack) < _DEEPEST and (char in _PAIRS or (char == '"' and not text[place - 1 : place].isalnum())):
            stack.append((place, _PAIRS.get(char, char)))
    return sorted(pairs)


def _ends_sentence(text: str, start: int, end: int, sentence_start: int) -> bool:
    """Tell whether the stop at ``start`` ends the sentence that began at ``sentence_start``; ``end`` is behind it."""
    stop, after = text[start], text[end : end + 1]
    ellipsis = stop == "…" or text.startswith("..", start)
    if (after and after in "，,、；;：:") or not _WORD.search(text, max(sentence_start, start - _NEAR), start):
        return False
    if stop in "。！？｡":
        return True
    if ellipsis:
        return after != "的" and not _goes_on(text, end, sentence_start)
    if after and not after.isspace() and after not in _CLOSERS and (after < "\u2000" or after.isdigit()):
        # 3.14, v2.0.1, example.com, ?id=1; but a question mark after Chinese is a stop.
        return stop in "!?" and text[start - 1] >= "\u2e80"
    if stop in "!?":
        return not _goes_on(text, end, sentence_start)
    return _full_stop_ends(text, start, end, sentence_start)


def _full_stop_ends(text: str, start: int, end: int, sentence_start: int) -> bool:
    before = text[max(sentence_start, start - _NEAR) : start]
    following = text[end : end + _NEAR].lstrip()
    if not following:
        return True
    if _LIST_NUMBER.fullmatch(before):
        return before.strip() == "I"
    word = _WORD_BEFORE.search(before)
    name = word.group().lower() if word else ""
    if name in _LEADING:
        return False
    if name in _NUMBERED and following[0].isdigit():
        return False
    if name in ("etc", "a.m", "p.m"):
        return not ("a" <= following[0] <= "z")
    if name in _TRAILING or _INITIALS.fullmatch(name):
        return not following[0].isascii() or _OPENING_WORD.match(following) is not None
    return not _goes_on(text, end, sentence_start)


def _goes_on(text: str, end: int, sentence_start: int) -> bool:
    """Tell whether a small letter follows, in a text that begins its sentences with capitals."""
    following = text[end : end + _NEAR].lstrip()
    if not ("a" <= following[:1] <= "z"):
        return False
    first = _WORD.search(text, sentence_start, min(sentence_start + _NEAR, end))
    return first is not None and not first.group().islower()


def sentence_spans(text: str, max_chars: int) -> list[tuple[int, int]]:
    """Cut ``text`` into sentences of at most ``max_chars`` characters.

    The spans are in order, don't overlap, and leave out nothing but white space.

    >>> text = "他说：“好。走吧！”就走了。GDP增长3.5%。"
    >>> [text[start:end] for start, end in sentence_spans(text, 100)]
    ['他说：“好。走吧！”', '就走了。', 'GDP增长3.5%。']
    """
    bounds = [0, *_ends(text, max_chars), len(text)]
    return [piece for a, b in pairwise(bounds) for piece in _shortened(text, *_stripped(text, a, b), max_chars)]


def _ends(text: str, max_chars: int) -> Iterator[int]:
    """Give where sentences end, closing quotes and brackets included."""
    pairs = _pairs(text)
    closings = {closing for _, closing in pairs}
    addresses = [match.span() for match in _ADDRESS.finditer(text)]
    opened: list[tuple[int, int]] = []
    start = seen = 0
    for match in _END.finditer(text):
        first, end = match.span()
        if match.lastgroup == "line":
            yield end
            start = end
            continue
        while addresses and addresses[0][1] <= first:
            addresses.pop(0)
        in_address = bool(addresses) and addresses[0][0] <= first
        if first < start or in_address or not _ends_sentence(text, first, end, start):
            continue
        stop = end
        while text[end : end + 1] in _CLOSERS and end < len(text):
            if text[end] in "\"'" and end not in closings and text[end + 1 : end + 2].strip():
                break  # it opens what follows
            end += 1
        if end > stop and _attached(text, end, start):
            continue
        while seen < len(pairs) and pairs[seen][0] < first:
            opened.append(pairs[seen])
            seen += 1
        opened = [pair for pair in opened if pair[1] >= end]
        if any(opening >= start and closing < start + max_chars for opening, closing in opened):
            continue  # the quotation goes on: a later stop, or the end of the text, decides
        yield end
        start = end


def _attached(text: str, end: int, sentence_start: int) -> bool:
    """Tell whether what follows a closed quotation still belongs to its sentence."""
    if text[end : end + 1] and text[end] in "，,、；;：:的":
        return True
    spoken = text[end - 1] in _QUOTES and _SPOKEN.match(text, end) is not None
    return spoken or _goes_on(text, end, sentence_start)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _shortened(text: str, start: int, end: int, max_chars: int) -> Iterator[tuple[int, int]]:
    while end - start > max_chars:
        cut = _weak_stop(text, start, end, max_chars)
        yield _stripped(text, start, cut)
        start, end = _stripped(text, cut, end)
    if start < end:
        yield start, end


def _weak_stop(text: str, start: int, end: int, max_chars: int) -> int:
    """Give the best place to cut: the strongest stop nearest the middle of what is left to share out."""
    parts = -(-(end - start) // max_chars)
    ideal = start + (end - start) // parts
    first, last = start + max_chars // 3, min(start + max_chars, end)
    for stop in _WEAK_STOPS:
        # The stop may look at what is behind the last place.
        found = (match.end() for match in stop.finditer(text, first, last + _NEAR))
        places = [place for place in found if place <= last]
        if places:
            return min(places, key=lambda place: abs(place - ideal))
    return start + max_chars
