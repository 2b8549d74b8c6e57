"""``keyrag kb``: knowledge bases."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from ingest.errors import KeyRAGError
from rag.cli.app import JsonOption, app, kb_names, out, print_json, settings
from rag.cli.display import ingest_progress, show_report, table
from rag.service import KeyRAG
from rag.wire import report_json

group = typer.Typer(help="List, create, delete, check and move knowledge bases.", no_args_is_help=True)
app.add_typer(group, name="kb")
Name = Annotated[str, typer.Argument(metavar="NAME", autocompletion=kb_names)]
NewName = Annotated[str, typer.Argument(metavar="NAME")]


@group.command("list")
def list_(as_json: JsonOption = False) -> None:
    """List the knowledge bases.

    Example: `keyrag kb list`
    """
    library = KeyRAG(settings()).library
    rows = []
    for name in library.names():
        store = library.store(name)
        rows.append({"name": name, **store.counts()})
        store.close()
    if as_json:
        print_json(rows)
        return
    listed = table("name", ">documents", ">sentences", ">keys")
    for row in rows:
        listed.add_row(str(row["name"]), str(row["documents"]), str(row["sentences"]), str(row["keys"]))
    out.print(listed if rows else "There is none yet: `keyrag ingest PATH` makes one.")


@group.command()
def create(name: NewName, as_json: JsonOption = False) -> None:
    """Create an empty knowledge base.

    Example: `keyrag kb create company`
    """
    service = KeyRAG(settings())
    if name in service.library.names():
        raise KeyRAGError(f"there is a knowledge base {name!r} already: choose another name")
    service.kb(name, create=True)
    _done("created", name, as_json)


@group.command()
def delete(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask before deleting.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete a knowledge base with all its documents.

    Example: `keyrag kb delete company --yes`
    """
    service = KeyRAG(settings())
    documents = len(service.library.store(name).documents())
    if documents and not yes:
        typer.confirm(f"Delete {name} with {documents} documents?", abort=True, err=True)
    service.delete_kb(name)
    _done("deleted", name, as_json)


@group.command()
def stats(name: Name = "default", as_json: JsonOption = False) -> None:
    """Count documents, units and keys; tell the size and the embedding model.

    Example: `keyrag kb stats company --json`
    """
    figures = KeyRAG(settings()).kb(name).stats()
    if as_json:
        print_json(figures)
        return
    for key, value in figures.items():
        out.print(f"{key}: {value}")


@group.command()
def check(name: Name = "default", as_json: JsonOption = False) -> None:
    """Check the store and hold the caches against it.

    Example: `keyrag kb check company`
    """
    faults = KeyRAG(settings()).kb(name).faults()
    if as_json:
        print_json({"kb": name, "ok": not faults, "faults": faults})
    else:
        out.print("\n".join(faults) or f"{name} is sound")
    if faults:
        raise typer.Exit(1)


@group.command()
def rebuild(
    name: Name = "default",
    caches: Annotated[bool, typer.Option("--caches", help="Make only the FAISS and BM25 caches anew.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Split and embed all documents anew with the settings in force, e.g. after a change of the embedding model.

    Example: `keyrag kb rebuild company`
    """
    service = KeyRAG(settings())
    if caches:
        service.kb(name).drop_caches()
        service.kb(name).save()
        _done("made anew the caches of", name, as_json)
        return
    began = time.monotonic()
    with ingest_progress() as progress:
        report = service.rebuild_kb(name, progress)
    service.kb(name).save()
    if as_json:
        print_json({"kb": name, "seconds": round(time.monotonic() - began, 2), **report_json(report)})
    else:
        show_report(report, time.monotonic() - began)


@group.command()
def export(name: Name, target: Annotated[Path, typer.Argument(metavar="FILE")], as_json: JsonOption = False) -> None:
    """Write a knowledge base, vectors included, into one file.

    Example: `keyrag kb export company company.keyrag`
    """
    KeyRAG(settings()).library.export_to(name, target)
    if as_json:
        print_json({"kb": name, "file": str(target), "bytes": target.stat().st_size})
    else:
        out.print(f"wrote {target} ({target.stat().st_size / 1e6:.1f} MB)")


@group.command("import")
def import_(
    source: Annotated[Path, typer.Argument(metavar="FILE")],
    kb: Annotated[
        str | None, typer.Option("--kb", help="Its name here; by default the file's.", metavar="NAME")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a knowledge base out of an exported file.

    Example: `keyrag kb import company.keyrag --kb copy`
    """
    name = kb or source.stem
    KeyRAG(settings()).library.import_from(source, name)
    _done("imported", name, as_json)


def _done(what: str, name: str, as_json: bool) -> None:
    if as_json:
        print_json({"kb": name, "done": what})
    else:
        out.print(f"{what} {name}")
