"""Citations: each statement of an answer is tied to the sentences of the context that support it best.

A statement is a sentence, a list item or a row of a table.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.index.terms import terms
from ingest.split.sentences import sentence_spans
from rag.checks.function_words import content_terms
from rag.checks.particulars import Facts, Particular, particulars
from rag.language import main_language
from rag.lead_in import lead_in
from rag.pack import Packed, Passage, Span

# A second sentence is cited where it covers this much more of the statement.
_SECOND = 0.25
# How much the words of the question count when two sentences support a short statement alike.
_QUESTION_SHARE = 0.2
# A sentence that holds a number or name of the statement is cited for it, if it has this much of the rest too.
_RELATED = 0.5
# So does one that holds so many of them, whatever else it says.
_SEVERAL = 2
# So is, for an item of an enumeration, one that holds this share of it where what is cited already does not.
_ITEM = 0.8
_BETWEEN_ITEMS = re.compile(
    r"[、，；：,;:]|包括|等(?![待级級于於同候价價额額比])|(?<=[\u3400-\u9fff])[和及与與](?=[\u3400-\u9fff])|\band\b"
)
# A number or date weighs as much as so many words.
_EXACT = 2
# The same fact in another document: the share of the best sentence's words that its sentence has at least.
_AS_GOOD = 0.85
_OTHER_DOCUMENTS = 2
_LONGEST_STATEMENT = 400
_TABLE_RULE = re.compile(r"^\s*\|?(?:\s*:?-{2,}:?\s*\|?)+\s*$")
# Full-width digits are digits to the cutter too.
_HALF_WIDTH = {ord("０") + i: ord("0") + i for i in range(10)}
# A line that only announces what follows.
_LEAD_IN = re.compile(r"[:：]\s*$")
_Element = str | Particular


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
    kb: str = ""


def citation(passage: Passage, span: Span, start: int, end: int) -> Citation:
    """Cite a sentence of the context for a statement of the answer, ``answer[start:end]``."""
    return Citation(
        n=passage.n,
        doc_id=passage.doc_id,
        document=passage.document,
        page=span.page,
        quote=span.text,
        start=span.start,
        end=span.end,
        unit_id=span.unit_id,
        answer_start=start,
        answer_end=end,
        kb=passage.kb,
    )


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer; ``support``, 0 to 1, is the share of its words found in what it cites.

    Words count the more the fewer sentences of the context have them; words of the question, which an answer
    repeats, count only where it has no others. Not ``claims``: the head of a table, a line that announces what
    follows, and what is in another language than the context and shares no number or name with it.
    """

    start: int
    end: int
    support: float
    citations: tuple[Citation, ...]
    claims: bool = True
    particulars: tuple[Particular, ...] = ()
    """Their offsets are those of the answer."""


class _Source:
    """A sentence of the context with its words and those above it, and what it says in numbers, dates and names."""

    def __init__(self, passage: Passage, span: Span, headings: frozenset[str]) -> None:
        self.passage, self.span = passage, span
        self.document = passage.kb, passage.doc_id
        self.terms = frozenset(terms(span.text))
        self.headings = headings
        self.facts = Facts(span.text)


def cite(answer: str, question: str, packed: Packed, spans: Sequence[tuple[int, int]] | None = None) -> list[Statement]:
    """Cut ``answer`` into statements and find the support of each in the context.

    :param spans: the statements, where they are known already.
    """
    sources = [source for passage in packed.passages for source in _sources(passage)]
    asked = frozenset(terms(question))
    heads = _table_heads(answer)
    return [
        _Weighed(answer, start, end, sources, asked).statement(
            claims=start not in heads and not _LEAD_IN.search(answer[start:end])
        )
        for start, end in (_statement_spans(answer) if spans is None else spans)
    ]


def _sources(passage: Passage) -> list[_Source]:
    headings = frozenset(terms(" ".join((passage.document, *passage.heading_path))))
    return [_Source(passage, span, headings) for span in passage.spans]


def _statement_spans(answer: str) -> list[tuple[int, int]]:
    spans = []
    offset = 0
    for line in answer.split("\n"):
        row = line.strip()
        if row.startswith("|"):
            start = offset + line.index("|")
            spans.append((start, start + len(row)))
        else:
            spans += [
                (offset + a, offset + b) for a, b in sentence_spans(line.translate(_HALF_WIDTH), _LONGEST_STATEMENT)
            ]
        offset += len(line) + 1
    return spans


def _table_heads(answer: str) -> frozenset[int]:
    """Give where the heads of tables and the rules below them begin."""
    starts = [start for start, _ in _statement_spans(answer)]
    lines = [answer[start:].split("\n", 1)[0] for start in starts]
    rules = [i for i, line in enumerate(lines) if "-" in line and _TABLE_RULE.match(line)]
    return frozenset(starts[i] for rule in rules for i in (rule - 1, rule) if i >= 0)


