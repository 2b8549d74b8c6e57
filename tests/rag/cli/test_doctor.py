from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from ingest.index.library import Library
from rag.service import KeyRAG
from tests.chat_server import ChatServer
from tests.rag.cli.conftest import Run


def _findings(result: tuple[int, str, str], section: str) -> dict[str, Any]:
    return {row["what"]: row for row in json.loads(result[1]) if row["section"] == section}


def test_all_is_in_place(keyrag: Run, handbook: Path) -> None:
    keyrag("ingest", handbook)
    status, out, _ = keyrag("doctor")
    assert status == 0 and "Everything is in place." in out and "caches in step" in out
    result = keyrag("doctor", "--json")
    assert result[0] == 0 and all(row["ok"] for row in json.loads(result[1]))
    assert _findings(result, "knowledge bases")["default"]["state"] == "ok"
    assert "384 dimensions" in _findings(result, "models")["embedding model"]["detail"]


def test_a_damaged_knowledge_base_is_named_with_what_to_do(keyrag: Run, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "kbs" / "default"
    folder.mkdir(parents=True)
    (folder / "kb.sqlite").write_bytes(b"not a database at all, sorry" * 50)
    status, out, _ = keyrag("doctor")
    assert status == 1 and "MEND" in out and "default" in out and "restore" in out


def test_a_knowledge_base_of_another_model_is_named(
    keyrag: Run, handbook: Path, tmp_path: Path, service: KeyRAG
) -> None:
    keyrag("ingest", handbook)
    store = Library(tmp_path / "data" / "kbs").store("default")
    store.set_meta("embedding", json.dumps({"model": "another", "dim": 8}))
    store.close()
    finding = _findings(keyrag("doctor", "--json"), "knowledge bases")["default"]
    assert finding["state"] == "broken" and "built with another" in finding["detail"] and "rebuild" in finding["mend"]


def test_missing_and_damaged_models_are_told_apart(
    keyrag: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "models"
    monkeypatch.setenv("KEYRAG__MODELS", str(models))
    result = keyrag("doctor", "--json")
    missing = _findings(result, "models")["embedding model"]
    assert result[0] == 1 and "is not here" in missing["detail"] and "models pull" in missing["mend"]


def test_the_chat_server_is_asked_for_its_models(
    keyrag: Run, monkeypatch: pytest.MonkeyPatch, chat_server: ChatServer
) -> None:
    monkeypatch.setenv("KEYRAG__CHAT__BACKEND", "openai")
    monkeypatch.setenv("KEYRAG__CHAT__MODEL", "stub")
    monkeypatch.setenv("KEYRAG__CHAT__BASE_URL", chat_server.base_url)
    assert "reachable" in _findings(keyrag("doctor", "--json"), "models")["chat model"]["detail"]
    monkeypatch.setenv("KEYRAG__CHAT__MODEL", "other")
    assert "set chat.model to one of stub" in _findings(keyrag("doctor", "--json"), "models")["chat model"]["mend"]
    monkeypatch.setenv("KEYRAG__CHAT__BASE_URL", "http://127.0.0.1:9/v1")
    result = keyrag("doctor", "--json")
    assert result[0] == 1 and "can't be reached" in _findings(result, "models")["chat model"]["detail"]


def test_the_service_is_looked_at(keyrag: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("KEYRAG__SERVER__PORT", str(taken.getsockname()[1]))
        assert "can't be bound" in _findings(keyrag("doctor", "--json"), "service")["port"]["detail"]
    monkeypatch.setenv("KEYRAG__SERVER__PORT", "0")
    monkeypatch.setenv("KEYRAG__SERVER__HOST", "0.0.0.0")
    result = keyrag("doctor", "--json")
    assert result[0] == 1 and "open to the network" in _findings(result, "service")["API keys"]["detail"]
    keyrag("keys", "create", "laptop")
    (tmp_path / "data" / "keys.json").chmod(0o644)
    assert "chmod 600" in _findings(keyrag("doctor", "--json"), "service")["API keys"]["mend"]
    prompts = tmp_path / "prompts"
    prompts.mkdir()
    (prompts / "answer.zh.txt").write_text("no question here", encoding="utf-8")
    monkeypatch.setenv("KEYRAG__PROMPT__FOLDER", str(prompts))
    assert _findings(keyrag("doctor", "--json"), "service")["prompts"]["state"] == "broken"
