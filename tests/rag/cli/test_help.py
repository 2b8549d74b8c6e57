"""What every command has in common, found by walking the tree of commands."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from rag.cli.app import COMMANDS, app

SERVERS = {"keyrag serve", "keyrag mcp"}
HEAVY = ("torch", "transformers", "langchain_core", "numpy", "pydantic", "fastapi", "openai")


def _tree() -> TyperGroup:
    for module, _ in COMMANDS.values():
        import_module(f"rag.cli.{module}")
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    return group


def _commands(group: TyperGroup, path: str = "keyrag") -> Iterator[tuple[str, TyperCommand]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


EVERY = dict(_commands(_tree()))


def test_the_tree_holds_every_command() -> None:
    assert {path.split()[1] for path in EVERY} == set(COMMANDS)
    assert {"keyrag kb import", "keyrag doc show", "keyrag audit show", "keyrag train segmenter"} <= set(EVERY)


@pytest.mark.parametrize("path", EVERY)
def test_the_help_has_an_example_that_can_be_typed(path: str) -> None:
    found = re.search(r"\n\nExample: `(keyrag .+)`$", (EVERY[path].help or "").strip())
    assert found, f"{path} has no example"
    assert found[1].startswith(path)
    arguments = shlex.split(found[1])[len(path.split()) :]
    EVERY[path].make_context(path, arguments)  # raises for wrong options


@pytest.mark.parametrize("path", sorted(set(EVERY) - SERVERS))
def test_the_answer_can_be_had_as_json(path: str) -> None:
    assert "--json" in {option for parameter in EVERY[path].params for option in parameter.opts}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_their_own_help_says(name: str) -> None:
    command = _tree().commands[name]
    assert (command.help or "").split("\n")[0] == COMMANDS[name][1]


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_waits_for_no_library(arguments: list[str]) -> None:
    program = (
        "import sys\nfrom rag.cli import main\n"
        f"sys.argv = ['keyrag', *{arguments}]\n"
        f"try: main()\nexcept SystemExit: sys.exit(bool(set({HEAVY}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "keyrag" in done.stdout, done.stderr