class _Weighed:
    """One statement: its words and its numbers and dates, weighed by how few sentences of the context have them."""

    def __init__(self, answer: str, start: int, end: int, sources: Sequence[_Source], asked: frozenset[str]) -> None:
        self._start, self._end = start, end
        text = answer[start:end]
        self._particulars = particulars(text)
        # Numbers and dates are compared by value, not as words.
        by_value = frozenset(p for p in self._particulars if p.kind not in ("name", "quote"))
        own = _blanked(text, by_value)[lead_in(text) :]
        said = content_terms(own) or frozenset(terms(own))
        self._said = (said - asked) | by_value or said
        # In another language only numbers, and names that stay as they are, can be looked up.
        if _in_other_language(own, sources):
            self._said &= by_value.union(*(source.terms for source in sources))
        self._can_be_told = bool(self._said)
        self._said = self._said or asked
        self._items = [self._said & content_terms(item) for item in _BETWEEN_ITEMS.split(own)]
        elements = self._said | asked
        self._held = {
            source: (elements & source.terms) | frozenset(p for p in by_value if source.facts.hold(p))
            for source in sources
        }
        frequency = Counter(element for held in self._held.values() for element in held)
        self._weight = {
            element: math.log(1 + len(sources) / (frequency[element] or 0.5))
            * (1 if isinstance(element, str) else _EXACT)
            for element in elements
        }
        self._worth = {
            source: self._share(self._said, held) + _QUESTION_SHARE * self._share(asked, held)
            for source, held in self._held.items()
        }
        self._best_first = sorted(sources, key=lambda source: -self._worth[source])

    def statement(self, *, claims: bool) -> Statement:
        chosen = self._chosen()
        # What the headings of a sentence say need not be said again in it.
        told = frozenset().union(*(self._held[source] | (source.headings & self._said) for source in chosen))
        support = self._share(self._said, told)
        cited = [*chosen, *self._told_elsewhere(chosen)]
        found = [replace(p, start=p.start + self._start, end=p.end + self._start) for p in self._particulars]
        citations = tuple(citation for source in cited for citation in self._citations(source))
        claims = claims and self._can_be_told
        return Statement(self._start, self._end, round(support, 4), citations, claims, tuple(found))

    def _share(self, wanted: frozenset[_Element], held: frozenset[_Element]) -> float:
        whole = sum(self._weight[element] for element in wanted)
        return sum(self._weight[element] for element in wanted & held) / whole if whole else 0.0

    def _chosen(self) -> list[_Source]:
        chosen: list[_Source] = []
        covered: frozenset[_Element] = frozenset()
        missing = list(self._particulars)
        for source in self._best_first:
            held = self._held[source]
            gain = self._share(self._said, covered | held) - self._share(self._said, covered)
            told = [particular for particular in missing if source.facts.hold(particular)]
            related = len(told) >= _SEVERAL or (bool(told) and self._share(self._said, held) >= _RELATED)
            if gain > 0 and (not chosen or gain >= _SECOND or related or self._adds_item(held, covered)):
                chosen.append(source)
                covered |= held
                missing = [particular for particular in missing if particular not in told]
        return chosen

    def _adds_item(self, held: frozenset[_Element], covered: frozenset[_Element]) -> bool:
        return any(self._share(item, held) >= _ITEM > self._share(item, covered) for item in self._items)

    def _told_elsewhere(self, chosen: Sequence[_Source]) -> list[_Source]:
        """Give sentences of other documents that say the same as the first one cited."""
        if not chosen:
            return []
        first = chosen[0]
        least = _AS_GOOD * self._worth[first]
        held = [particular for particular in self._particulars if first.facts.hold(particular)]
        found: dict[tuple[str, str], _Source] = {}
        taken = {source.document for source in chosen}
        for source in self._best_first:
            same = self._worth[source] >= least and all(source.facts.hold(particular) for particular in held)
            if same and source.document not in taken:
                found.setdefault(source.document, source)
        return list(found.values())[:_OTHER_DOCUMENTS]

    def _citations(self, source: _Source) -> list[Citation]:
        """Cite a sentence, and with it those of other documents in the same words."""
        span = source.span
        cited = citation(source.passage, span, self._start, self._end)
        copies = {(unit.kb, unit.doc_id): unit for unit in reversed(span.copies)}
        return [cited] + [
            replace(
                cited,
                doc_id=unit.doc_id,
                document=unit.document,
                page=unit.page,
                quote=unit.text,
                start=unit.start,
                end=unit.end,
                unit_id=unit.unit_id,
                kb=unit.kb,
            )
            for unit in [*copies.values()][::-1][:_OTHER_DOCUMENTS]
        ]


def _in_other_language(text: str, sources: Sequence[_Source]) -> bool:
    """Tell whether a statement is Chinese where most of the context is English, or the other way round."""
    spoken, read = main_language(text), main_language(" ".join(source.span.text for source in sources))
    return bool(spoken and read and spoken != read)


def _blanked(text: str, parts: frozenset[Particular]) -> str:
    for part in parts:
        text = text[: part.start] + " " * (part.end - part.start) + text[part.end :]
    return text
