"""What several commands print: text made safe for a terminal, a progress bar, ingest reports, tables."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table

from ingest.pipeline import OUTCOMES, IngestReport, Outcome, Progress
from rag.cli.app import err, out

_MARKS: dict[Outcome, str] = {
    "added": "[green]+[/]",
    "replaced": "[yellow]~[/]",
    "unchanged": "[dim]=[/]",
    "duplicate": "[yellow]=[/]",
    "failed": "[red]x[/]",
}
# Characters that a terminal obeys instead of showing them; a document or a model may hold any.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LONGEST_KEY = 120


def printable(text: str) -> str:
    """Leave out what a terminal would obey: colours, cursor moves, window titles."""
    return _CONTROL.sub("", text)


def shown(text: str) -> str:
    """Make a text of a user, a document or a model safe to print with markup around it."""
    return escape(printable(text))


def cut(text: str, most: int) -> str:
    """Shorten a text to ``most`` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def shown_key(key: str, unit: str) -> str:
    """Give a key in a line, with ``…`` in place of the text of its unit, which stands above it."""
    return shown(cut(" ".join(key.replace(unit, "…").split()), _LONGEST_KEY))


@contextmanager
def ingest_progress() -> Iterator[Callable[[Progress], None]]:
    """Show documents, keys per second and time left on stderr."""
    bar = Bar(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
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
            current = printable(progress.current)[:30]
            bar.update(task, total=progress.total, completed=progress.documents, rate=text, description=current)

        yield show


def show_report(report: IngestReport, seconds: float) -> None:
    """List what became of each file, warnings and reasons included, and sum up."""
    for file in report.files:
        mark = _MARKS[file.outcome]
        if file.outcome == "failed":
            err.print(f"{mark} {shown(file.reason)}")
            continue
        line = f"{mark} {shown(file.title or file.source)}"
        if file.keys:
            reused = f", {file.keys - file.embedded} of them known" if file.embedded < file.keys else ""
            line += f" [dim]{file.keys} keys{reused}, {file.doc_id}[/]"
        if file.reason:
            line += f" [dim]{shown(file.reason)}[/]"
        out.print(line)
        for warning in file.warnings:
            out.print(f"    [yellow]{shown(warning)}[/]")
    keys = sum(file.keys for file in report.files)
    parts = ", ".join(f"{report.count(outcome)} {outcome}" for outcome in OUTCOMES)
    out.print(f"{parts}; {keys} keys in {seconds:.1f} s")


def table(*columns: str) -> Table:
    """Make a plain table; columns that begin with ``>`` are set to the right."""
    plain = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        plain.add_column(column.lstrip(">"), justify="right" if column.startswith(">") else "left", overflow="fold")
    return plain
