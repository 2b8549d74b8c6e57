"""``keyrag doc``: the documents of a knowledge base."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from ingest.errors import NotFoundError
from rag.cli.app import JsonOption, KbOption, app, out, print_json, settings
from rag.cli.display import shown, shown_key, table
from rag.service import KeyRAG
from rag.wire import document_json, unit_json

group = typer.Typer(help="List, show and delete documents.", no_args_is_help=True)
app.add_typer(group, name="doc")
DocId = Annotated[str, typer.Argument(metavar="DOC_ID")]


@group.command("list")
def list_(kb: KbOption = "default", as_json: JsonOption = False) -> None:
    """List the documents.

    Example: `keyrag doc list --kb company`
    """
    rows = KeyRAG(settings()).library.store(kb).documents()
    if as_json:
        print_json([document_json(row) for row in rows])
        return
    listed = table("id", "title", ">pages", ">characters", "added")
    for row in rows:
        listed.add_row(row.doc_id, shown(row.title), str(row.pages or "-"), str(row.chars), row.added_at[:16])
    out.print(listed if rows else "There is none yet: `keyrag ingest PATH` reads some.")


@group.command()
def show(
    doc_id: DocId,
    kb: KbOption = "default",
    with_keys: Annotated[bool, typer.Option("--keys", help="Show the keys below what they stand for.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show a document as it was cut: segments, sentences and, if asked, their keys.

    Example: `keyrag doc show 41b0a7d3e3137426 --kb company --keys`
    """
    store = KeyRAG(settings()).library.store(kb)
    row = store.document(doc_id)
    if row is None:
        raise NotFoundError(f"there is no document {doc_id!r}: see `keyrag doc list --kb {kb}`")
    keys: dict[int, list[dict[str, str]]] = {}
    for unit_id, kind, text in store.document_keys(doc_id):
        keys.setdefault(unit_id, []).append({"kind": kind, "text": text})
    units = store.document_units(doc_id)
    if as_json:
        listed = [{**unit_json(unit), "keys": keys.get(unit.unit_id, [])} for unit in units if unit.level != "article"]
        print_json({**document_json(row), "units": listed})
        return
    counts = Counter(unit.level for unit in units)
    out.print(f"[bold]{shown(row.title)}[/]  {row.media_type}, {row.chars} characters, {shown(row.source)}")
    held = f"{counts['segment']} segments, {counts['sentence']} sentences, {sum(map(len, keys.values()))} keys"
    out.print(f"[dim]{held}[/]")
    for warning in row.warnings:
        out.print(f"[yellow]{shown(warning)}[/]")
    for unit in units:
        if unit.level == "segment":
            page = f", p. {unit.page}" if unit.page else ""
            out.print(f"\n[cyan]{shown(' > '.join(unit.heading_path))}{page}[/]  [dim]{unit.end - unit.start} chars[/]")
        elif unit.level == "sentence":
            kind = "" if unit.kind == "paragraph" else f"[dim]({unit.kind})[/] "
            out.print(f"  [dim]{unit.unit_id:>6}[/]  {kind}{shown(unit.text)}")
        for key in keys.get(unit.unit_id, ()) if with_keys else ():
            out.print(f"          [magenta]{key['kind']}[/] [dim]{shown_key(key['text'], unit.text)}[/]")


@group.command()
def delete(doc_id: DocId, kb: KbOption = "default", as_json: JsonOption = False) -> None:
    """Delete a document.

    Example: `keyrag doc delete 41b0a7d3e3137426 --kb company`
    """
    KeyRAG(settings()).delete_document(kb, doc_id)
    if as_json:
        print_json({"kb": kb, "deleted": doc_id})
    else:
        out.print(f"deleted {doc_id}")
