"""What kind of thing a question asks for, where its words tell for sure: a year, a date, an amount of money, a number.

A sentence that holds one which the question does not name itself may answer it, any other hardly can. The type of the
expected answer is among the oldest clues of question answering (Voorhees, The TREC-8 Question Answering Track Report,
1999). Names and places are not looked for: nearly every sentence has one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ingest.index.numerals import CHINESE, MONTHS
from ingest.index.schema import UnitRow
from ingest.index.terms import folded

AnswerType = Literal["year", "date", "money", "number"]

# The first that is found counts.
_ASKS: dict[AnswerType, re.Pattern[str]] = {
    "year": re.compile(r"哪[一个]?年|何年|\b(?:what|which) year\b"),
    "date": re.compile(
        r"什么时[候间]|何时|几时|哪[一个]?[月天日]|几[月号]|\bwhen\b|\b(?:what|which) (?:date|day|month)\b"
    ),
    "money": re.compile(
        r"多少(?:钱|[\u4e00-\u9fff]{0,2}元|美金|英镑|块钱)|什么价"
        r"|(?:价格?|费用?|租金|工资|津贴|奖金|资金|补贴)(?:是|为|有|要)?多少(?![时小分年月天日人次])"
        r"|多少(?:资金|费用|奖金|补贴|津贴|工资)"
        r"|\bhow much (?:money\b|(?:do|does|did|is|are|was|were|will|would|can|should|has|have|had) "
        r"(?:[a-z]+ ){0,8}?(?:costs?|paid|pay|charged?|earn|spend|spent)\b)"
        r"|\bwhat (?:is|are|was|were|does|do|did) (?:[a-z]+ ){1,8}?(?:price|costs?|fees?|fare|rent|salary)\b"
    ),
    "number": re.compile(
        r"多少|几[个名人位次种天岁层楼家条座间张件本部届支台辆年]|多[大高长远重宽深久快厚]|百分之几|几分之"
        r"|\bhow (?:many|much|long|old|far|tall|high|large|big|wide|deep|often|fast|heavy)\b"
        r"|\b(?:what|which) (?:is the |was the |were the )?(?:number|percent|percentage|population|amount|proportion)\b"
    ),
}
_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundreds? thousands? millions? billions? "
    "trillions? half third quarter twice dozens?"
).replace(" ", "|")
_YEAR = rf"(?<![\d.,])\d{{3,4}}(?![\d.,]*\d)|(?:\d+|元|{CHINESE})[ ]?年(?!前|后|间|级|龄)"
_DATE = (
    rf"{_YEAR}|(?:\d+|{CHINESE})[ ]?(?:月|日|号|世纪|点)|[代朝](?:初|末|中|时|后|前|早|晚|$|[，。、])|年[间代]|时期"
    rf"|\b(?:{'|'.join(MONTHS)})\b|\b\d+(?:st|nd|rd|th)\b|\b(?:century|centuries|period|era|dynasty)\b"
)
_CURRENCY = "cny|rmb|usd|eur|gbp|jpy|hkd"
_MONEY = (
    rf"[¥$€£][ ]?\d[\d.,]*|(?:\d[\d.,]*|{CHINESE}|\b(?:{_NUMBER_WORDS}))[ ]?[十百千万亿]*[多余]?"
    rf"(?:(?:人民币|新台币|[美欧日港韩台澳加])?[元圆](?![月旦年素件])|美金|英镑|块钱|法郎|卢布|卢比"
    rf"|(?:(?:{_NUMBER_WORDS})[ ])?(?:[a-z]+[ ])?(?:dollars?|euros?|pounds?|yuan|yen|francs?|{_CURRENCY})\b)"
    # The unit of a column stands in its name.
    rf"|(?:元|\b(?:{_CURRENCY}))(?:/[^\W\d_]+)?\)?:?[ ]?\d[\d.,]*"
)
_LOOKS_LIKE: dict[AnswerType, re.Pattern[str]] = {
    "year": re.compile(_YEAR),
    "date": re.compile(_DATE),
    "money": re.compile(_MONEY),
    "number": re.compile(rf"\d+(?:[.,]\d+)*|{CHINESE}|\b(?:{_NUMBER_WORDS})\b"),
}


def answer_type(question: str) -> AnswerType | None:
    """Give the kind of thing that a question asks for, None where its words don't tell.

    >>> answer_type("他哪一年出生？"), answer_type("How many people live there?"), answer_type("谁建了它？")
    ('year', 'number', None)
    """
    text = folded(question)
    return next((kind for kind, asks in _ASKS.items() if asks.search(text)), None)


def may_answer(questions: Sequence[str], rows: Sequence[UnitRow | None]) -> NDArray[np.float32]:
    """Tell which sentences hold a thing of the kind that each question asks for, float32 (questions, sentences).

    A date may also stand in the sentence before, which tells when and this one what.

    :param rows: the sentences; None for one that is no more.
    """
    texts = [folded(row.text) if row else "" for row in rows]
    found = np.zeros((len(questions), len(rows)), np.float32)
    for question, holds in zip(questions, found, strict=True):
        kind = answer_type(question)
        if kind is None:
            continue
        looks = _LOOKS_LIKE[kind]
        named = set(looks.findall(folded(question)))
        holds[:] = [any(thing not in named for thing in looks.findall(text)) for text in texts]
        if kind in ("year", "date"):
            dated = {_place(row) for row, held in zip(rows, holds, strict=True) if row and held}
            holds[:] = [row is not None and not dated.isdisjoint((_place(row), _place(row, -1))) for row in rows]
    return found


def _place(row: UnitRow, moved: int = 0) -> tuple[int | None, int]:
    return row.parent, row.ordinal + moved
