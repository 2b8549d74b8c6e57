"""Cut a paragraph into sentences, Chinese and English.

A sentence ends at 。！？!?… or at a full stop that is no decimal, abbreviation, initial or list number;
closing quotes and brackets stay with it, and a quotation or bracket is not torn as long as the whole
fits. Sentences that are too long are cut at the weakest stop that serves: semicolon, comma, space.
"""

from __future__ import annotations

import re

_CLOSERS = "”’」』）)】》〉〕］]\"'"
_PAIRS = {
    "“": "”",
    "‘": "’",
    "「": "」",
    "『": "』",
    "（": "）",
    "(": ")",
    "【": "】",
    "《": "》",
    "［": "］",
    "[": "]",
}
_ABBREVIATIONS = frozenset(
    (
        "mr mrs ms dr prof st jr sr vs etc inc ltd co corp no vol fig eq sec ch p pp ed eds al e.g i.e cf ca approx "
        "dept est u.s u.k u.n a.m p.m jan feb mar apr jun jul aug sep sept oct nov dec gen col sgt capt rev hon"
    ).split()
)
# The full stop is judged by what surrounds it; the rest always end a sentence.
_END = re.compile(r"[。！？!?｡]+|…+|\.+")
_WORD_BEFORE = re.compile(r"[A-Za-z][A-Za-z.]*$")
_LIST_NUMBER = re.compile(r"^\s*[（(]?\d{1,3}(\.\d{1,3})*$")
_WEAK_STOPS = (re.compile(r"[；;：]"), re.compile(r"[，,、]"), re.compile(r"[\s—–]"))


def _ends_sentence(text: str, start: int, end: int, sentence_start: int) -> bool:
    """Tell whether the stop ``text[start:end]`` ends the sentence that began at ``sentence_start``."""
    if text[start] != ".":
        return not (text[start] == "…" and end < len(text) and text[end] in "，,、")
    after = text[end : end + 1]
    if after and not after.isspace() and after not in _CLOSERS and after < "\u4e00":
        return False  # 3.14, example.com, "e.g.,"
    before = text[sentence_start:start]
    if _LIST_NUMBER.match(before):
        return False
    word = _WORD_BEFORE.search(before)
    if word is None:
        return True
    name = word.group().lower()
    if name in _ABBREVIATIONS or (len(name) == 1 and name != "i"):
        # "p.m." at the end of a sentence: only a capital after it tells.
        following = text[end:].lstrip()
        return name in {"a.m", "p.m", "etc", "inc", "ltd", "co", "corp"} and following[:1].isupper()
    return True


def _open_bracket(text: str, start: int, stop: int) -> int | None:
    """Give where the bracket or quote that is open at ``stop`` closes, None if all are closed."""
    stack: list[str] = []
    for char in text[start:stop]:
        if stack and char == stack[-1]:
            stack.pop()
        elif char in _PAIRS:
            stack.append(_PAIRS[char])
    if not stack:
        return None
    closing = text.find(stack[0], stop)
    return closing if closing >= 0 else None


def sentence_spans(text: str, max_chars: int) -> list[tuple[int, int]]:
    """Cut ``text`` into sentences of at most ``max_chars`` characters.

    The spans are in order, don't overlap, and leave out nothing but white space.

    >>> [
    ...     "他说：“好。走吧！”就走了。GDP增长3.5%。"[a:b]
    ...     for a, b in sentence_spans("他说：“好。走吧！”就走了。GDP增长3.5%。", 100)
    ... ]
    ['他说：“好。走吧！”', '就走了。', 'GDP增长3.5%。']
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if match.start() < start or not _ends_sentence(text, match.start(), match.end(), start):
            continue
        end = match.end()
        closing = _open_bracket(text, start, end)
        if closing is not None and closing + 1 - start <= max_chars and closing - end > 0:
            continue  # the quotation goes on: a later stop, or the end of the text, decides
        while end < len(text) and text[end] in _CLOSERS:
            end += 1
        if end < len(text) and text[end] in "，,、；;的" and text[end - 1] in _CLOSERS:
            continue
        spans.append((start, end))
        start = end
    spans.append((start, len(text)))
    return [piece for a, b in spans for piece in _shortened(text, *_stripped(text, a, b), max_chars) if a < b]


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _shortened(text: str, start: int, end: int, max_chars: int) -> list[tuple[int, int]]:
    pieces: list[tuple[int, int]] = []
    while end - start > max_chars:
        cut = _weak_stop(text, start, end, max_chars)
        pieces.append(_stripped(text, start, cut))
        start, end = _stripped(text, cut, end)
    if start < end:
        pieces.append((start, end))
    return [piece for piece in pieces if piece[0] < piece[1]]


def _weak_stop(text: str, start: int, end: int, max_chars: int) -> int:
    """Give the best place to cut: the strongest stop nearest the middle of what is left to share out."""
    parts = -(-(end - start) // max_chars)
    ideal = start + (end - start) // parts
    first, last = start + max_chars // 3, min(start + max_chars, end)
    for stop in _WEAK_STOPS:
        places = [m.end() for m in stop.finditer(text, first, last)]
        if places:
            return min(places, key=lambda place: abs(place - ideal))
    return start + max_chars
