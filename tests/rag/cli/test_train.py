from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ingest.split.nsp import NextSentence
from rag.cli import main
from tests.tiny_bert import tiny_bert


@pytest.fixture
def encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tiny_bert(tmp_path / "encoder", "第段文说的是事，。0123456789")
    monkeypatch.setenv("KEYRAG__EMBEDDING__MODEL", str(folder))
    return folder


def keyrag(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["keyrag", *map(str, arguments)])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_a_segmenter_is_trained_on_a_folder_and_measured(
    encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for n in range(6):
        text = "\n\n".join(f"第{n}文的第{p}段说的是第{p}事，是第{n}文的事。" for p in range(10))
        (files / f"{n}.txt").write_text(text, encoding="utf-8")
    out = tmp_path / "segmenter"
    arguments = ("--data", tmp_path / "data", "train", "segmenter", files, "--out", out, "--pairs", 100, "--json")
    assert keyrag(monkeypatch, *arguments) == 0
    report = json.loads(capsys.readouterr().out)
    shares = {"accuracy", "far", "near", "always_next", "embedding"}
    assert set(report) == {"folder", "pairs", "held_out", "seconds", *shares}
    assert report["folder"] == str(out) and report["held_out"] > 0
    assert len(NextSentence(str(out), 1.0, 0.5).probabilities([("第一段", "第二段")])) == 1
    assert keyrag(monkeypatch, *arguments) == 1
    assert "is not empty" in capsys.readouterr().err


@pytest.mark.parametrize("named", [(), ("folder", "--kb", "handbook")])
def test_what_to_learn_from_is_named_once(
    named: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert keyrag(monkeypatch, "train", "segmenter", *named) == 1
    assert "one of the two" in capsys.readouterr().err
