"""What people see in the terminal: a progress bar, answers with their citations, tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table

from ingest.pipeline import OUTCOMES, IngestReport, Outcome, Progress
from rag.answer import Answer
from rag.cite import Citation
from rag.cli.app import err, out

_MARKS: dict[Outcome, str] = {
    "added": "[green]+[/]",
    "replaced": "[yellow]~[/]",
    "unchanged": "[dim]=[/]",
    "duplicate": "[yellow]=[/]",
    "failed": "[red]x[/]",
}


@contextmanager
def ingest_progress() -> Iterator[Callable[[Progress], None]]:
    """Show documents, keys per second and time left on stderr."""
    bar = Bar(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        console=err,
        transient=True,
    )
    began = time.monotonic()
    with bar:
        task = bar.add_task("reading", total=None, rate="")

        def show(progress: Progress) -> None:
            seconds = max(time.monotonic() - began, 1e-3)
            rate = progress.keys / seconds
            text = f"{progress.keys} keys, {rate:.0f} keys/s"
            if progress.documents and rate:
                left = seconds / progress.documents * (progress.total - progress.documents)
                text += f", {int(left // 60)}:{int(left % 60):02d} left"
            bar.update(
                task, total=progress.total, completed=progress.documents, rate=text, description=progress.current[:30]
            )

        yield show


def show_report(report: IngestReport, seconds: float) -> None:
    """List what became of each file, warnings and reasons included, and sum up."""
    for file in report.files:
        line = f"{_MARKS[file.outcome]} {escape(file.title or file.source)}"
        if file.outcome == "failed":
            err.print(f"{_MARKS['failed']} {escape(file.reason)}")
            continue
        if file.keys:
            reused = f", {file.keys - file.embedded} of them known" if file.embedded < file.keys else ""
            line += f" [dim]{file.keys} keys{reused}, {file.doc_id}[/]"
        elif file.outcome == "duplicate":
            line += f" [dim]{escape(file.reason)}[/]"
        out.print(line)
        for warning in file.warnings:
            out.print(f"    [yellow]{escape(warning)}[/]")
    keys = sum(file.keys for file in report.files)
    parts = [f"{report.count(outcome)} {outcome}" for outcome in OUTCOMES]
    out.print(f"{', '.join(parts)}; {keys} keys in {seconds:.1f} s")


def place(citation: Citation) -> str:
    """Give where a citation stands: document and page."""
    return citation.document + (f", p. {citation.page}" if citation.page else "")


def show_citations(answer: Answer) -> None:
    """List the sentences an answer rests on, and what the checks found."""
    for citation in {(c.n, c.start): c for c in answer.citations}.values():
        quote = citation.quote if len(citation.quote) <= 160 else citation.quote[:159] + "…"
        out.print(f"  [cyan]\\[{citation.n}][/] {escape(place(citation))}: [dim]{escape(quote)}[/]")
    if answer.mode == "quoted":
        out.print("  [yellow]No language model is configured: these are the best sentences, word for word.[/]")
    grounding = answer.grounding
    if grounding and grounding.unknown_numbers:
        out.print(f"  [red]Not in the documents: {escape(', '.join(grounding.unknown_numbers))}[/]")
    for statement in grounding.unsupported if grounding else ():
        out.print(f"  [yellow]Weakly supported: {escape(statement)}[/]")
    if answer.looped:
        out.print("  [yellow]The model began to repeat itself; the answer was cut there.[/]")


def timing_line(answer: Answer) -> str:
    """Sum up the timings of an answer in a line."""
    parts = [f"{answer.timings['total_ms'] / 1000:.1f} s"]
    if "retrieve_ms" in answer.timings:
        parts.append(f"retrieval {answer.timings['retrieve_ms']:.0f} ms")
    if "first_token_ms" in answer.timings:
        parts.append(f"first token {answer.timings['first_token_ms'] / 1000:.1f} s")
    if answer.usage:
        parts.append(f"{answer.usage['prompt_tokens']} + {answer.usage['completion_tokens']} tokens")
    return ", ".join(parts)


def table(*columns: str) -> Table:
    """Make a plain table; columns that begin with ``>`` are set to the right."""
    plain = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        plain.add_column(column.lstrip(">"), justify="right" if column.startswith(">") else "left", overflow="fold")
    return plain
