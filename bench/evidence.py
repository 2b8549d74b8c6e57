"""How well the evidence tells answerable from unanswerable questions.

    python -m bench.evidence DIR...

For each question set: the area under the ROC curve of fine against unanswerable questions, and for some
thresholds the share of fine and cross questions that are kept and of unanswerable ones that are refused,
all before a language model is asked.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.config import load_settings
from ingest.models.embeddings import load_embeddings
from rag.checks.evidence import evidence
from rag.decompose import decompose
from rag.evaluate.datasets import KINDS, read_dataset
from rag.evaluate.systems import KeyRAGSystem

THRESHOLDS = (0.05, 0.1, 0.15, 0.2, 0.3)
_DEPTH = 60


def _area(answerable: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """Give the chance that an answerable question has more evidence than another; ties count half."""
    above = (answerable[:, None] > others[None]).mean()
    return float(above + (answerable[:, None] == others[None]).mean() / 2)


def main() -> None:
    settings = load_settings()
    embeddings = load_embeddings(settings.embedding, settings.models_folder)
    for folder in map(Path, sys.argv[1:]):
        dataset = read_dataset(folder)
        with tempfile.TemporaryDirectory() as temporary:
            system = KeyRAGSystem(dataset.documents, embeddings, settings, Path(temporary), lambda _: None)
            retriever = system.retriever
            found = {
                kind: np.array(
                    [
                        evidence(
                            decompose(query.question),
                            retriever.retrieve(query.question, _DEPTH),
                            retriever.frequencies,
                        )
                        for query in dataset.queries
                        if query.kind == kind
                    ]
                )
                for kind in KINDS
            }
        print(f"{dataset.name}: area {_area(found['fine'], found['unanswerable']):.4f}")
        for threshold in THRESHOLDS:
            kept = [f"{kind} kept {(v >= threshold).mean():.3f}" for kind, v in found.items() if len(v)][:-1]
            print(f"  {threshold}: {', '.join(kept)}, refused {(found['unanswerable'] < threshold).mean():.3f}")


if __name__ == "__main__":
    main()
