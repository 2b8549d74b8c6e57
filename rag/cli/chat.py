"""``keyrag chat``."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from ingest.errors import KeyRAGError
from rag.cli import slash
from rag.cli.app import SearchedOption, app, err, out, settings
from rag.cli.conversation import Conversation
from rag.cli.display import shown
from rag.cli.lines import questions
from rag.service import KeyRAG
from rag.wire import answer_json


@app.command()
def chat(
    kb: SearchedOption = "default",
    session: Annotated[str | None, typer.Option(help="Go on with a conversation of that name.", metavar="NAME")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Take every line for a question, print its answer as a line of JSON.")
    ] = False,
) -> None:
    """Ask one question after the other; follow-ups are understood.

    /help lists what else can be typed. Ctrl-C stops an answer, Ctrl-D leaves. Questions may come from a pipe,
    one a line.

    Example: `keyrag chat --kb company`
    """
    service = KeyRAG(settings())
    conversation = Conversation(service, kb, session)
    with out.status("loading the models"):
        _ = service.embeddings, service.chat
    at_a_terminal = sys.stdin.isatty() and not as_json
    if at_a_terminal:
        out.print(f"[dim]Knowledge base {shown(kb)}; /help lists the commands, Ctrl-D leaves.[/]")
    failed = False
    lines = questions(
        service.settings.data / "questions.txt",
        lambda: f"{conversation.kb}> ",
        lambda: [f"/{name}" for name in slash.COMMANDS] + [f"/kb {name}" for name in service.library.names()],
    )
    for line in lines:
        if not sys.stdin.isatty() and not as_json:
            out.print(f"[bold green]>[/] {shown(line)}")
        try:
            if as_json:
                content = {"question": line, **answer_json(conversation.ask_silently(line))}
                sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
                sys.stdout.flush()
            elif slash.is_command(line):
                slash.run(line, conversation)
            else:
                conversation.ask(line)
        except slash.Leave:
            break
        except KeyboardInterrupt:
            out.print("\n[yellow]stopped[/]")
            if not at_a_terminal:
                raise
        except KeyRAGError as error:
            failed = True
            err.print(f"[red]{shown(str(error))}[/]")
    if failed and not at_a_terminal:
        raise typer.Exit(1)
