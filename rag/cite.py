"""Citations: each statement of an answer is tied to the sentence of the context that supports it best."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.index.terms import terms
from ingest.split.sentences import sentence_spans
from rag.pack import Packed, Passage, Span

# A second sentence is cited where it covers this much more of the statement.
_SECOND = 0.25
# How much the words of the question count when two sentences support a short statement alike.
_QUESTION_SHARE = 0.2
_LONGEST_STATEMENT = 400
# Words of the model's own that nothing supports.
_OPENING = re.compile(
    r"^(?:根据|依据)(?:上述|以上)?(?:已知)?(?:信息|内容|资料)[，,：:]?|^(?:[Aa]ccording to|[Bb]ased on) [^,]{0,60},"
)


@dataclass(frozen=True, slots=True)
class Citation:
    """What an answer rests on.

    ``quote == document.text[start:end]``; ``answer_start`` and ``answer_end`` bound the statement of the
    answer that it supports; ``n`` is the number of the passage in the prompt.
    """

    n: int
    doc_id: str
    document: str
    page: int | None
    quote: str
    start: int
    end: int
    unit_id: int
    answer_start: int
    answer_end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer; ``support``, 0 to 1, is the share of its words found in what it cites.

    Words count the more the fewer sentences of the context have them; words of the question, which an answer
    repeats, count only where it has no others.
    """

    start: int
    end: int
    support: float
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    passage: Passage
    span: Span
    terms: frozenset[str]


def cite(answer: str, question: str, packed: Packed) -> list[Statement]:
    """Cut ``answer`` into statements and find the support of each in the context."""
    sources = [
        _Source(passage, span, frozenset(terms(span.text))) for passage in packed.passages for span in passage.spans
    ]
    asked = frozenset(terms(question))
    frequency = Counter(term for source in sources for term in source.terms)
    return [_statement(answer, start, end, sources, asked, frequency) for start, end in _statement_spans(answer)]


def _statement_spans(answer: str) -> list[tuple[int, int]]:
    spans = []
    offset = 0
    for line in answer.split("\n"):
        spans += [(offset + a, offset + b) for a, b in sentence_spans(line, _LONGEST_STATEMENT)]
        offset += len(line) + 1
    return spans


def _statement(
    answer: str,
    start: int,
    end: int,
    sources: Sequence[_Source],
    asked: frozenset[str],
    frequency: Counter[str],
) -> Statement:
    said = frozenset(terms(_OPENING.sub("", answer[start:end])))
    said = said - asked or said
    weight = {term: math.log(1 + len(sources) / (frequency[term] or 0.5)) for term in said | asked}

    def share(wanted: frozenset[str], held: frozenset[str]) -> float:
        whole = sum(weight[term] for term in wanted)
        return sum(weight[term] for term in wanted & held) / whole if whole else 0.0

    ranked = sorted(
        sources, key=lambda source: -share(said, source.terms) - _QUESTION_SHARE * share(asked, source.terms)
    )
    chosen: list[_Source] = []
    covered: frozenset[str] = frozenset()
    for source in ranked:
        gain = share(said, covered | source.terms) - share(said, covered)
        if gain <= 0 or (chosen and gain < _SECOND):
            continue
        chosen.append(source)
        covered |= source.terms
    citations = tuple(
        Citation(
            n=source.passage.n,
            doc_id=source.passage.doc_id,
            document=source.passage.document,
            page=source.span.page,
            quote=source.span.text,
            start=source.span.start,
            end=source.span.end,
            unit_id=source.span.unit_id,
            answer_start=start,
            answer_end=end,
        )
        for source in chosen
    )
    return Statement(start, end, round(share(said, covered), 4), citations)
