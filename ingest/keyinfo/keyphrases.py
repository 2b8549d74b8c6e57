"""Keys of the phrases that a text is about: by the embedding model, or by how a text differs from its document."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from ingest.index.terms import folded
from ingest.keyinfo.analysers import Analyser
from ingest.keyinfo.context import without_addresses
from ingest.keyinfo.extractor import headed
from ingest.types import Unit

# Share of novelty against nearness to the text when phrases are chosen.
_DIVERSITY = 0.5


@dataclass(frozen=True, slots=True)
class Keyphrases:
    """The phrases nearest in meaning to the text, each unlike those before it.

    KeyBERT (Grootendorst 2020, github.com/MaartenGr/KeyBERT) on the embedding model that is there already:
    candidates are names and noun phrases, chosen by maximal marginal relevance (Carbonell and Goldstein 1998).
    """

    analyser: Analyser
    embeddings: Embeddings
    count: int

    def __call__(self, units: Sequence[Unit], document: Sequence[Unit]) -> Iterator[list[str]]:
        candidates = [_candidates(self.analyser, unit) for unit in units]
        texts = list(dict.fromkeys([*(unit.text for unit in units), *chain.from_iterable(candidates)]))
        vectors = dict(zip(texts, np.array(self.embeddings.embed_documents(texts), np.float32), strict=True))
        for unit, phrases in zip(units, candidates, strict=True):
            if phrases:
                rows = np.stack([vectors[phrase] for phrase in phrases])
                chosen = most_relevant(vectors[unit.text], rows, self.count)
                yield [headed(unit, " ".join(phrases[i] for i in sorted(chosen)))]
            else:
                yield []


@dataclass(frozen=True, slots=True)
class TfIdf:
    """The phrases that stand often in the text and in few other segments of its document; no model is asked."""

    analyser: Analyser
    count: int

    def __call__(self, units: Sequence[Unit], document: Sequence[Unit]) -> Iterator[list[str]]:
        segments = [folded(unit.text) for unit in document if unit.level == "segment"]
        for unit in units:
            text = folded(unit.text)
            weights = Counter(
                {
                    phrase: text.count(folded(phrase)) * _rarity(folded(phrase), segments)
                    for phrase in _candidates(self.analyser, unit)
                }
            )
            chosen = {phrase for phrase, _ in weights.most_common(self.count)}
            yield [headed(unit, " ".join(phrase for phrase in weights if phrase in chosen))] if chosen else []


def most_relevant(text: NDArray[np.float32], phrases: NDArray[np.float32], count: int) -> list[int]:
    """Choose rows of ``phrases`` by maximal marginal relevance to ``text``; all are L2-normalised.

    :param text: float32, (dim,).
    :param phrases: float32, (n, dim).
    :return: at most ``count`` rows, the most relevant first.
    """
    near = phrases @ text
    alike = phrases @ phrases.T
    chosen = [int(near.argmax())]
    while len(chosen) < min(count, len(phrases)):
        worth = (1 - _DIVERSITY) * near - _DIVERSITY * alike[:, chosen].max(axis=1)
        worth[chosen] = -np.inf
        chosen.append(int(worth.argmax()))
    return chosen


def _candidates(analyser: Analyser, unit: Unit) -> list[str]:
    text = without_addresses(unit.text)
    return list(dict.fromkeys([*analyser.noun_phrases(text), *analyser.entities(text)]))


def _rarity(phrase: str, segments: Sequence[str]) -> float:
    return math.log((1 + len(segments)) / (1 + sum(phrase in segment for segment in segments))) + 1
