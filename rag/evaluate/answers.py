"""Measure answers: the same language model and prompt for every system, each with its own context."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import mean, median

from langchain_core.messages import HumanMessage

from ingest.models.chat import Chat, chat_errors
from ingest.settings import Settings
from rag.answer import Answer
from rag.answerer import Answerer
from rag.checks.refusal import refuses
from rag.evaluate.datasets import KINDS, Dataset, Kind, Query
from rag.evaluate.metrics import contains, lcs_f1
from rag.evaluate.run import Figures
from rag.evaluate.systems import System
from rag.language import language_of
from rag.prompt import template

# What a recipe hands to the model: four chunks of 250 characters, LangChain's default number of chunks.
RECIPE_BUDGET = 1000


@dataclass(frozen=True, slots=True)
class Reply:
    """What is measured of an answer; times are milliseconds since the question, tokens those of the prompt too."""

    text: str
    refused: bool
    first_token_ms: float
    total_ms: float
    tokens: int


AnswerFunction = Callable[[str], Reply]


def keyrag_answers(answerer: Answerer) -> AnswerFunction:
    """Answer as the product does, refusal and checks included."""

    def ask(question: str) -> Reply:
        answer = next(event for event in answerer.answer(question) if isinstance(event, Answer))
        timings = answer.timings
        first = timings.get("first_token_ms", timings["total_ms"])
        return Reply(answer.text, answer.refused, first, timings["total_ms"], answer.usage.get("total_tokens", 0))

    return ask


def recipe_answers(system: System, chat: Chat, settings: Settings, budget: int = RECIPE_BUDGET) -> AnswerFunction:
    """Answer from a recipe's first ``budget`` characters with the same template and generation settings."""

    def ask(question: str) -> Reply:
        began = time.perf_counter()
        context = "\n".join(text for _, text in system.find(question).context(budget))
        prompt = template(
            settings.prompt, settings.prompt.answer, language_of(question), frozenset({"context", "question"})
        ).format(context=context, question=question)
        text = ""
        first: float | None = None
        tokens = 0
        with chat_errors(settings.chat):
            for chunk in chat.model.stream([HumanMessage(prompt)]):
                if chunk.text and first is None:
                    first = (time.perf_counter() - began) * 1000
                text += chunk.text
                tokens = chunk.usage_metadata["total_tokens"] if chunk.usage_metadata else tokens
        total = (time.perf_counter() - began) * 1000
        return Reply(text.strip(), refuses(text), first or total, total, tokens)

    return ask


def evaluate_answers(
    ask: AnswerFunction, queries: Sequence[Query], progress: Callable[[], None] = lambda: None
) -> dict[Kind, Figures]:
    """Give, by kind of question, contains, F1, share refused, medians of times and tokens.

    The unanswerable get recall and precision of the refusals; precision is over the questions of all kinds.
    """
    replies: dict[Kind, list[tuple[Query, Reply]]] = {kind: [] for kind in KINDS}
    for query in queries:
        replies[query.kind].append((query, ask(query.question)))
        progress()
    refused = sum(reply.refused for kind in KINDS for _, reply in replies[kind])
    return {kind: _summed(kind, pairs, refused) for kind, pairs in replies.items() if pairs}


def _summed(kind: Kind, pairs: list[tuple[Query, Reply]], refused_of_all: int) -> Figures:
    refused = sum(reply.refused for _, reply in pairs)
    figures: Figures = {
        "answers": len(pairs),
        "refused": round(refused / len(pairs), 4),
        "first_token_ms": round(median(reply.first_token_ms for _, reply in pairs), 1),
        "total_ms": round(median(reply.total_ms for _, reply in pairs), 1),
        "tokens": round(mean(reply.tokens for _, reply in pairs), 1),
    }
    if kind == "unanswerable":
        figures["refusal_recall"] = figures["refused"]
        figures["refusal_precision"] = round(refused / refused_of_all, 4) if refused_of_all else 0.0
    else:
        figures["contains"] = round(mean(contains(reply.text, query.facts) for query, reply in pairs), 4)
        figures["f1"] = round(mean(lcs_f1(reply.text, query.facts) for query, reply in pairs), 4)
    return figures


def merged(retrieval: dict[Kind, Figures], answers: dict[Kind, Figures], dataset: Dataset) -> dict[Kind, Figures]:
    """Put both kinds of figures together; every kind of question that the set has is there."""
    return {kind: {"n": n, **retrieval.get(kind, {}), **answers.get(kind, {})} for kind, n in _counts(dataset)}


def _counts(dataset: Dataset) -> Iterator[tuple[Kind, int]]:
    for kind in KINDS:
        if n := sum(query.kind == kind for query in dataset.queries):
            yield kind, n
