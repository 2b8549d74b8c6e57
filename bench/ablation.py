"""What splitters and kinds of key do for retrieval.

    python -m bench.ablation DIR... [--splitter NAME...] [--keys NAME...] [--limit N] [--cache FOLDER]

Runs every splitter with every choice of keys that the file of variants names, and prints a Markdown table
for each question set and kind of question: the share of facts in the packed context by budget with, in
brackets, how many questions hold more and how many hold fewer facts than with the first variant; keys a
document; and processor seconds a megabyte of text for splitting, deriving keys and embedding them.
Vectors are remembered in ``--cache``, so a further variant embeds what is new in it, and a run that was
killed goes on.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from bench.corpus import key_texts
from bench.remembered import RememberedVectors
from ingest.config import load_settings
from ingest.keyinfo import extractors
from ingest.models.embeddings import load_embeddings
from ingest.settings import Settings
from ingest.split import Splitter
from rag.evaluate.datasets import KINDS, Dataset, Kind, Query, read_dataset
from rag.evaluate.metrics import BUDGETS, fact_share, gold_context
from rag.evaluate.systems import KeyRAGSystem

_VARIANTS = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True, slots=True)
class Variant:
    """A splitter with a choice of keys."""

    splitter: str
    keys: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class Measured:
    """What a variant does on a question set; ``shares`` are facts by question and budget, float64 (n, 4)."""

    variant: Variant
    shares: dict[Kind, NDArray[np.float64]]
    keys_per_document: float
    seconds_per_mb: float


def variants(file: Path, splitters: Sequence[str], keys: Sequence[str]) -> list[Variant]:
    """Read the variants; ``splitters`` and ``keys`` keep those named, in the file's order."""
    listed = yaml.safe_load(file.read_text(encoding="utf-8"))
    for name in {*splitters} - {*listed["splitters"]} | {*keys} - {*listed["keys"]}:
        raise SystemExit(
            f"{file} names no variant {name!r}: it has {', '.join({**listed['splitters'], **listed['keys']})}"
        )

    def chosen(part: str, names: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        return ((name, changes) for name, changes in listed[part].items() if not names or name in names)

    return [
        Variant(splitter, kind, load_settings(overrides={**split_changes, **key_changes}))
        for splitter, split_changes in chosen("splitters", splitters)
        for kind, key_changes in chosen("keys", keys)
    ]


def measure(dataset: Dataset, variant: Variant, embeddings: RememberedVectors) -> Measured:
    """Index the documents of a question set in a variant's way and ask all its questions."""
    began = time.process_time()
    splitter = Splitter(variant.settings.split, embeddings)
    made = extractors(variant.settings, embeddings)
    texts = [text for document in dataset.documents for text in key_texts(document, splitter, variant.settings, made)]
    seconds = time.process_time() - began
    with tempfile.TemporaryDirectory() as folder:
        system = KeyRAGSystem(dataset.documents, embeddings, variant.settings, Path(folder), lambda _: None)
        shares = {
            kind: np.array([_shares(system, query) for query in dataset.queries if query.kind == kind and query.facts])
            for kind in KINDS
        }
        system.store.close()
    megabytes = sum(len(document.text.encode()) for document in dataset.documents) / 1e6
    return Measured(
        variant,
        {kind: rows for kind, rows in shares.items() if len(rows)},
        len(texts) / len(dataset.documents),
        (seconds + embeddings.seconds(texts)) / megabytes,
    )


def _shares(system: KeyRAGSystem, query: Query) -> list[float]:
    found = system.find(query.question)
    return [fact_share(query.facts, gold_context(found.context(budget), query.doc_ids, budget)) for budget in BUDGETS]


def table(dataset: Dataset, kind: Kind, results: Sequence[Measured]) -> str:
    """Give a Markdown table; the half-width is that of a 95% interval of the first row's mean."""
    first = results[0].shares[kind]
    widths = 1.96 * first.std(axis=0) / len(first) ** 0.5
    budgets = " | ".join(f"facts@{budget} (±{width:.4f})" for budget, width in zip(BUDGETS, widths, strict=True))
    lines = [
        f"**{dataset.name}, {kind}** ({len(first)} questions)",
        "",
        f"| splitter | keys | {budgets} | keys a document | s/MB |",
        "|---|---|" + "---|" * (len(BUDGETS) + 2),
    ]
    for result in results:
        shares = result.shares[kind]
        more, fewer = (shares > first + 1e-9).sum(axis=0), (shares < first - 1e-9).sum(axis=0)
        cells = [
            f"{mean:.4f}" + (f" (+{up} -{down})" if result is not results[0] else "")
            for mean, up, down in zip(shares.mean(axis=0), more, fewer, strict=True)
        ]
        ends = [f"{result.keys_per_document:.1f}", f"{result.seconds_per_mb:.0f}"]
        lines.append("| " + " | ".join([result.variant.splitter, result.variant.keys, *cells, *ends]) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, nargs="+", help="folders with corpus.jsonl and queries.jsonl")
    parser.add_argument("--variants", type=Path, default=_VARIANTS, help="YAML file of variants")
    parser.add_argument("--splitter", action="append", default=[], help="only this splitter; may be repeated")
    parser.add_argument("--keys", action="append", default=[], help="only this choice of keys; may be repeated")
    parser.add_argument("--limit", type=int, help="questions of each kind")
    parser.add_argument("--cache", type=Path, default=Path(".ablation"), help="folder of remembered vectors")
    arguments = parser.parse_args()

    settings = load_settings()
    loaded = load_embeddings(settings.embedding, settings.models_folder)
    embeddings = RememberedVectors(loaded, settings.embedding, arguments.cache)
    chosen = variants(arguments.variants, arguments.splitter, arguments.keys)
    for folder in arguments.datasets:
        dataset = read_dataset(folder, arguments.limit)
        results = []
        for variant in chosen:
            began = time.perf_counter()
            results.append(measure(dataset, variant, embeddings))
            facts = ", ".join(
                f"{kind} {'/'.join(f'{mean:.4f}' for mean in shares.mean(axis=0))}"
                for kind, shares in results[-1].shares.items()
            )
            seconds = time.perf_counter() - began
            step = f"{dataset.name}: {variant.splitter}, {variant.keys}: {facts} ({seconds:.0f} s)"
            print(step, file=sys.stderr, flush=True)
        for kind in results[0].shares:
            print(table(dataset, kind, results), flush=True)


if __name__ == "__main__":
    main()
