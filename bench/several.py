"""Several knowledge bases searched as one, beside one that holds all their documents.

    python -m bench.several DIR... [--parts 4] [--limit N]

For every question set: all documents in one knowledge base; the same documents dealt out to several that are searched
together; and the set beside each other set, of which no question asks. What facts@N means stands in docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ingest.config import load_settings
from ingest.index.knowledge_base import KnowledgeBase, open_knowledge_base
from ingest.index.union import Union
from ingest.models.embeddings import identity, load_embeddings
from ingest.pipeline import Pipeline
from ingest.settings import Settings
from ingest.types import Document
from rag.evaluate.datasets import Dataset, read_dataset
from rag.evaluate.metrics import BUDGETS
from rag.evaluate.run import evaluate_retrieval
from rag.evaluate.systems import Found, RememberedQuestions, found_by
from rag.retrieve import Retriever


class _System:
    """A knowledge base, or several, as :class:`rag.evaluate.systems.System`."""

    def __init__(
        self, name: str, kb: KnowledgeBase | Union, embeddings: RememberedQuestions, settings: Settings
    ) -> None:
        self.name = name
        self.details: dict[str, object] = {}
        self._store = kb.store
        self._retriever = Retriever(kb, embeddings, settings.retrieve)
        self._neighbours = settings.pack.neighbours

    def find(self, question: str) -> Found:
        return found_by(self._retriever, self._store, question, self._neighbours)


def _kb(
    folder: Path, name: str, documents: Sequence[Document], embeddings: RememberedQuestions, settings: Settings
) -> KnowledgeBase:
    made = identity(embeddings, settings.embedding)
    kb = open_knowledge_base(folder / name, made, settings.index, create=True)
    Pipeline(kb, embeddings, settings).ingest_documents(documents, len(documents))
    return kb


def _print(dataset: Dataset, system: _System) -> None:
    for kind, figures in evaluate_retrieval(system, dataset).items():
        facts = "".join(f"{figures[f'facts@{budget}']:>9.4f}" for budget in BUDGETS)
        print(f"{dataset.name:<12}{kind:<8}{system.name:<28}{facts}{figures['ms']:>8.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, nargs="+", help="folders with corpus.jsonl and queries.jsonl")
    parser.add_argument("--parts", type=int, default=4)
    parser.add_argument("--limit", type=int, help="questions of each kind")
    options = parser.parse_args()
    settings = load_settings()
    embeddings = RememberedQuestions(load_embeddings(settings.embedding, settings.models_folder))
    datasets = [read_dataset(folder, options.limit) for folder in options.datasets]
    print(
        f"{'set':<12}{'kind':<8}{'searched':<28}" + "".join(f"{f'@{budget}':>9}" for budget in BUDGETS) + f"{'ms':>8}"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = {one.name: _kb(folder, one.name, one.documents, embeddings, settings) for one in datasets}
        for dataset in datasets:
            parts = [
                _kb(folder, f"{dataset.name}-{part}", dataset.documents[part :: options.parts], embeddings, settings)
                for part in range(options.parts)
            ]
            _print(dataset, _System("one", whole[dataset.name], embeddings, settings))
            _print(dataset, _System(f"{options.parts} parts", Union(parts), embeddings, settings))
            for other, kb in whole.items():
                if other != dataset.name:
                    together = Union([whole[dataset.name], kb])
                    _print(dataset, _System(f"with {other}", together, embeddings, settings))


if __name__ == "__main__":
    main()
