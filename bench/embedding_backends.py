"""What the embedding backends do a second, and how much of it an ingest keeps.

``python -m bench.embedding_backends DIR`` embeds the keys of a question set's documents with int8 ONNX
Runtime and with fp32 torch, then ingests the same documents. The runs of all three take turns, so that a
busy minute of the machine meets each of them.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np
from langchain_core.embeddings import Embeddings

from bench.corpus import first_documents, key_texts, knowledge_base, row
from ingest.config import load_settings
from ingest.models.embeddings import load_embeddings
from ingest.pipeline import Pipeline
from ingest.settings import Settings
from ingest.split import Splitter
from ingest.types import Document
from rag.evaluate.datasets import read_dataset


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _ingest(documents: Sequence[Document], embeddings: Embeddings, settings: Settings) -> float:
    with tempfile.TemporaryDirectory() as folder:
        kb = knowledge_base(Path(folder) / "kb", embeddings, settings)
        seconds = _seconds(lambda: Pipeline(kb, embeddings, settings).ingest_documents(documents, len(documents)))
        kb.close()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path, help="folder with corpus.jsonl and queries.jsonl")
    parser.add_argument("--keys", type=int, default=600)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()

    settings = load_settings()
    onnx, torch = (
        load_embeddings(settings.embedding.model_copy(update={"backend": backend}), settings.models_folder)
        for backend in ("onnx", "torch")
    )
    splitter = Splitter(settings.split, onnx)
    documents = first_documents(read_dataset(arguments.dataset).documents, arguments.keys, splitter, settings)
    texts = [text for document in documents for text in key_texts(document, splitter, settings)]
    # The order that the pipeline embeds in, so that the backend alone has the same batches to do.
    texts.sort(key=len, reverse=True)
    vectors = np.array(onnx.embed_documents(texts[::10])), np.array(torch.embed_documents(texts[::10]))

    runs = {
        "torch fp32": lambda: _seconds(lambda: torch.embed_documents(texts)),
        "onnx int8": lambda: _seconds(lambda: onnx.embed_documents(texts)),
        "ingest (onnx int8)": lambda: _ingest(documents, onnx, settings),
    }
    times: dict[str, list[float]] = {name: [] for name in runs}
    print(f"{len(texts)} keys of {sum(map(len, texts)) / len(texts):.0f} characters, {arguments.runs} runs", flush=True)
    for number in range(arguments.runs):
        for name, run in runs.items():
            times[name].append(run())
            print(f"run {number + 1}, {name}: {times[name][-1]:.1f} s", flush=True)

    print(row("", ["keys/s median", "least", "most"]))
    for name, seconds in times.items():
        rates = sorted(len(texts) / each for each in seconds)
        print(row(name, [f"{rate:.0f}" for rate in (median(rates), rates[0], rates[-1])]))
    for above, below in (("onnx int8", "torch fp32"), ("ingest (onnx int8)", "onnx int8")):
        ratios = [b / a for a, b in zip(times[above], times[below], strict=True)]
        print(f"{above} / {below}: {median(ratios):.2f} (median of the runs' ratios)")
    print(f"cosine of int8 to fp32 vectors: mean {np.mean(np.sum(vectors[0] * vectors[1], axis=1)):.4f}")


if __name__ == "__main__":
    main()
