"""Take a question with several parts apart, so that each part is searched for."""

from __future__ import annotations

import re

_BREAK = re.compile(
    r"(?<=[?？!！。；;])\s*|\s*(?=另外[，,]|此外[，,]|还有[，,]|還有[，,])|\s+(?=[Aa]lso,\s|[Aa]nd also\s)"
)
_CONNECTIVE = re.compile(
    r"^(?:另外|此外|还有|還有|并且|並且|同时|同時|and also|also|and|additionally|in addition)[，,：:\s]*",
    re.IGNORECASE,
)
_SHORTEST = 4
_LETTER = re.compile(r"[^\W\d_]")
_ASKS = re.compile(r"[?？]\s*$")
_STATES = re.compile(r"[!！。；;]\s*$")
# What stands between marks is a title or a quotation: nothing in it is a break.
_MARKED = re.compile(r"《[^》]*》|「[^」]*」|『[^』]*』|“[^”]*”|\"[^\"]*\"|（[^）]*）|\([^)]*\)")
_PLACE = 0xE000
_PLACES = re.compile("[\ue000-\uf8ff]")
# A question about each of several things, or about how they differ.
_EACH = re.compile(
    r"^(?P<things>[^，,。？?]{3,60}?)"
    r"(?P<asked>(?:分别|分別|各自|各有|各是|有什么区别|有什麼區別|有何不同|有哪些不同).*)$"
)
_EACH_MARK = re.compile(r"^(?:分别|分別|各自|各(?=有|是))")
_AND = re.compile(r"、|以及|(?<!共)和(?![平谐諧解尚睦])|与|與|跟(?!踪|蹤|随|隨)")
# Where what is asked about all begins, if it stands behind the last thing: 西德在哪一年.
_ASKED = re.compile(r"(?<=.)(?=在|于|於|由|从|從|向)")
_RESPECTIVELY = re.compile(
    r"^(?P<before>.*\b(?:of|in|for|by|at|on|to|from|between)) (?P<things>.+?),? respectively\b(?P<after>.*)$",
    re.IGNORECASE,
)
_ENGLISH_AND = re.compile(r",? and |, ", re.IGNORECASE)


def decompose(question: str) -> list[str]:
    """Give the parts of a question, without the words that tie them; a simple question is its only part.

    >>> decompose("年假有几天？另外，病假怎么请？")
    ['年假有几天？', '病假怎么请？']
    >>> decompose("上海和北京的住宿标准分别是多少？")
    ['上海的住宿标准是多少？', '北京的住宿标准是多少？']
    >>> decompose("Who founded it?")
    ['Who founded it?']
    """
    marked = _MARKED.findall(question)
    numbers = iter(range(len(marked)))
    plain = _MARKED.sub(lambda _: chr(_PLACE + next(numbers)), question)
    parts = [_CONNECTIVE.sub("", part.strip()) for part in _BREAK.split(plain)]
    parts = [each for part in _questions(parts) for each in _enumerated(part)]
    parts = [_PLACES.sub(lambda place: marked[ord(place[0]) - _PLACE], part) for part in parts]
    parts = [part for part in parts if len(part) >= _SHORTEST and _LETTER.search(part)]
    return parts if len(parts) > 1 else [question.strip()]


def _questions(parts: list[str]) -> list[str]:
    """Put statements before the question that they lead up to, where questions can be told by their mark."""
    if not any(_ASKS.search(part) for part in parts):
        return parts
    found: list[str] = []
    lead = ""
    for part in parts:
        lead += part
        if not _STATES.search(part):
            found.append(lead)
            lead = ""
    return [*found, lead] if lead else found


def _enumerated(part: str) -> list[str]:
    """Give one question for each of the things that ``part`` asks about, or ``part`` alone."""
    if found := _EACH.match(part):
        things = [thing.strip() for thing in _AND.split(found["things"])]
        last, *before = _ASKED.split(things[-1], maxsplit=1)
        asked = "".join(before) + _EACH_MARK.sub("", found["asked"])
        things = [*things[:-1], last]
        if len(things) > 1 and all(things):
            return [thing + asked for thing in _completed(things)]
    if found := _RESPECTIVELY.match(part):
        things = _ENGLISH_AND.split(found["things"])
        if len(things) > 1 and all(things):
            return [f"{found['before']} {thing}{found['after']}" for thing in things]
    return [part]


def _completed(things: list[str]) -> list[str]:
    """Give each thing what only the first or only the last says for all: 甲的 and 乙, 甲 and 乙的价格."""
    owner, first_of, rest = things[0].partition("的")
    if first_of and rest and not any("的" in thing for thing in things[1:]):
        return [things[0], *(f"{owner}的{thing}" for thing in things[1:])]
    _, last_of, owned = things[-1].partition("的")
    if last_of and not any("的" in thing for thing in things[:-1]):
        return [*(f"{thing}的{owned}" for thing in things[:-1]), things[-1]]
    return things
