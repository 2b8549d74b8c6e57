"""``keyrag eval``."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from langchain_core.embeddings import Embeddings
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from ingest.errors import KeyRAGError
from ingest.models.chat import Chat, load_chat
from ingest.models.embeddings import load_embeddings
from ingest.settings import Settings
from rag.answerer import Answerer
from rag.cli.app import JsonOption, app, err, out, print_json, settings
from rag.cli.display import ingest_progress, table
from rag.evaluate.answers import evaluate_answers, keyrag_answers, merged, recipe_answers
from rag.evaluate.baselines import BASELINES, baseline
from rag.evaluate.datasets import Dataset, Kind, read_dataset
from rag.evaluate.report import columns, html_report, rows
from rag.evaluate.run import Figures, best, evaluate_retrieval
from rag.evaluate.systems import KeyRAGSystem, RememberedQuestions, System

Measured = dict[Kind, Figures]


class _Evaluation:
    """One question set, one embedding model, one chat model; a row of figures for each system."""

    def __init__(self, dataset: Dataset, embeddings: Embeddings, chat: Chat | None, chosen: Settings) -> None:
        self._dataset = dataset
        self._embeddings = embeddings
        self._chat = chat
        self._settings = chosen

    def keyrag(self, folder: Path) -> Measured:
        with ingest_progress() as progress:
            system = KeyRAGSystem(self._dataset.documents, self._embeddings, self._settings, folder, progress)
        with closing(system):
            return self._measured(system)

    def _measured(self, system: KeyRAGSystem) -> Measured:
        retrieval = self._retrieval(system)
        answers: Measured = {}
        if self._chat:
            answerer = Answerer(system.retriever, system.store, self._chat, self._settings)
            answers = self._counted(
                "answers: keyrag", lambda step: evaluate_answers(keyrag_answers(answerer), self._dataset.queries, step)
            )
        return merged(retrieval, answers, self._dataset)

    def other(self, name: str) -> Measured:
        with err.status(f"building {name}"):
            systems = baseline(name, self._dataset.documents, self._embeddings)
        measured = [self._retrieval(system) for system in systems]
        system = systems[best(measured)] if measured[0] else systems[0]
        if len(systems) > 1:
            err.print(f"{name}: best of {len(systems)} is {system.details}")
        answers: Measured = {}
        if self._chat:
            ask = recipe_answers(system, self._chat, self._settings)
            answers = self._counted(f"answers: {name}", lambda step: evaluate_answers(ask, self._dataset.queries, step))
        return merged(measured[systems.index(system)], answers, self._dataset)

    def _retrieval(self, system: System) -> Measured:
        return self._counted(f"search: {system.name}", lambda step: evaluate_retrieval(system, self._dataset, step))

    def _counted(self, what: str, run: Callable[[Callable[[], None]], Measured]) -> Measured:
        parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Bar(*parts, console=err, transient=True) as bar:
            task = bar.add_task(what, total=len(self._dataset.queries))
            return run(lambda: bar.advance(task))


@app.command("eval")
def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Holds corpus.jsonl and queries.jsonl.")],
    baselines: Annotated[
        list[str] | None,
        typer.Option("--baseline", help=f"{', '.join(BASELINES)}; may be repeated.", metavar="NAME"),
    ] = None,
    answers: Annotated[bool, typer.Option("--answers", help="Ask the language model too.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Questions of each kind.", metavar="N")] = None,
    as_json: JsonOption = False,
    report: Annotated[Path | None, typer.Option(help="Write the tables as HTML.", metavar="FILE.html")] = None,
) -> None:
    """Measure retrieval, and answers if asked, on a question set, with other recipes beside.

    Example: `keyrag eval data/cmrc2018 --baseline langchain`
    """
    chosen = settings()
    dataset = read_dataset(folder, limit)
    embeddings = RememberedQuestions(load_embeddings(chosen.embedding, chosen.models_folder))
    chat = load_chat(chosen.chat, chosen.models_folder) if answers else None
    if answers and chat is None:
        raise KeyRAGError("--answers needs a language model: set chat.backend to something but none")
    evaluation = _Evaluation(dataset, embeddings, chat, chosen)
    with tempfile.TemporaryDirectory(prefix="keyrag-eval-") as temporary:
        results = {"keyrag": evaluation.keyrag(Path(temporary))}
    for name in dict.fromkeys(baselines or []):
        results[name] = evaluation.other(name)
    if report:
        facts = [
            f"{len(dataset.documents)} documents, {len(dataset.queries)} questions",
            f"embedding: {chosen.embedding.model}; chat: {chosen.chat.model if chat else 'not asked'}",
            f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        ]
        report.write_text(html_report(dataset.name, results, facts), encoding="utf-8")
    if as_json:
        print_json({"dataset": dataset.name, "systems": results})
        return
    shown = table("kind", "system", *(f">{column}" for column in columns(results)))
    for kind, name, cells in rows(results):
        shown.add_row(kind, name, *cells)
    out.print(shown)
