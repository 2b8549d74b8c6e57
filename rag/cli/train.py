"""``keyrag train``: models fitted on one's own documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from ingest.errors import KeyRAGError, LoadError
from ingest.files import files_in
from ingest.load import load
from ingest.models.embeddings import encoder_folder, load_embeddings
from ingest.settings import Settings
from ingest.split.training import Step, Training, train_segmenter
from ingest.types import Document
from rag.cli.app import JsonOption, app, err, kb_names, out, print_json, settings
from rag.service import KeyRAG

group = typer.Typer(help="Fit models on your own documents.", no_args_is_help=True)
app.add_typer(group, name="train")


@group.callback()
def _train() -> None:
    """Fit models on your own documents."""


@group.command()
def segmenter(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="Folder of files to learn from.")] = None,
    kb: Annotated[
        str | None, typer.Option("--kb", help="Knowledge base to learn from.", metavar="NAME", autocompletion=kb_names)
    ] = None,
    target: Annotated[Path | None, typer.Option("--out", help="Where to put it.", metavar="FOLDER")] = None,
    pairs: Annotated[int, typer.Option(min=100, help="Pairs of texts to learn from, at most.", metavar="N")] = 1600,
    as_json: JsonOption = False,
) -> None:
    """Fit next-sentence prediction for `split.method: nsp`: which texts go on with each other.

    Name a folder or a knowledge base.

    Example: `keyrag train segmenter --kb handbook`
    """
    if (folder is None) == (kb is None):
        raise KeyRAGError("name what to learn from, one of the two: `keyrag train segmenter DIR` or `--kb NAME`")
    chosen = settings()
    target = target or chosen.data / "segmenter"
    if target.exists() and any(target.iterdir()):
        raise KeyRAGError(f"folder {target} is not empty: name another with --out, or remove it first")
    documents = list(_of_kb(chosen, kb) if kb else _of_folder(chosen, folder or Path()))
    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*parts, console=err, transient=True) as bar:
        task = bar.add_task("training", total=None)

        def show(step: Step) -> None:
            bar.update(task, total=step.total, completed=step.done, description=f"training, loss {step.loss:.2f}")

        training = train_segmenter(
            documents,
            encoder_folder(chosen.embedding, chosen.models_folder),
            target,
            load_embeddings(chosen.embedding, chosen.models_folder),
            count=pairs,
            sentence_max_chars=chosen.split.sentence_max_chars,
            progress=show,
        )
    if as_json:
        print_json(
            {
                "folder": str(training.folder),
                "pairs": training.pairs,
                "held_out": training.held_out,
                "accuracy": round(training.accuracy, 4),
                "far": training.far and round(training.far, 4),
                "near": training.near and round(training.near, 4),
                "always_next": round(training.always_next, 4),
                "embedding": round(training.embedding, 4),
                "seconds": round(training.seconds, 1),
            }
        )
        return
    out.print(
        f"{training.pairs} pairs in {training.seconds:.0f} s; of {training.held_out} pairs of other documents "
        f"{training.accuracy:.1%} are judged right{_of_kinds(training)}\n"
        f"for comparison: always the same answer {training.always_next:.1%}, "
        f"the best threshold on embeddings {training.embedding:.1%}\n"
        f"use it with split.method: nsp, split.nsp_model: {training.folder}"
    )
    if training.accuracy <= training.embedding:
        out.print(
            "[yellow]It is no better than the embeddings alone: take split.method: cohesion, or give it more documents "
            "and --pairs.[/]"
        )


def _of_kinds(training: Training) -> str:
    kinds = (("another document", training.far), ("elsewhere in the document", training.near))
    told = [f"{share:.1%} of neighbours against text from {kind}" for kind, share in kinds if share is not None]
    return f" ({', '.join(told)})" if told else ""


def _of_kb(chosen: Settings, name: str) -> Iterator[Document]:
    store = KeyRAG(chosen).library.store(name)
    try:
        yield from [store.read(row.doc_id) for row in store.documents()]
    finally:
        store.close()


def _of_folder(chosen: Settings, folder: Path) -> Iterator[Document]:
    for file in files_in([folder]):
        try:
            yield load(file, settings=chosen.load)
        except LoadError as error:
            err.print(f"[yellow]left out:[/] {error}")
