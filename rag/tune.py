"""Learn the weights of the fused score from questions with known answers; questions about other documents decide.

The search for weights looks at a smooth stand-in for the share of facts covered: how many characters of sentences,
in fused order, are read until a fact is there. Whether they are kept is judged by the real thing, the packed context.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from ingest.errors import KeyRAGError
from ingest.index.knowledge_base import KnowledgeBase
from ingest.settings import Settings, WeightSettings
from rag.evaluate.datasets import Query
from rag.evaluate.metrics import BUDGETS, fact_share
from rag.evaluate.run import facts_covered
from rag.evaluate.systems import found_by
from rag.fuse import FEATURES, fuse
from rag.retrieve import Retriever

# Questions that each half needs, and that are learned from at most.
LEAST = 20
_MOST = 1000
_SEED = 0
# Learned weights are kept if the chance that they are no better is below this.
SIGNIFICANT = 0.025
_FLIPS = 4000
# Rounds over all weights; factors that are tried on a weight, and shares of the whole score that are added to it.
_ROUNDS = 6
_FACTORS = (0.0, 0.5, 0.8, 1.25, 2.0)
_ADDED = (0.05, 0.15, 0.4)
# What a change that moves scores by as much as they are spread must gain, as a share of facts.
_PULL = 0.01
# How steeply a fact's worth falls where it is read just beyond a budget.
_STEEP = 4


@dataclass(frozen=True, slots=True)
class Step:
    """Progress: what is being done, and how much of it."""

    what: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Tuning:
    """Learned weights, and how they did on questions about documents that they were not learned from.

    :param before: share of facts covered at each budget of :data:`rag.evaluate.metrics.BUDGETS` with the weights in
        force; ``after`` with the learned ones.
    :param better: held-out questions of which the learned weights cover more, in the mean over the budgets.
    :param chance: probability of such a gain if the two sets of weights were equally good.
    """

    weights: WeightSettings
    training: int
    held_out: int
    before: tuple[float, ...]
    after: tuple[float, ...]
    better: int
    worse: int
    chance: float

    @property
    def wins(self) -> bool:
        return self.chance < SIGNIFICANT


@dataclass(frozen=True, slots=True)
class Example:
    """The candidates of a question, and what they hold.

    :param features: float32 (parts, 6, n), ``documents`` int64 (n,), as :func:`rag.fuse.fuse` takes them.
    :param sizes: characters of each sentence and its line break, int64 (n,).
    :param holds: which sentence of a gold document holds which fact, bool (facts, n).
    """

    features: NDArray[np.float32]
    documents: NDArray[np.int64]
    sizes: NDArray[np.int64]
    holds: NDArray[np.bool_]


def tune(
    kb: KnowledgeBase,
    embeddings: Embeddings,
    settings: Settings,
    queries: Sequence[Query],
    progress: Callable[[Step], None] = lambda _: None,
) -> Tuning:
    """Learn weights on one half of the questions and measure them on the other, against the weights in force.

    :raises KeyRAGError: if there are too few questions, or too few documents that they are about.
    """
    training, held_out = halves(queries)
    retriever = Retriever(kb, embeddings, settings.retrieve)
    examples = [_example(kb, retriever, query) for query in _counted("searching", training[:_MOST], progress)]
    before = settings.retrieve.weights
    after = learn(examples, before, progress)

    def shares(what: str, weights: WeightSettings) -> NDArray[np.float64]:
        weighed = Retriever(kb, embeddings, settings.retrieve.model_copy(update={"weights": weights}))
        return np.array(
            [
                facts_covered(found_by(weighed, kb.store, query.question, settings.pack.neighbours), query)
                for query in _counted(what, held_out, progress)
            ]
        )

    old, new = shares("weights in force", before), shares("learned weights", after)
    gains = new.mean(axis=1) - old.mean(axis=1)
    return Tuning(
        weights=after,
        training=len(examples),
        held_out=len(held_out),
        before=tuple(old.mean(axis=0).tolist()),
        after=tuple(new.mean(axis=0).tolist()),
        better=int((gains > 0).sum()),
        worse=int((gains < 0).sum()),
        chance=chance(gains),
    )


def halves(queries: Sequence[Query]) -> tuple[list[Query], list[Query]]:
    """Part the questions that have facts so that no document is asked about in both halves.

    A question about documents of both halves is left out.

    :raises KeyRAGError: if a half gets fewer than :data:`LEAST` questions.
    """
    shuffled = sorted((query for query in queries if query.facts), key=lambda query: query.qid)
    draw = random.Random(_SEED)
    draw.shuffle(shuffled)
    documents = sorted({doc_id for query in shuffled for doc_id in query.doc_ids})
    draw.shuffle(documents)
    sides: tuple[set[str], set[str]] = (set(), set())
    asked = Counter(doc_id for query in shuffled for doc_id in query.doc_ids)
    given = [0, 0]
    for doc_id in documents:
        smaller = given.index(min(given))
        sides[smaller].add(doc_id)
        given[smaller] += asked[doc_id]
    training, held_out = ([query for query in shuffled if query.doc_ids <= side] for side in sides)
    if min(len(training), len(held_out)) < LEAST:
        raise KeyRAGError(
            f"weights are learned from one half of the questions and judged by the other, about other documents, "
            f"{LEAST} at least in each: these {len(shuffled)} questions about {len(documents)} documents make halves "
            f"of {len(training)} and {len(held_out)}; add questions, or documents to ask about"
        )
    return training, held_out


def learn(
    examples: Sequence[Example], start: WeightSettings, progress: Callable[[Step], None] = lambda _: None
) -> WeightSettings:
    """Search for better weights than ``start``, one after the other, with a small pull towards it.

    The result is scaled so that the best scores are as high as before in the mean: the probability of a hit is read
    off its score.
    """
    first = _vector(start)
    spread = np.mean([example.features[0].std(axis=1) for example in examples], axis=0)
    whole = float((first * spread).sum()) or 1.0

    def worth(weights: NDArray[np.float64]) -> float:
        moved = (weights - first) * spread / whole
        return float(np.mean([_covered(example, weights) for example in examples]) - _PULL * (moved**2).sum())

    weights, most = first, worth(first)
    for done in range(_ROUNDS):
        progress(Step("learning", done, _ROUNDS))
        old = most
        # A feature that is the same everywhere, as that of articles without keys, teaches nothing.
        for i in np.flatnonzero(spread):
            tried = {weights[i] * factor for factor in _FACTORS} | {weights[i] + s * whole / spread[i] for s in _ADDED}
            for value in sorted(tried - {weights[i]}):
                trial = weights.copy()
                trial[i] = value
                if trial.any() and (found := worth(trial)) > most:
                    weights, most = trial, found
        if most == old:
            break
    if (height := _best(examples, first)) > 0:
        weights = weights * height / _best(examples, weights)
    return WeightSettings(**{name: round(float(value), 3) for name, value in zip(FEATURES, weights, strict=True)})


def chance(gains: NDArray[np.float64]) -> float:
    """Give the one-sided p-value of a paired test that flips the signs of the gains at random (Fisher 1935).

    >>> chance(np.zeros(50))
    1.0
    """
    moved = gains[gains != 0]
    if not len(moved):
        return 1.0
    signs = np.random.default_rng(_SEED).choice((-1.0, 1.0), (_FLIPS, len(moved)))
    as_good = (signs @ moved >= moved.sum() - 1e-9).sum()
    return float((1 + as_good) / (1 + _FLIPS))


def _example(kb: KnowledgeBase, retriever: Retriever, query: Query) -> Example:
    found = retriever.candidates(query.question)
    rows = kb.store.units(found.sentences)
    texts = [row.text if (row := rows.get(int(i))) and row.doc_id in query.doc_ids else "" for i in found.sentences]
    return Example(
        found.features,
        found.documents,
        np.array([len(rows[int(i)].text) + 1 if int(i) in rows else 1 for i in found.sentences], np.int64),
        np.array([[fact_share([fact], text) > 0 for text in texts] for fact in query.facts], np.bool_),
    )


def _covered(example: Example, weights: NDArray[np.float64]) -> float:
    """Give the mean over facts and budgets of 1 / (1 + (characters read until the fact / budget) ** 4)."""
    order = np.argsort(-_scores(example, weights), kind="stable")
    read = np.cumsum(example.sizes[order])
    until = np.where(example.holds[:, order], read, np.inf).min(axis=1, initial=np.inf)
    return float((1 / (1 + (until[:, None] / np.array(BUDGETS)) ** _STEEP)).mean())


def _scores(example: Example, weights: NDArray[np.float64]) -> NDArray[np.float32]:
    named = WeightSettings.model_construct(**dict(zip(FEATURES, weights.tolist(), strict=True)))
    return fuse(example.features, named, example.documents).scores


def _best(examples: Sequence[Example], weights: NDArray[np.float64]) -> float:
    return float(np.mean([_scores(example, weights).max(initial=0) for example in examples]))


def _vector(weights: WeightSettings) -> NDArray[np.float64]:
    return np.array([getattr(weights, name) for name in FEATURES])


def _counted(what: str, queries: Sequence[Query], progress: Callable[[Step], None]) -> Iterator[Query]:
    for done, query in enumerate(queries):
        progress(Step(what, done, len(queries)))
        yield query
