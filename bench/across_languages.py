"""Questions in one language, documents in the other: as they are, and translated by the language model.

    python -m bench.across_languages QUESTIONS DIR [--questions 60] [--beside OTHER] [--answers]

QUESTIONS and DIR are the same set in two languages: the questions of the first are asked of the documents of the
second. A question whose twin (the same qid behind its first part) DIR does not have is answerable by none of its
documents if its article is missing there too. With --beside the documents of a third set, in the questions' language,
stand in the same knowledge base, and what is found for its own questions is told too, of those that are translated
for want of evidence. Told are facts@N, the share of answerable and unanswerable questions
that pass `answer.quote_evidence`, and the seconds that translation adds; with --answers also what the language model
makes of them, *contains* by the facts of either language.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import TypeVar

import numpy as np

from ingest.config import load_settings
from ingest.models.chat import Chat, load_chat
from ingest.models.embeddings import load_embeddings
from ingest.settings import Settings
from rag.answer import Answer
from rag.answerer import Answerer
from rag.evaluate.datasets import Dataset, Query, read_dataset
from rag.evaluate.metrics import BUDGETS, contains, fact_share, gold_context
from rag.evaluate.systems import KeyRAGSystem, RememberedQuestions
from rag.pack import pack
from rag.parse import TEXT
from rag.sources import ANSWERED, Finder, Sources

T = TypeVar("T")
# How many times as many questions of the set beside: few of them are translated.
_OWN = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and its twin in the documents' language, None if the documents don't answer it."""

    asked: Query
    twin: Query | None


def _key(query: Query) -> str:
    return query.qid.split("-", 1)[1]


def pairs(questions: Dataset, documents: Dataset, count: int) -> tuple[list[Pair], list[Pair]]:
    """Give answerable and unanswerable questions, spread over the set."""
    twins = {_key(query): query for query in documents.queries if query.kind == "fine"}
    articles = {key.split("-")[0] for key in twins}
    fine = [query for query in questions.queries if query.kind == "fine"]
    there = [Pair(query, twins[_key(query)]) for query in fine if _key(query) in twins]
    missing = [Pair(query, None) for query in fine if _key(query).split("-")[0] not in articles]
    return _spread(there, count), _spread(missing, count)


def _spread(many: Sequence[T], count: int) -> list[T]:
    places = np.linspace(0, len(many), min(count, len(many)), endpoint=False, dtype=int)
    return [many[i] for i in places]


def _facts(system: KeyRAGSystem, sources: Sources, twin: Query, budget: int, neighbours: int) -> float:
    packed = pack(system.store, list(sources.hits), budget, neighbours=neighbours)
    pieces = [(passage.doc_id, passage.text) for passage in packed.passages]
    return fact_share(twin.facts, gold_context(pieces, twin.doc_ids, budget))


def _without_translation(settings: Settings) -> Settings:
    return settings.model_copy(update={"prompt": settings.prompt.model_copy(update={"translate": None})})


def in_doubt(system: KeyRAGSystem, chat: Chat | None, settings: Settings, dataset: Dataset, count: int) -> list[Query]:
    """Give fine questions that are translated, spread over the set."""
    finder = Finder(system.retriever, system.store, chat, _without_translation(settings))
    fine = [query for query in dataset.queries if query.kind == "fine"]
    return _spread([query for query in fine if _find(finder, query).evidence < ANSWERED], count)


def tell_own(system: KeyRAGSystem, settings: Settings, chat: Chat | None, queries: Sequence[Query]) -> None:
    """Print what is found for questions that documents in their own language answer."""
    finder = Finder(system.retriever, system.store, chat, settings)
    found = [_find(finder, query) for query in queries]
    print(f"  own questions in doubt ({len(queries)})", end="")
    for budget in BUDGETS:
        shares = [_facts(system, *pair, budget, settings.pack.neighbours) for pair in zip(found, queries, strict=True)]
        print(f"  facts@{budget} {mean(shares):.3f}", end="")
    print(f"   translation taken {mean(sources.translated for sources in found):.3f}", flush=True)


def _find(finder: Finder, query: Query) -> Sources:
    return finder.find(query.question, (), TEXT, lambda *_: None)


def tell_sources(
    system: KeyRAGSystem, settings: Settings, chat: Chat | None, there: list[Pair], missing: list[Pair]
) -> None:
    """Print what is found, and what would be refused without the model."""
    took: list[float] = []

    def lasted(step: str, began: float) -> None:
        if step == "translate_ms":
            took.append(time.perf_counter() - began)

    finder = Finder(system.retriever, system.store, chat, settings)
    found = {pair: finder.find(pair.asked.question, (), TEXT, lasted) for pair in (*there, *missing)}
    for budget in BUDGETS:
        shares = [_facts(system, found[p], p.twin, budget, settings.pack.neighbours) for p in there if p.twin]
        print(f"  facts@{budget} {mean(shares):.3f}", end="")
    for name, some in (("answerable", there), ("unanswerable", missing)):
        passed = mean(found[pair].evidence >= settings.answer.quote_evidence for pair in some)
        print(f"   {name} ({len(some)}) passed {passed:.3f}", end="")
    print(f"   translation {median(took or [0]):.1f} s", flush=True)


def tell_answers(
    system: KeyRAGSystem, settings: Settings, chat: Chat | None, there: list[Pair], missing: list[Pair]
) -> None:
    """Print what the language model makes of it."""
    answerer = Answerer(system.retriever, system.store, chat, settings)
    told = {
        pair: next(event for event in answerer.answer(pair.asked.question) if isinstance(event, Answer))
        for pair in (*there, *missing)
    }
    print(f"  contains {mean(_right(told[pair], pair) for pair in there):.3f}", end="")
    for name, some in (("answerable", there), ("unanswerable", missing)):
        print(f"   {name} refused {mean(told[pair].refused for pair in some):.3f}", end="")
    print(flush=True)


def _right(answer: Answer, pair: Pair) -> float:
    queries = [query for query in (pair.asked, pair.twin) if query]
    return 0.0 if answer.refused else max(contains(answer.text, query.facts) for query in queries)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions_folder", metavar="QUESTIONS", type=Path)
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--questions", type=int, default=60, metavar="N", help="answerable and unanswerable, each")
    parser.add_argument("--beside", type=Path, metavar="OTHER", help="a set whose documents stand in between")
    parser.add_argument("--answers", action="store_true", help="let the model answer too")
    arguments = parser.parse_args()
    documents = read_dataset(arguments.folder)
    asked = pairs(read_dataset(arguments.questions_folder), documents, arguments.questions)
    settings = load_settings()
    embeddings = RememberedQuestions(load_embeddings(settings.embedding, settings.models_folder))
    chat = load_chat(settings.chat, settings.models_folder)
    with tempfile.TemporaryDirectory() as temporary:
        beside = read_dataset(arguments.beside) if arguments.beside else None
        others = beside.documents if beside else ()
        system = KeyRAGSystem([*documents.documents, *others], embeddings, settings, Path(temporary), lambda _: None)
        own = in_doubt(system, chat, settings, beside, _OWN * arguments.questions) if beside else []
        for name, used in (("as asked", _without_translation(settings)), ("translated", settings)):
            print(name)
            tell_sources(system, used, chat, *asked)
            if own:
                tell_own(system, used, chat, own)
            if arguments.answers:
                tell_answers(system, used, chat, *asked)


if __name__ == "__main__":
    main()
