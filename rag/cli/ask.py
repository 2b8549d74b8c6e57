"""``keyrag search``, ``keyrag ask`` and ``keyrag chat``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.markup import escape

from ingest.errors import KeyRAGError
from rag.answer import Answer, Sources, Token
from rag.cli.app import JsonOption, KbOption, app, out, print_json, settings
from rag.cli.display import show_citations, timing_line
from rag.history import Turn
from rag.service import KeyRAG
from rag.wire import answer_json, found_json

Question = Annotated[str, typer.Argument(metavar="QUESTION", help="In Chinese or English; - reads it from stdin.")]


def _question(given: str) -> str:
    return sys.stdin.read().strip() if given == "-" else given


@app.command()
def search(
    query: Question,
    kb: KbOption = "default",
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="Hits.")] = 10,
    budget: Annotated[int | None, typer.Option(min=1, help="Characters of packed text.", metavar="CHARS")] = None,
    as_json: JsonOption = False,
) -> None:
    """Find sentences without asking the language model. Example: `keyrag search "年假 天数" -k 5`"""
    found = KeyRAG(settings()).search(kb, _question(query), k, budget)
    if as_json:
        print_json(found_json(found))
        return
    for rank, hit in enumerate(found.hits, 1):
        page = f", p. {hit.page}" if hit.page else ""
        where = escape(" > ".join(hit.heading_path) + page)
        out.print(f"[bold]{rank:2}[/] [cyan]{hit.score:4.0%}[/] {escape(hit.text)}\n   [dim]{where}[/]")
    if budget is not None:
        out.rule(f"{len(found.packed.text)} characters")
        out.print(escape(found.packed.text))
    out.print(f"[dim]{len(found.hits)} hits in {found.took_ms:.0f} ms[/]")


def _stream(service: KeyRAG, kb: str, question: str, turns: list[Turn]) -> Answer:
    """Print an answer as it comes, then its citations."""
    printed = ""
    answer: Answer | None = None
    for event in service.answer(kb, question, turns):
        if isinstance(event, Sources) and event.rewritten:
            out.print(f"[dim]Searching for: {escape(event.rewritten)}[/]")
        elif isinstance(event, Token):
            printed += event.text
            sys.stdout.write(event.text)
            sys.stdout.flush()
        elif isinstance(event, Answer):
            answer = event
    assert answer is not None
    if printed:
        out.print()
    if answer.text != printed.strip():  # a refusal, in its exact words
        out.print(escape(answer.text))
    show_citations(answer)
    out.print(f"[dim]{timing_line(answer)}[/]")
    return answer


@app.command()
def ask(question: Question, kb: KbOption = "default", as_json: JsonOption = False) -> None:
    """Ask one question. Example: `keyrag ask "工作满十年有几天年假？" --kb company`"""
    service = KeyRAG(settings())
    if as_json:
        print_json(answer_json(service.ask(kb, _question(question))))
    else:
        _stream(service, kb, _question(question), [])


@app.command()
def chat(
    kb: KbOption = "default",
    session: Annotated[str | None, typer.Option(help="Go on with a conversation of that name.", metavar="NAME")] = None,
) -> None:
    """Ask one question after the other; follow-ups are understood. An empty line or Ctrl-D ends."""
    service = KeyRAG(settings())
    service.retriever(kb)
    depth = service.settings.history.turns
    turns = service.sessions.turns(kb, session, depth) if session else []
    out.print(f"[dim]Knowledge base {kb}: ask away; an empty line ends.[/]")
    while True:
        try:
            question = out.input("[bold green]> [/]").strip()
        except (EOFError, KeyboardInterrupt):
            break
        if not question:
            break
        try:
            answer = _stream(service, kb, question, turns)
        except KeyboardInterrupt:
            out.print("\n[yellow]stopped[/]")
            continue
        except KeyRAGError as error:
            out.print(f"[red]{escape(str(error))}[/]")
            continue
        turns.append(Turn(question, answer.text))
        if session:
            service.sessions.add(kb, session, turns[-1])
