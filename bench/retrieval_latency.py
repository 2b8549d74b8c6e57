"""How long a search takes, with and without the embedding of the question.

Builds a knowledge base of about ``--keys`` keys from a question set and asks its questions, several times
over: ``python -m bench.retrieval_latency DIR``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.corpus import first_documents, knowledge_base, row
from ingest.config import load_settings
from ingest.models.embeddings import load_embeddings
from ingest.pipeline import Pipeline
from ingest.split import Splitter
from rag.evaluate.datasets import read_dataset
from rag.evaluate.systems import RememberedQuestions
from rag.pack import pack
from rag.retrieve import Retriever

_HITS = 10
_BUDGET = 600


def _milliseconds(run: Callable[[str], object], questions: list[str]) -> list[float]:
    times = []
    for question in questions:
        began = time.perf_counter()
        run(question)
        times.append((time.perf_counter() - began) * 1000)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path, help="folder with corpus.jsonl and queries.jsonl")
    parser.add_argument("--keys", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=200, help="of each kind")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()

    settings = load_settings()
    embeddings = load_embeddings(settings.embedding, settings.models_folder)
    dataset = read_dataset(arguments.dataset, arguments.questions)
    documents = first_documents(dataset.documents, arguments.keys, Splitter(settings.split, embeddings), settings)
    with tempfile.TemporaryDirectory() as folder:
        kb = knowledge_base(Path(folder) / "kb", embeddings, settings)
        Pipeline(kb, embeddings, settings).ingest_documents(documents, len(documents))
        print(f"{kb.store.counts()['keys']} keys, {arguments.runs} runs; milliseconds: median of the runs' medians")
        remembered = RememberedQuestions(embeddings)
        retriever, whole = Retriever(kb, remembered, settings.retrieve), Retriever(kb, embeddings, settings.retrieve)

        def packed(question: str) -> None:
            pack(kb.store, retriever.retrieve(question, 10 * _HITS), _BUDGET, neighbours=settings.pack.neighbours)

        print(row("", ["search", "+ embedding", "search + pack", "p90 search"]))
        for kind in ("fine", "cross"):
            questions = [query.question for query in dataset.queries if query.kind == kind]
            if not questions:
                continue
            _milliseconds(packed, questions)  # embeds the questions and warms the caches up
            runs: dict[str, list[float]] = {"search": [], "whole": [], "pack": [], "p90": []}
            for _ in range(arguments.runs):
                times = sorted(_milliseconds(lambda question: retriever.retrieve(question, _HITS), questions))
                runs["search"].append(median(times))
                runs["whole"].append(median(_milliseconds(lambda question: whole.retrieve(question, _HITS), questions)))
                runs["pack"].append(median(_milliseconds(packed, questions)))
                runs["p90"].append(times[len(times) * 9 // 10])
            print(row(f"{kind}, {len(questions)} questions", [f"{median(values):.2f}" for values in runs.values()]))
        kb.close()


if __name__ == "__main__":
    main()
