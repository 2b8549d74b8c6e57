from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ingest.settings import AuditSettings
from rag.answer import Answer, Trace
from rag.audit import Audit
from rag.cli import main
from rag.generate import Attempt


def _keyrag(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["keyrag", *map(str, arguments)])
    try:
        main()
    except SystemExit as stop:
        captured = capsys.readouterr()
        return int(stop.code or 0), captured.out + captured.err
    return 0, capsys.readouterr().out


def test_traces_are_listed_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, text = _keyrag(capsys, monkeypatch, "audit", "list", "--data", tmp_path)
    assert status == 1 and "ask something first" in text
    audit = Audit(tmp_path / "audit.sqlite", AuditSettings(level="full", max_days=1, max_mb=1))
    answer = Answer("十五天。", False, 0.9, (), None, False, None, "generated", "stub", {"total_ms": 12.0})
    audit.record(
        "hr", Trace("年假几天？", caller="网站", attempts=[Attempt("answer", "提示", {}, text="十五天")], shown=answer)
    )
    audit.record("hr", Trace("病假怎么请？"))
    audit.close()
    status, text = _keyrag(capsys, monkeypatch, "audit", "list", "--data", tmp_path)
    assert status == 0 and "年假几天？" in text and "网站" in text and "broken off" in text
    status, text = _keyrag(capsys, monkeypatch, "audit", "list", "--data", tmp_path, "--text", "年假", "--json")
    assert [row["trace_id"] for row in json.loads(text)] == [1]
    status, text = _keyrag(capsys, monkeypatch, "audit", "show", "1", "--data", tmp_path)
    assert status == 0 and "提示" in text and "十五天。" in text and "total_ms" in text
    status, text = _keyrag(capsys, monkeypatch, "audit", "show", "7", "--data", tmp_path)
    assert status == 1 and text.startswith("keyrag: there is no trace 7")
