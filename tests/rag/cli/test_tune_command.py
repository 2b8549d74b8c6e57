from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ingest.config import load_settings
from rag.cli import main
from rag.evaluate.metrics import BUDGETS
from tests.chat_server import ChatServer
from tests.tiny_bert import tiny_bert

TOWNS = [f"{a}{b}" for a in "东西南北上下" for b in "山河海湖城村镇桥"]


@pytest.fixture
def towns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A question set that words answer and an encoder with random weights does not."""
    text = [
        f"{town}的人口是{n * 37 + 1000}人。" + "这里的人每天都很忙，都要做很多的事。" * 8
        for n, town in enumerate(TOWNS)
    ]
    folder = tmp_path / "towns"
    folder.mkdir()
    corpus = [{"doc_id": town, "title": town, "text": text[n]} for n, town in enumerate(TOWNS)]
    queries = [
        {
            "qid": town,
            "question": f"{town}的人口是多少？",
            "kind": "fine",
            "facts": [[f"{n * 37 + 1000}人"]],
            "doc_ids": [town],
        }
        for n, town in enumerate(TOWNS)
    ]
    for name, lines in (("corpus", corpus), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    monkeypatch.setenv(
        "KEYRAG__EMBEDDING__MODEL", str(tiny_bert(tmp_path / "encoder", "".join(sorted(set("".join(text))))))
    )
    return folder


def keyrag(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["keyrag", *map(str, arguments)])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_weights_that_win_are_written_as_a_configuration(
    towns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("retrieve: {weights: {lexical_sentence: 0, lexical_segment: 0}}", encoding="utf-8")
    out = tmp_path / "new" / "weights.yaml"
    arguments = ("--data", tmp_path / "data", "--config", bad, "tune", towns, "--out", out)
    assert keyrag(monkeypatch, *arguments, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["wins"] and report["file"] == str(out) and report["chance"] < 0.025
    assert list(report["facts"]) == [str(budget) for budget in BUDGETS]
    assert report["facts"]["150"]["after"] > report["facts"]["150"]["before"]
    weights = load_settings(out).retrieve.weights
    assert weights.model_dump() == report["weights"] and weights.lexical_sentence + weights.lexical_segment > 0
    text = out.read_text(encoding="utf-8")
    assert "learned from 24 questions of towns" in text and "24 questions about other documents" in text
    assert keyrag(monkeypatch, *arguments) == 1
    assert "is there already" in capsys.readouterr().err


def test_weights_that_do_not_win_are_refused_with_the_figures(
    towns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    assert keyrag(monkeypatch, "--data", data, "tune", towns) == 0
    told = capsys.readouterr().out
    assert "nothing was written" in told and "probability" in told and "/".join(map(str, BUDGETS)) in told
    assert not (data / "weights.yaml").exists()


def test_a_knowledge_base_with_too_little_to_ask_about_is_told_how_much_is_needed(
    towns: Path,
    tmp_path: Path,
    chat_server: ChatServer,
    handbook: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in (("BACKEND", "openai"), ("MODEL", "stub"), ("BASE_URL", chat_server.base_url)):
        monkeypatch.setenv(f"KEYRAG__CHAT__{name}", value)
    chat_server.reply = "年假有几天？"
    assert keyrag(monkeypatch, "--data", tmp_path / "data", "ingest", handbook) == 0
    assert keyrag(monkeypatch, "--data", tmp_path / "data", "tune", "--kb", "default") == 1
    assert "20 at least in each" in capsys.readouterr().err
    assert chat_server.requests


@pytest.mark.parametrize("named", [(), ("folder", "--kb", "handbook")])
def test_what_to_learn_from_is_named_once(
    named: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert keyrag(monkeypatch, "tune", *named) == 1
    assert "one of the two" in capsys.readouterr().err
