"""Which rows of a table a question is about, where its words tell.

The rows of a table differ in a cell or two: a search that finds one finds its neighbours too, and a small language
model that reads them all is apt to answer with a cell of the wrong one (docs/benchmarks.md).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from ingest.index.schema import UnitRow
from ingest.index.terms import folded, terms

# A row is passed over if another one holds so many times the weight of the question's words.
_TIMES = 2
# Here the words name rows that are not meant, or the one that the others are held against, or all are asked for.
_OTHERS = re.compile(
    r"除|以外|之外|不[是在含用属包]|[非无没未]|比|相较|各[种个类项款]|所有|全部"
    r"|\b(?:except|excluding|besides|other|not|no|without|neither|than|versus|vs|all|every)\b|n[’']t\b"
)


def passed_over(question: str, units: Sequence[UnitRow]) -> NDArray[np.bool_]:
    """Tell which units are rows that the question is not about, since another row of their table is: bool (n,).

    A word of the question weighs log(rows of the table / rows that hold it), so that the names of columns weigh
    nothing. Single characters and plain numbers don't count: twelve years stand in the row of ten to fifteen.
    """
    passed = np.zeros(len(units), bool)
    if _OTHERS.search(folded(question)):
        return passed
    asked = _telling(terms(question))
    tables: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for place, unit in enumerate(units):
        if unit.kind == "row":
            tables[unit.kb, unit.doc_id, unit.heading_path, _first_name(unit.text)].append(place)
    for places in tables.values():
        held = [asked & _telling(terms(units[place].text)) for place in places]
        counts = Counter(word for words in held for word in words)
        weights = np.array([sum(log(len(held) / counts[word]) for word in words) for words in held])
        passed[places] = weights * _TIMES < weights.max()
    return passed


def _first_name(row: str) -> str:
    """Give the name of the first column, which tells apart the tables under one heading."""
    return re.split("[:：]", row, maxsplit=1)[0]


def _telling(words: Iterable[str]) -> set[str]:
    return {word for word in words if len(word) > 1 and not word.isdecimal()}
