"""``keyrag tune``."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
import yaml
from langchain_core.embeddings import Embeddings
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from ingest.errors import KeyRAGError
from ingest.models.embeddings import load_embeddings
from ingest.settings import Settings
from rag.cli.app import JsonOption, app, err, kb_names, out, print_json, settings
from rag.cli.display import ingest_progress
from rag.evaluate.datasets import read_dataset
from rag.evaluate.metrics import BUDGETS
from rag.evaluate.systems import KeyRAGSystem, RememberedQuestions
from rag.evaluate.written_questions import written_queries
from rag.service import KeyRAG
from rag.tune import SIGNIFICANT, Step, Tuning
from rag.tune import tune as learned_from


@app.command()
def tune(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Holds corpus.jsonl and queries.jsonl, as for `keyrag eval`.")
    ] = None,
    kb: Annotated[
        str | None,
        typer.Option(
            "--kb",
            help="Knowledge base that the language model writes questions about.",
            metavar="NAME",
            autocompletion=kb_names,
        ),
    ] = None,
    questions: Annotated[int, typer.Option(min=1, help="Questions to write about it.", metavar="N")] = 100,
    target: Annotated[Path | None, typer.Option("--out", help="Where to write the weights.", metavar="FILE")] = None,
    as_json: JsonOption = False,
) -> None:
    """Learn the weights of retrieval from questions, and keep them if they find more on others.

    Name a folder of labelled questions or a knowledge base.

    Example: `keyrag tune --kb handbook`
    """
    if (folder is None) == (kb is None):
        raise KeyRAGError("name what to learn from, one of the two: `keyrag tune DIR` or `--kb NAME`")
    chosen = settings()
    target = target or chosen.data / "weights.yaml"
    if target.exists():
        raise KeyRAGError(f"{target} is there already: name another file with --out, or remove it first")
    if kb:
        tuning, source = _from_kb(chosen, kb, questions), f"questions written about the knowledge base {kb}"
    else:
        tuning, source = _from_folder(chosen, folder or Path()), f"questions of {(folder or Path()).resolve().name}"
    if tuning.wins:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(as_yaml(tuning, source), encoding="utf-8")
    if as_json:
        print_json(
            {
                "file": str(target) if tuning.wins else None,
                "wins": tuning.wins,
                "weights": tuning.weights.model_dump(),
                "training": tuning.training,
                "held_out": tuning.held_out,
                "facts": {
                    str(budget): {"before": round(before, 4), "after": round(after, 4)}
                    for budget, before, after in zip(BUDGETS, tuning.before, tuning.after, strict=True)
                },
                "better": tuning.better,
                "worse": tuning.worse,
                "chance": round(tuning.chance, 4),
            }
        )
        return
    out.print("\n".join(_told(tuning)))
    out.print(
        f"wrote {target}: use it with `keyrag --config {target}`"
        if tuning.wins
        else f"That is no more than chance may give (a probability of {SIGNIFICANT:g} or more): "
        "the weights in force stay, nothing was written."
    )


def as_yaml(tuning: Tuning, source: str) -> str:
    """Give the weights as a configuration file that says what they were learned from."""
    comment = [f"Weights that `keyrag tune` learned from {tuning.training} {' '.join(source.split())}.", *_told(tuning)]
    weights = {"retrieve": {"weights": tuning.weights.model_dump()}}
    return "".join(f"# {line}\n" for line in comment) + yaml.safe_dump(weights, sort_keys=False)


def _told(tuning: Tuning) -> list[str]:
    """Say in lines what was measured."""
    budgets = "/".join(map(str, BUDGETS))
    before, after = ("/".join(f"{share:.4f}" for share in shares) for shares in (tuning.before, tuning.after))
    return [
        f"Facts in the first {budgets} characters, for {tuning.held_out} questions about other documents:",
        f"  weights in force before {before}",
        f"  learned weights         {after}",
        f"Better for {tuning.better}, worse for {tuning.worse}; such a gain comes by chance with probability "
        f"{tuning.chance:.4f}.",
    ]


def _from_folder(chosen: Settings, folder: Path) -> Tuning:
    dataset = read_dataset(folder)
    embeddings = _embeddings(chosen)
    with tempfile.TemporaryDirectory(prefix="keyrag-tune-") as temporary:
        with ingest_progress() as progress:
            system = KeyRAGSystem(dataset.documents, embeddings, chosen, Path(temporary), progress)
        with _bar() as step:
            return learned_from(system.kb, embeddings, chosen, dataset.queries, step)


def _from_kb(chosen: Settings, name: str, count: int) -> Tuning:
    kb = KeyRAG(chosen).kb(name)
    with _bar() as step:
        queries = written_queries(kb.store, chosen, count, lambda done: step(Step("writing questions", done, count)))
        return learned_from(kb, _embeddings(chosen), chosen, queries, step)


def _embeddings(chosen: Settings) -> Embeddings:
    return RememberedQuestions(load_embeddings(chosen.embedding, chosen.models_folder))


@contextmanager
def _bar() -> Iterator[Callable[[Step], None]]:
    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*parts, console=err, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda step: bar.update(task, description=step.what, completed=step.done, total=step.total)
