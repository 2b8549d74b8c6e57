"""``keyrag search`` and ``keyrag ask``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ingest.errors import KeyRAGError
from ingest.index.library import kb_names
from rag.cli.answers import show_as_it_comes
from rag.cli.app import JsonOption, SearchedOption, app, out, print_json, settings
from rag.cli.display import printable, shown
from rag.cli.scope import DocOption, HeadingOption, LabelOption, SinceOption, UntilOption, scope_of
from rag.parse import TEXT, Output
from rag.service import KeyRAG
from rag.wire import answer_json, found_json

Question = Annotated[str, typer.Argument(metavar="QUESTION", help="In Chinese or English; - reads it from stdin.")]


def _question(given: str) -> str:
    return sys.stdin.read().strip() if given == "-" else given


@app.command()
def search(
    query: Question,
    kb: SearchedOption = "default",
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="Hits.")] = 10,
    budget: Annotated[int | None, typer.Option(min=1, help="Characters of packed text.", metavar="CHARS")] = None,
    doc: DocOption = None,
    label: LabelOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    heading: HeadingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find sentences without asking the language model.

    Example: `keyrag search "年假 天数" --kb company -k 5 --heading 休假`
    """
    scope = scope_of(doc, label, since, until, heading)
    found = KeyRAG(settings()).search(kb, _question(query), k, budget, scope=scope)
    if as_json:
        print_json(found_json(found))
        return
    for rank, hit in enumerate(found.hits, 1):
        page = f", p. {hit.page}" if hit.page else ""
        path = hit.heading_path if len(kb_names(kb)) == 1 else (hit.kb, *hit.heading_path)
        where = shown(" > ".join(path) + page)
        out.print(f"[bold]{rank:2}[/] [cyan]{hit.score:4.0%}[/] {shown(hit.text)}\n   [dim]{where}[/]")
    if budget is not None:
        out.rule(f"{len(found.packed.text)} characters")
        out.print(printable(found.packed.text), markup=False)
    out.print(f"[dim]{len(found.hits)} hits in {found.took_ms:.0f} ms[/]")


@app.command()
def ask(
    question: Question,
    kb: SearchedOption = "default",
    schema: Annotated[
        Path | None, typer.Option(help="Answer with JSON that fits this JSON Schema.", metavar="FILE.json")
    ] = None,
    doc: DocOption = None,
    label: LabelOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    heading: HeadingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask one question.

    Example: `keyrag ask "工作满十年有几天年假？" --kb company`
    """
    output = Output("json", schema=_schema(schema)) if schema else TEXT
    scope = scope_of(doc, label, since, until, heading)
    service = KeyRAG(settings())
    if as_json:
        print_json(answer_json(service.ask(kb, _question(question), output=output, scope=scope)))
    else:
        show_as_it_comes(service.answer(kb, _question(question), output=output, scope=scope))


def _schema(file: Path) -> dict[str, Any]:
    try:
        schema = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise KeyRAGError(f"{file} can't be read as JSON: {error}") from error
    if not isinstance(schema, dict):
        raise KeyRAGError(f"{file} is no JSON Schema: it has to be an object")
    return schema
