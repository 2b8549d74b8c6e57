"""How well each way of splitting finds the boundaries that a text has lost.

    python -m bench.segmentation DIR... [--nsp MODEL]

Two forms of each question set's documents, both without any line break: *glued*, the paragraphs of an
article run together, whose boundaries are to be found; *mixed* (after Choi 2000,
https://aclanthology.org/A00-2004), ten stretches of 4 to 12 sentences, each from another article. Pk
(Beeferman et al. 1999) and WindowDiff (Pevzner & Hearst 2002) count disagreements in a window of half a
segment's length: 0 is perfect, lower is better. *Area* is that under the ROC curve of the judge's bonds,
boundaries against other gaps, before any limit of length.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.corpus import row
from ingest.config import load_settings
from ingest.models.embeddings import load_embeddings
from ingest.models.memo import Memo
from ingest.settings import Settings
from ingest.split import Splitter
from ingest.split.gaps import Gap
from ingest.split.splitter import judge
from ingest.split.structure import runs
from ingest.types import Block, Document
from rag.evaluate.datasets import read_dataset

_SEED = 42
_STRETCHES = 10
_SENTENCES = (4, 12)


@dataclass(frozen=True, slots=True)
class Lost:
    """A document of one block; ``boundaries`` are places in its text where something new begins."""

    document: Document
    boundaries: frozenset[int]


def glued(documents: Sequence[Document]) -> Iterator[Lost]:
    for document in documents:
        if len(document.blocks) > 1:
            yield _lost(document, [block.text for block in document.blocks])


def mixed(documents: Sequence[Document], settings: Settings) -> Iterator[Lost]:
    """Mix as many documents as there are articles for, no article twice in one."""
    rng = random.Random(_SEED)
    articles = [runs(document, settings.split.sentence_max_chars)[0] for document in documents]
    articles = [article for article in articles if len(article) >= _SENTENCES[1]]
    rng.shuffle(articles)
    for start in range(0, len(articles) - _STRETCHES + 1, _STRETCHES):
        stretches = []
        for article in articles[start : start + _STRETCHES]:
            length = rng.randint(*_SENTENCES)
            first = rng.randint(0, len(article) - length)
            stretches.append(_run_together([sentence.text for sentence in article[first : first + length]]))
        yield _lost(replace(documents[0], doc_id=f"mixed-{start}", title="mixed"), stretches)


def _lost(document: Document, parts: Sequence[str]) -> Lost:
    spaced = [part + " " if part[-1:].isascii() else part for part in parts]
    text = "".join(spaced)
    return Lost(replace(document, blocks=(Block(text),)), frozenset(list(accumulate(map(len, spaced)))[:-1]))


def _run_together(texts: Sequence[str]) -> str:
    return "".join(text + " " if text[-1:].isascii() else text for text in texts).rstrip()


def cuts_at(starts: Sequence[int], boundaries: frozenset[int]) -> NDArray[np.bool_]:
    """Tell for each sentence but the first whether a boundary lies between the one before's start and its own."""
    edges = np.array(sorted(boundaries))
    behind = np.searchsorted(edges, starts, "right")
    return behind[1:] > behind[:-1]


def window_errors(truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> tuple[float, float]:
    """Give Pk and WindowDiff of cuts at the gaps between sentences.

    >>> window_errors(np.array([False, True, False, False]), np.array([False, True, False, False]))
    (0.0, 0.0)
    """
    k = max(round((len(truth) + 1) / (truth.sum() + 1) / 2), 1)
    windows = len(truth) - k + 1
    if windows < 1:
        return 0.0, 0.0
    real, cut = (np.array([cuts[i : i + k].sum() for i in range(windows)]) for cuts in (truth, found))
    return float(((real > 0) != (cut > 0)).mean()), float((real != cut).mean())


def area(bonds: NDArray[np.float32], truth: NDArray[np.bool_]) -> float:
    """Give the chance that a boundary has a weaker bond than another gap; ties count half."""
    boundary, other = bonds[truth][:, None], bonds[~truth][None]
    return float((boundary < other).mean() + (boundary == other).mean() / 2)


def measured(lost: Sequence[Lost], changes: dict[str, Any], embeddings: Memo) -> list[str]:
    settings = load_settings(overrides={"split": changes}).split
    splitter, judged = Splitter(settings, embeddings), judge(settings, embeddings)
    errors, bonds, truths = [], [], []
    for one in lost:
        units = splitter.split(one.document)
        sentences = [unit for unit in units if unit.level == "sentence"]
        truth = cuts_at([unit.start for unit in sentences], one.boundaries)
        parents = np.array([unit.parent for unit in sentences])
        errors.append((*window_errors(truth, parents[1:] != parents[:-1]), len(set(parents))))
        (run,) = runs(one.document, settings.sentence_max_chars)
        bonds.append(judged([Gap(run, at) for at in range(1, len(run))]))
        truths.append(truth)
    pk, difference, segments = (mean(values) for values in zip(*errors, strict=True))
    whole = area(np.concatenate(bonds), np.concatenate(truths))
    return [f"{pk:.3f}", f"{difference:.3f}", f"{segments:.1f}", f"{whole:.3f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, nargs="+", help="folders with corpus.jsonl and queries.jsonl")
    parser.add_argument("--nsp", metavar="MODEL", help="measure next-sentence prediction by this model too")
    parser.add_argument("--documents", type=int, default=60, help="at most, of each form")
    arguments = parser.parse_args()

    settings = load_settings()
    embeddings = Memo(load_embeddings(settings.embedding, settings.models_folder))
    methods: list[dict[str, Any]] = [{"method": name} for name in ("structure", "discourse", "cohesion")]
    if arguments.nsp:
        methods.append({"method": "nsp", "nsp_model": arguments.nsp})
    for folder in arguments.datasets:
        documents = read_dataset(folder).documents
        for form, lost in (("glued", glued(documents)), ("mixed", mixed(documents, settings))):
            texts = list(lost)[: arguments.documents]
            if not texts:
                continue
            expected = mean(len(one.boundaries) + 1 for one in texts)
            heads = ["Pk", "WindowDiff", "segments", "area"]
            print(row(f"{folder.name}, {form}: {len(texts)} texts, {expected:.1f}", heads), flush=True)
            for method in methods:
                for cut in ("bisect", "forward"):
                    print(row(f"  {method['method']}, {cut}", measured(texts, {**method, "cut": cut}, embeddings)))


if __name__ == "__main__":
    main()
