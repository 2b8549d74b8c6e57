"""``keyrag doc``: the documents of a knowledge base."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from ingest.errors import NotFoundError
from rag.cli.app import JsonOption, KbOption, app, out, print_json, settings
from rag.cli.display import table
from rag.service import KeyRAG
from rag.wire import document_json, unit_json

group = typer.Typer(help="List, show and delete documents.", no_args_is_help=True)
app.add_typer(group, name="doc")
DocId = Annotated[str, typer.Argument(metavar="DOC_ID")]


@group.command("list")
def list_(kb: KbOption = "default", as_json: JsonOption = False) -> None:
    """List the documents."""
    rows = KeyRAG(settings()).library.store(kb).documents()
    if as_json:
        print_json([document_json(row) for row in rows])
        return
    listed = table("id", "title", ">pages", ">characters", "added")
    for row in rows:
        listed.add_row(row.doc_id, escape(row.title), str(row.pages or "-"), str(row.chars), row.added_at[:16])
    out.print(listed)


@group.command()
def show(doc_id: DocId, kb: KbOption = "default", as_json: JsonOption = False) -> None:
    """Show a document as it was cut: segments, sentences and their keys."""
    store = KeyRAG(settings()).library.store(kb)
    row = store.document(doc_id)
    if row is None:
        raise NotFoundError(f"there is no document {doc_id!r}: see `keyrag doc list --kb {kb}`")
    keys: dict[int, list[dict[str, str]]] = {}
    for unit_id, kind, text in store.document_keys(doc_id):
        keys.setdefault(unit_id, []).append({"kind": kind, "text": text})
    units = store.document_units(doc_id)
    if as_json:
        shown = [{**unit_json(unit), "keys": keys.get(unit.unit_id, [])} for unit in units if unit.level != "article"]
        print_json({**document_json(row), "units": shown})
        return
    out.print(f"[bold]{escape(row.title)}[/]  {row.media_type}, {row.chars} characters, {row.source}")
    for warning in row.warnings:
        out.print(f"[yellow]{escape(warning)}[/]")
    for unit in units:
        if unit.level == "segment":
            page = f" p. {unit.page}" if unit.page else ""
            out.print(f"\n[cyan]{escape(' > '.join(unit.heading_path))}[/]{page}")
        elif unit.level == "sentence":
            out.print(f"  [dim]{unit.unit_id}[/] {escape(unit.text)}")


@group.command()
def delete(doc_id: DocId, kb: KbOption = "default") -> None:
    """Delete a document."""
    knowledge = KeyRAG(settings()).kb(kb)
    with knowledge.writing():
        knowledge.delete(doc_id)
        knowledge.save()
    out.print(f"deleted {doc_id}")
