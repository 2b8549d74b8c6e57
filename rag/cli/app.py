"""The application: options that every command takes, errors as one line, commands put together."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from ingest.errors import KeyRAGError
from rag import __version__

if TYPE_CHECKING:
    from ingest.settings import Settings

# Every command: the module that defines it, and what the list of commands says. A module is imported when its
# command is run, so that help and completion don't wait for the libraries of all.
COMMANDS = {
    "ingest": ("ingest", "Read files into a knowledge base."),
    "sync": ("ingest", "Make a knowledge base follow a folder."),
    "search": ("ask", "Find sentences without asking the language model."),
    "ask": ("ask", "Ask one question."),
    "chat": ("chat", "Ask one question after the other; follow-ups are understood."),
    "kb": ("kb", "List, create, delete, check and move knowledge bases."),
    "doc": ("doc", "List, show and delete documents."),
    "serve": ("serve", "Serve the web page, the native API and the OpenAI-compatible API."),
    "mcp": ("mcp", "Serve search, ask and list as tools for MCP clients."),
    "keys": ("keys", "Create, list and revoke API keys of the HTTP service."),
    "audit": ("audit", "List and show the traces of answers."),
    "models": ("models", "List and get models."),
    "train": ("train", "Fit models on your own documents."),
    "eval": ("evaluate", "Measure retrieval, and answers if asked, on a question set, with other recipes beside."),
    "tune": ("tune", "Learn the weights of retrieval from questions, and keep them if they find more on others."),
    "doctor": ("doctor", "Look at the machine, the models and every knowledge base, and tell what to do."),
}


class _Commands(TyperGroup):
    """The commands; those that were not run yet are names with a line of help."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        waiting = {name: TyperCommand(name, help=help) for name, (_, help) in COMMANDS.items()}
        self.commands = {**waiting, **self.commands}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] in COMMANDS:
            import_module(f"rag.cli.{COMMANDS[args[0]][0]}")
            self.commands = get_group(app).commands
        return super().resolve_command(ctx, args)


out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

app = typer.Typer(
    name="keyrag",
    cls=_Commands,
    help="Chat with your documents: short answers whose every statement points at its page.",
    epilog='Example: `keyrag ingest handbook.pdf && keyrag ask "How many days of leave are there?"`\n\n'
    "--data, --config and --debug may stand before or after the command. `keyrag COMMAND --help` tells more.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

_PIPED_WIDTH = 240


def kb_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete the name of a knowledge base; ``--data`` counts where it stands before the command."""
    _options.data, _options.config = (ctx.find_root().params.get(name) for name in ("data", "config"))
    try:
        folder = settings().data / "kbs"
    except KeyRAGError:  # told when a command is run; a completion has nobody to tell
        return []
    return sorted(file.parent.name for file in folder.glob(f"{incomplete}*/kb.sqlite"))


KbOption = Annotated[str, typer.Option("--kb", help="Knowledge base.", metavar="NAME", autocompletion=kb_names)]
SearchedOption = Annotated[
    str,
    typer.Option(
        "--kb",
        help="Knowledge base; several, joined by +, are searched as one.",
        metavar="NAME[+NAME]...",
        autocompletion=kb_names,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@dataclass(slots=True)
class _Options:
    data: Path | None = None
    config: Path | None = None


_options = _Options()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"keyrag {__version__}")
        raise typer.Exit


@app.callback()
def options(
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder where everything lives.")] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="YAML on top of configs/default.yaml.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False,
) -> None:
    _options.data, _options.config = data, config


def settings() -> Settings:
    """Read the settings that the command line names."""
    from ingest.config import load_settings  # pydantic, which help and the list of commands can do without

    data = {"data": _options.data} if _options.data else None
    return load_settings(_options.config, data)


def print_json(value: Any) -> None:
    """Print JSON as it is, whatever the terminal."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _to_front(arguments: list[str]) -> list[str]:
    """Let the options of every command stand after the command's name too."""
    front, rest = [], []
    remaining = iter(arguments)
    for argument in remaining:
        if argument == "--":
            rest += [argument, *remaining]
        elif argument == "--debug" or argument.startswith(("--data=", "--config=")):
            front.append(argument)
        elif argument in ("--data", "--config"):
            front += [argument, *([value] if (value := next(remaining, None)) is not None else [])]
        else:
            rest.append(argument)
    return front + rest


def main() -> None:
    """Run the command line; the exit status is 1 for an error and 2 for wrong usage."""
    arguments = _to_front(sys.argv[1:])
    # Output may be piped into a program that expects UTF-8 whatever the locale says.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if not sys.stdout.isatty():
        out.width = _PIPED_WIDTH  # a table that goes into a file is not cut at 80 columns
    try:
        app(arguments, prog_name="keyrag")
    except KeyRAGError as error:
        if "--debug" in arguments:
            raise
        sys.stderr.write(f"keyrag: {error}\n")
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (OSError, sqlite3.OperationalError) as error:
        if "--debug" in arguments:
            raise
        what = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
        sys.stderr.write(f"keyrag: {what}: check that --data names a folder that is writable and has room\n")
        sys.exit(1)
