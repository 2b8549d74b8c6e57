from __future__ import annotations

import sys
from pathlib import Path

import pytest

from samples import demo


def test_the_demo_reads_the_samples_and_answers_from_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], e5: Path
) -> None:
    """Without a language model, so that answers are the best sentences."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEYRAG__CHAT__BACKEND", "none")
    monkeypatch.setattr(sys, "argv", ["demo"])
    demo.main()
    printed = capsys.readouterr().out
    assert "Indexing 12 documents" in printed and "All done" in printed
    assert printed.count("? ") >= 5 and "[1]" in printed
