"""How well the grounding check tells right answers from corrupted ones, without a language model.

    python -m bench.grounding DIR... [--questions N]

An answer is the gold fact alone, or the sentence that holds it, and in a third form that sentence written
otherwise: traditional for simplified or the other way round, numerals in the other script, full width. It is
checked against a context of that sentence with its neighbours, other sentences of the document and a passage
of another. Then the answer is corrupted on purpose, and checked again. For every kind of corruption: how many
of the corrupted answers are caught (recall), how many of those that are caught are corrupted when each is set
beside the same answer uncorrupted (precision). Names are swapped between answers to questions that ask
for a person, country, city or organisation, so that the check's own idea of a name has no say in what is one.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import opencc

from ingest.split.sentences import sentence_spans
from ingest.types import Document
from rag.checks.grounding import grounding
from rag.cite import cite
from rag.evaluate.datasets import Dataset, Query, read_dataset
from rag.pack import Packed, Passage, Span

_LONGEST = 200
_NEIGHBOURS = 2
_OTHERS = 6
_ASKS_NAME = re.compile(
    r"[谁誰]|何人|哪位|[哪何][一]?[个個座所家位]?(?:[国國]|城市|都市|省|州|县|縣|大[学學]|[学學]校|公司|皇帝|球?[队隊]|人)"
    r"|\b(?:who|whom|(?:which|what) (?:country|city|state|person|company|team|university|king|player))\b",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"\d+(?:\.\d+)?(?=\s?(?:%|％|percent))|(?<=百分之)\d+(?:\.\d+)?")
_YEAR = re.compile(r"(?<!\d)(?:1[0-9]|20)\d\d(?!\d)(?=年|\b)")
_DAY = re.compile(r"(?<!\d)(?:1[0-2]|[1-9])(?=月)|(?<=月)(?:[12]\d|3[01]|[1-9])(?=日)")
NUMBER = re.compile(r"(?<![\d.,A-Za-z])\d+(?:,\d{3})*(?:\.\d+)?(?![\d.]|,\d|[A-Za-z])")
_NEGATION = re.compile(r"不|沒有|没有|並非|并非|\bnot |n't\b|\bnever ")
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Case:
    """A right answer with the context that it is checked against."""

    question: str
    fact: str
    sentence: str
    context: Packed


def cases(dataset: Dataset, count: int, chance: random.Random) -> Iterator[Case]:
    documents = {document.doc_id: document for document in dataset.documents}
    queries = [query for query in dataset.queries if query.kind == "fine"]
    for query in chance.sample(queries, min(count, len(queries))):
        document = documents[next(iter(query.doc_ids))]
        fact = query.facts[0][0]
        found = _sentence_with(document, fact, query)
        if found:
            other = chance.choice(dataset.documents)
            yield Case(
                query.question, fact, document.text[found[0] : found[1]], _context(document, found, other, chance)
            )


def _sentence_with(document: Document, fact: str, query: Query) -> tuple[int, int] | None:
    """Give the sentence that holds the fact; of several, the one that shares most with the question."""
    asked = set(query.question)
    holding = [(a, b) for a, b in _sentences(document) if fact in document.text[a:b]]
    return max(holding, key=lambda span: len(asked & set(document.text[span[0] : span[1]])), default=None)


def _sentences(document: Document) -> list[tuple[int, int]]:
    spans = []
    offset = 0
    for block in document.blocks:
        spans += [(offset + a, offset + b) for a, b in sentence_spans(block.text, _LONGEST)]
        offset += len(block.text) + 1
    return spans


def _context(document: Document, found: tuple[int, int], other: Document, chance: random.Random) -> Packed:
    spans = _sentences(document)
    at = spans.index(found)
    near = set(range(max(at - _NEIGHBOURS, 0), min(at + _NEIGHBOURS + 1, len(spans))))
    far = chance.sample(range(len(spans)), min(_OTHERS, len(spans)))
    passages = [_passage(1, document, [spans[i] for i in sorted(near | set(far))])]
    if other.doc_id != document.doc_id:
        passages.append(_passage(2, other, _sentences(other)[:_OTHERS]))
    return Packed(tuple(passages))


def _passage(n: int, document: Document, spans: list[tuple[int, int]]) -> Passage:
    texts = tuple(Span(1000 * n + i, a, b, document.text[a:b], None) for i, (a, b) in enumerate(spans))
    text = "\n".join(span.text for span in texts)
    return Passage(n, document.doc_id, document.title, (document.title,), None, text, texts)


def written_otherwise(text: str) -> str:
    """Write the same in another way: script, numerals, width."""
    simplified = opencc.OpenCC("t2s").convert(text)
    other = opencc.OpenCC("s2t").convert(text) if simplified == text else simplified
    other = re.sub(r"(?<!\d)\d{4}(?=年)", lambda year: "".join(_DIGITS[int(digit)] for digit in year.group()), other)
    other = re.sub(r"(?<![\d.])(\d+)[%％]", lambda share: f"百分之{share[1]}", other) if simplified != text else other
    return other.translate({ord("0") + i: ord("０") + i for i in range(10)})


Corruption = Callable[[str, Case, random.Random], str | None]


def _with_other_digit(pattern: re.Pattern[str]) -> Corruption:
    def corrupt(answer: str, case: Case, chance: random.Random) -> str | None:
        found = list(pattern.finditer(answer))
        if not found:
            return None
        match = chance.choice(found)
        at = chance.choice([i for i in range(*match.span()) if answer[i].isdigit()])
        digits = [digit for digit in "123456789" if digit != answer[at]]
        return answer[:at] + chance.choice(digits) + answer[at + 1 :]

    return corrupt


def _with_other_number(answer: str, case: Case, chance: random.Random) -> str | None:
    """Put a number of the context, but not of the supporting sentence, in place of one of the answer."""
    found = list(NUMBER.finditer(answer))
    held = {match.group() for match in NUMBER.finditer(case.sentence)}
    others = sorted({match.group() for match in NUMBER.finditer(case.context.text)} - held)
    if not found or not others:
        return None
    match = chance.choice(found)
    return answer[: match.start()] + chance.choice(others) + answer[match.end() :]


def _without_negation(answer: str, case: Case, chance: random.Random) -> str | None:
    found = list(_NEGATION.finditer(answer))
    if not found:
        return None
    match = chance.choice(found)
    return answer[: match.start()] + answer[match.end() :]


def _is_name(query: Query) -> bool:
    fact = query.facts[0][0]
    latin = fact.isascii() or any("a" <= char.lower() <= "z" for char in fact)
    short = len(fact.split()) <= 4 and fact[:1].isupper() if latin else 2 <= len(fact) <= 8
    return bool(_ASKS_NAME.search(query.question)) and short and not re.search(r"\d", fact)


def _with_other_name(names: frozenset[str]) -> Corruption:
    pool = sorted(names)

    def corrupt(answer: str, case: Case, chance: random.Random) -> str | None:
        others = [name for name in pool if name not in case.sentence and name.isascii() == case.fact.isascii()]
        if case.fact not in names or case.fact not in answer or not others:
            return None
        return answer.replace(case.fact, chance.choice(others))

    return corrupt


def caught(answer: str, case: Case) -> bool:
    statements = cite(answer, case.question, case.context)
    return not grounding(answer, statements, case.context, case.question).exact


def measure(dataset: Dataset, count: int) -> None:
    chance = random.Random(0)
    names = frozenset(query.facts[0][0] for query in dataset.queries if query.kind == "fine" and _is_name(query))
    corruptions: dict[str, Corruption] = {
        "digit of a number changed": _with_other_digit(NUMBER),
        "number of another sentence": _with_other_number,
        "date moved": _with_other_digit(re.compile(f"{_YEAR.pattern}|{_DAY.pattern}")),
        "percentage changed": _with_other_digit(_PERCENT),
        "name swapped": _with_other_name(names),
        "negation dropped": _without_negation,
    }
    right: dict[str, list[bool]] = defaultdict(list)
    results: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for case in cases(dataset, count, chance):
        forms = {
            "fact alone": case.fact,
            "sentence": case.sentence,
            "written otherwise": written_otherwise(case.sentence),
        }
        flagged = {form: caught(answer, case) for form, answer in forms.items()}
        for form, flag in flagged.items():
            right[form].append(flag)
        for kind, corrupt in corruptions.items():
            for form in ("fact alone", "sentence"):
                corrupted = corrupt(forms[form], case, chance)
                # Chance may have made what the context says too, as when "19" in "1919" becomes "1918".
                if corrupted and corrupted not in case.context.text:
                    results[kind].append((caught(corrupted, case), flagged[form]))
    print(f"{dataset.name}: of right answers wrongly marked")
    for form, flags in right.items():
        print(f"  {form}: {sum(flags)}/{len(flags)} = {sum(flags) / len(flags):.4f}")
    for kind, pairs in results.items():
        true, false = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
        precision = f"{true / (true + false):.4f}" if true + false else "-"
        print(f"  {kind}: n {len(pairs)}, precision {precision}, recall {true / len(pairs):.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", metavar="DIR", nargs="+", type=Path)
    parser.add_argument("--questions", type=int, default=500, metavar="N", help="questions a set")
    arguments = parser.parse_args()
    for folder in arguments.folders:
        measure(read_dataset(folder), arguments.questions)


if __name__ == "__main__":
    main()
