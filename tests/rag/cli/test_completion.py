"""What the shell is told when Tab is pressed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.index.library import Library
from rag.cli import main

Complete = Callable[..., list[str]]


def _environment(data: Path, line: str, shell: str) -> dict[str, str]:
    """What the script of ``keyrag --install-completion`` sets, with the cursor at the end of the line."""
    words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1), "_TYPER_COMPLETE_ARGS": line}
    return {"KEYRAG_DATA": str(data), "_KEYRAG_COMPLETE": f"complete_{shell}", **words}


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Complete:
    def _complete(data: Path, line: str) -> list[str]:
        for name, value in _environment(data, line, "bash").items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["keyrag"])
        with pytest.raises(SystemExit):
            main()
        captured = capsys.readouterr()
        assert not captured.err
        return captured.out.split()

    return _complete


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in ("company", "handbook", "hr"):
        folder = Library(tmp_path / "kbs").path(name)
        folder.mkdir(parents=True)
        (folder / "kb.sqlite").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("keyrag ask --kb h", ["handbook", "hr"]),
        ("keyrag kb delete ", ["company", "handbook", "hr"]),
        ("keyrag audit list --kb c", ["company"]),
        ("keyrag doc sh", ["show"]),
        ("keyrag tra", ["train"]),
        ("keyrag keys create x --role ", ["reader", "editor", "admin"]),
    ],
)
def test_commands_and_knowledge_bases_are_completed(
    complete: Complete, data: Path, line: str, names: list[str]
) -> None:
    assert complete(data, line) == names


def test_data_before_the_command_counts(complete: Complete, data: Path, tmp_path: Path) -> None:
    assert complete(tmp_path / "elsewhere", f"keyrag --data {data} ask --kb ha") == ["handbook"]


def test_a_broken_configuration_completes_nothing(complete: Complete, data: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("nonsense: 1\n", encoding="utf-8")
    assert complete(data, f"keyrag --config {tmp_path / 'bad.yaml'} ask --kb h") == []


def test_a_new_process_tells_zsh(data: Path) -> None:
    environment = {**os.environ, **_environment(data, "keyrag ask --kb ha", "zsh")}
    command = [sys.executable, "-c", "from rag.cli import main; main()"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert "handbook" in done.stdout and not done.stderr
