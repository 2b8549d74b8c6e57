"""``keyrag ingest`` and ``keyrag sync``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from ingest.errors import KeyRAGError
from ingest.files import files_in, readable_files
from ingest.load import container_of
from ingest.pipeline import IngestReport, SourceFile
from rag.cli.app import JsonOption, KbOption, app, err, out, print_json, settings
from rag.cli.display import ingest_progress, show_report, shown
from rag.service import KeyRAG
from rag.wire import report_json


def _ingest(service: KeyRAG, kb: str, files: list[Path]) -> tuple[IngestReport, float]:
    service.kb(kb, create=True)
    began = time.monotonic()
    with ingest_progress() as progress:
        report = service.ingest(kb, [SourceFile(file) for file in files], progress)
    return report, time.monotonic() - began


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files and folders.")],
    kb: KbOption = "default",
    as_json: JsonOption = False,
) -> None:
    """Read files into a knowledge base.

    Files that are there already in the same form are left alone, changed ones are replaced. Folders without a
    file that can be read are told of.

    Example: `keyrag ingest handbook.pdf wiki/ --kb company`
    """
    empty: list[str] = []
    report, seconds = _ingest(KeyRAG(settings()), kb, files_in(paths, empty.append))
    if as_json:
        print_json({"kb": kb, "seconds": round(seconds, 2), **report_json(report)})
    else:
        show_report(report, seconds)
    for problem in empty:
        err.print(f"[red]x[/] {shown(problem)}")
    if report.count("failed") or empty:
        raise typer.Exit(1)


@app.command()
def sync(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to follow.")],
    kb: KbOption = "default",
    as_json: JsonOption = False,
) -> None:
    """Make a knowledge base follow a folder.

    New and changed files are read, documents of files that are gone are deleted, documents from elsewhere are
    left alone.

    Example: `keyrag sync wiki/ --kb company`
    """
    if not folder.is_dir():
        raise KeyRAGError(f"there is no folder {folder}: name an existing one")
    service = KeyRAG(settings())
    base = folder.resolve()
    report, seconds = _ingest(service, kb, readable_files(folder))
    knowledge = service.kb(kb)
    gone = [
        row
        for row in knowledge.store.documents()
        if (file := Path(container_of(row.source) or row.source)).is_relative_to(base) and not file.exists()
    ]
    with knowledge.writing():
        for row in gone:
            knowledge.delete(row.doc_id)
        knowledge.save()
    if as_json:
        print_json({"kb": kb, "seconds": round(seconds, 2), "deleted": len(gone), **report_json(report)})
    else:
        show_report(report, seconds)
        for row in gone:
            out.print(f"[red]-[/] {shown(row.title)}")
    if report.count("failed"):
        raise typer.Exit(1)
