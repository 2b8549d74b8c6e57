"""``make demo``: index the samples and ask five questions of them.

Takes the names of settings files as ``keyrag --config`` does; without any the defaults hold.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import yaml
from rich.markup import escape

from ingest.config import load_settings
from ingest.files import files_in
from ingest.pipeline import SourceFile
from rag.answer import Answer
from rag.cli.answers import show_as_it_comes
from rag.cli.app import out
from rag.cli.display import ingest_progress, show_report
from rag.history import Turn
from rag.service import KeyRAG

SAMPLES = Path(__file__).resolve().parent
DATA = Path(".demo")


def ask(service: KeyRAG, question: str, turns: list[Turn]) -> Answer:
    """Print a question and its answer as it comes."""
    out.print(f"\n[bold green]? {escape(question)}[/]")
    _, answer = show_as_it_comes(service.answer("demo", question, turns))
    return answer


def main() -> None:
    service = KeyRAG(load_settings(Path(sys.argv[1]) if len(sys.argv) > 1 else None, {"data": DATA}))
    began = time.monotonic()
    files = [file for file in files_in([SAMPLES]) if file.parent == SAMPLES and file.name != "README.md"]
    out.print(f"[bold]Indexing {len(files)} documents of samples/[/]")
    with ingest_progress() as progress:
        report = service.ingest("demo", [SourceFile(file) for file in files], progress)
    show_report(report, time.monotonic() - began)
    questions = yaml.safe_load((SAMPLES / "questions.yaml").read_text(encoding="utf-8"))["demo"]
    turns: dict[int, Turn] = {}
    for place, row in enumerate(questions, 1):
        before = [turns[row["after"]["place"]]] if "after" in row else []
        answer = ask(service, row["question"], before)
        turns[place] = Turn(row["question"], answer.text)
    out.print(f"\n[bold]All done in {time.monotonic() - began:.0f} s.[/] Now try:")
    out.print("  .venv/bin/keyrag serve --data .demo       then open http://127.0.0.1:8000")
    out.print("  .venv/bin/keyrag chat --data .demo --kb demo")


if __name__ == "__main__":
    main()
