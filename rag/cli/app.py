"""The application: options that every command takes, errors as one line, commands put together."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from ingest.config import Settings, load_settings
from ingest.errors import KeyRAGError
from rag import __version__

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

app = typer.Typer(
    name="keyrag",
    help="Chat with your documents: short answers whose every statement points at its page.",
    epilog="--data, --config and --debug may stand before or after the command. `keyrag COMMAND --help` tells more.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

_PIPED_WIDTH = 240

KbOption = Annotated[str, typer.Option("--kb", help="Knowledge base.", metavar="NAME")]
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
    from rag.cli import (  # noqa: F401 (they add commands)
        ask,
        audit,
        doc,
        doctor,
        evaluate,
        ingest,
        kb,
        keys,
        models,
        serve,
        train,
    )

    arguments = _to_front(sys.argv[1:])
    # Output may be piped into a program that expects UTF-8 whatever the locale says.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if not sys.stdout.isatty():
        out.width = _PIPED_WIDTH  # a table that goes into a file is not cut at 80 columns
    try:
        app(arguments)
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
