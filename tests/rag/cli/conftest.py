from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def keyrag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], e5: Path) -> Run:
    """Run a command; give its exit status, output and error output."""
    monkeypatch.setenv("KEYRAG__CHAT__BACKEND", "none")
    monkeypatch.setenv("COLUMNS", "200")

    def _run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["keyrag", "--data", str(tmp_path / "data"), *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            status = 0
        except SystemExit as stop:
            status = int(stop.code or 0)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return _run
