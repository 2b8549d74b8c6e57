from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.chat_server import ChatServer
from tests.rag.cli.conftest import Run


def _json(result: tuple[int, str, str]) -> Any:
    assert result[0] == 0, result
    return json.loads(result[1])


def test_ingest_search_and_ask_print_the_documented_json(keyrag: Run, handbook: Path) -> None:
    report = _json(keyrag("ingest", handbook, "--kb", "hr", "--json"))
    assert (report["kb"], report["added"], report["files"][0]["outcome"]) == ("hr", 1, "added")
    found = _json(keyrag("search", "上海的住宿标准", "--kb", "hr", "-k", "3", "--budget", "60", "--json"))
    assert set(found) == {"query", "took_ms", "context", "hits"}
    assert len(found["context"]) <= 60 and len(found["hits"]) == 3
    fields = {"unit_id", "doc_id", "document", "heading_path", "page", "level", "text", "score", "why"}
    assert fields <= set(found["hits"][0])
    assert set(found["hits"][0]["why"]) == {"dense", "lexical", "answer_type", "fused", "rerank", "keys"}
    assert "650" in found["hits"][0]["text"]
    answer = _json(keyrag("ask", "出差到上海的住宿标准是多少？", "--kb", "hr", "--json"))
    assert {"answer", "refused", "citations", "checks", "timings", "usage"} <= set(answer)
    assert {"n", "doc_id", "document", "page", "quote", "start", "end"} <= set(answer["citations"][0])


def test_a_refusal_tells_where_the_documents_come_closest(keyrag: Run, handbook: Path) -> None:
    keyrag("ingest", handbook)
    status, out, _ = keyrag("ask", "唐朝的开国皇帝叫什么名字？")
    assert status == 0 and "Closest in the documents" in out
    assert sum(line.startswith("  - 员工手册 > ") for line in out.splitlines()) == 3


def test_what_is_there_already_is_left_alone_and_what_changed_is_replaced(keyrag: Run, handbook: Path) -> None:
    keyrag("ingest", handbook)
    assert _json(keyrag("ingest", handbook, "--json"))["unchanged"] == 1
    handbook.write_text("# 员工手册\n\n班车七点发车。\n", encoding="utf-8")
    assert _json(keyrag("ingest", handbook, "--json"))["replaced"] == 1
    assert _json(keyrag("kb", "stats", "--json"))["documents"] == 1


def test_a_file_that_cant_be_read_is_named_the_rest_go_on_and_the_status_tells(
    keyrag: Run, handbook: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7")
    status, out, err = keyrag("ingest", tmp_path / "broken.pdf", handbook)
    assert status == 1 and "broken.pdf" in err and "1 added" in out and "1 failed" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask", "x", "--kb", "nothing"], "no knowledge base 'nothing'"),
        (["ingest", "/nowhere/at/all"], "no file or folder"),
        (["search", "x", "--kb", "../up"], "can't name"),
        (["doc", "show", "abc"], "no knowledge base"),
        (["eval", "/nowhere"], "corpus.jsonl"),
        (["models", "pull", "gpt-9"], "gpt-9"),
        (["--config", "/nowhere.yaml", "kb", "list"], "/nowhere.yaml"),
        (["kb", "delete", "nothing"], "nothing"),
        (["keys", "revoke", "nothing"], "nothing"),
        (["sync", "/nowhere"], "/nowhere"),
    ],
)
def test_an_error_is_one_line_that_names_what(keyrag: Run, arguments: list[str], words: str) -> None:
    status, _, err = keyrag(*arguments)
    assert status == 1 and err.count("\n") == 1 and words in err and "Traceback" not in err


def test_a_data_folder_that_cant_be_written_is_named(keyrag: Run, handbook: Path) -> None:
    status, _, err = keyrag("ingest", handbook, "--data", "/proc/nothing")
    assert status == 1 and err.count("\n") == 1 and "/proc/nothing" in err and "--data" in err


def test_wrong_usage_ends_with_status_2(keyrag: Run) -> None:
    assert keyrag("search")[0] == 2
    assert keyrag("fly")[0] == 2


def test_data_may_stand_behind_the_command(
    keyrag: Run, handbook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keyrag("ingest", handbook, "--data", tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / "kbs" / "default" / "kb.sqlite").exists()
    assert not (tmp_path / "data" / "kbs").exists()


def test_sync_follows_a_folder(keyrag: Run, handbook: Path, tmp_path: Path) -> None:
    folder = tmp_path / "wiki"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.md").write_text(f"# {name}\n\n{name} 的说明文字。\n", encoding="utf-8")
    keyrag("ingest", handbook)
    assert _json(keyrag("sync", folder, "--json"))["added"] == 2
    (folder / "a.md").unlink()
    result = _json(keyrag("sync", folder, "--json"))
    assert (result["unchanged"], result["deleted"]) == (1, 1)
    titles = [row["title"] for row in _json(keyrag("doc", "list", "--json"))]
    assert titles == ["员工手册", "b"]
    (folder / "b.md").unlink()  # the last one
    assert _json(keyrag("sync", folder, "--json"))["deleted"] == 1
    assert [row["title"] for row in _json(keyrag("doc", "list", "--json"))] == ["员工手册"]


def test_documents_are_listed_shown_and_deleted(keyrag: Run, handbook: Path) -> None:
    keyrag("ingest", handbook)
    (row,) = _json(keyrag("doc", "list", "--json"))
    shown = _json(keyrag("doc", "show", row["doc_id"], "--json"))
    sentence = next(unit for unit in shown["units"] if "650" in unit["text"] and unit["level"] == "sentence")
    assert sentence["keys"] == [{"kind": "context", "text": "员工手册 差旅 出差到上海的住宿标准为每晚650元。"}]
    assert "差旅" in keyrag("doc", "show", row["doc_id"])[1]
    assert keyrag("doc", "delete", row["doc_id"])[0] == 0
    assert _json(keyrag("doc", "list", "--json")) == []
    assert keyrag("doc", "delete", row["doc_id"])[0] == 1


def test_knowledge_bases_are_made_checked_moved_and_deleted(keyrag: Run, handbook: Path, tmp_path: Path) -> None:
    assert keyrag("kb", "create", "hr")[0] == 0
    assert keyrag("kb", "create", "hr")[0] == 1
    keyrag("ingest", handbook, "--kb", "hr")
    assert _json(keyrag("kb", "check", "hr", "--json")) == {"kb": "hr", "ok": True, "faults": []}
    assert keyrag("kb", "rebuild", "hr")[0] == 0 and keyrag("kb", "rebuild", "hr", "--caches")[0] == 0
    assert keyrag("kb", "export", "hr", tmp_path / "hr.keyrag")[0] == 0
    assert keyrag("kb", "import", tmp_path / "hr.keyrag", "--kb", "copy")[0] == 0
    assert [row["name"] for row in _json(keyrag("kb", "list", "--json"))] == ["copy", "hr"]
    assert "650" in keyrag("search", "住宿标准", "--kb", "copy")[1]
    assert keyrag("kb", "delete", "hr", "--yes")[0] == 0
    assert [row["name"] for row in _json(keyrag("kb", "list", "--json"))] == ["copy"]


def test_a_damaged_store_is_reported_by_check(keyrag: Run, handbook: Path, tmp_path: Path) -> None:
    import sqlite3

    keyrag("ingest", handbook)
    with sqlite3.connect(tmp_path / "data" / "kbs" / "default" / "kb.sqlite") as db:
        db.execute("UPDATE units SET text = text || '!' WHERE level = 'sentence'")
    status, out, _ = keyrag("kb", "check")
    assert status == 1 and "offsets" in out


def test_an_answer_fits_the_schema_of_a_file(
    keyrag: Run, handbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chat_server: ChatServer
) -> None:
    keyrag("ingest", handbook)
    monkeypatch.setenv("KEYRAG__CHAT__BACKEND", "openai")
    monkeypatch.setenv("KEYRAG__CHAT__BASE_URL", chat_server.base_url)
    chat_server.reply = '{"price": 650}'
    schema = tmp_path / "price.json"
    schema.write_text('{"type": "object", "required": ["price"]}', encoding="utf-8")
    question = "出差到上海的住宿标准是多少？"
    assert _json(keyrag("ask", question, "--schema", schema, "--json"))["parsed"] == {"price": 650}
    assert '"required": ["price"]' in chat_server.requests[-1]["messages"][-1]["content"]
    schema.write_text("[]", encoding="utf-8")
    assert "no JSON Schema" in keyrag("ask", question, "--schema", schema)[2]
    assert "can't be read" in keyrag("ask", question, "--schema", tmp_path / "none.json")[2]


def test_a_question_is_read_from_stdin(keyrag: Run, handbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyrag("ingest", handbook)
    monkeypatch.setattr(sys, "stdin", io.StringIO("出差到上海的住宿标准是多少？\n"))
    status, out, _ = keyrag("ask", "-")
    assert status == 0 and "650" in out and "No language model" in out


def test_eval_prints_all_systems_and_kinds(
    keyrag: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chat_server: ChatServer
) -> None:
    pytest.importorskip("langchain_community")
    folder = tmp_path / "set"
    folder.mkdir()
    texts = {"a": "年假为十天。\n病假为三天。", "b": "住宿标准为650元。\n机票提前七天预订。"}
    with (folder / "corpus.jsonl").open("w", encoding="utf-8") as file:
        for doc_id, text in texts.items():
            file.write(
                json.dumps({"doc_id": doc_id, "title": f"文件{doc_id}", "text": text}, ensure_ascii=False) + "\n"
            )
    rows = [
        ("1", "年假有几天？", "fine", [["十天"]], ["a"]),
        ("2", "住宿标准是多少？机票提前几天预订？", "cross", [["650元"], ["七天"]], ["b"]),
        ("3", "唐朝的开国皇帝是谁？", "unanswerable", [], []),
    ]
    with (folder / "queries.jsonl").open("w", encoding="utf-8") as file:
        for row in rows:
            named = dict(zip(("qid", "question", "kind", "facts", "doc_ids"), row, strict=True))
            file.write(json.dumps(named, ensure_ascii=False) + "\n")
    monkeypatch.setenv("KEYRAG__CHAT__BACKEND", "openai")
    monkeypatch.setenv("KEYRAG__CHAT__BASE_URL", chat_server.base_url)
    baselines = [part for name in ("langchain", "langchain-hybrid") for part in ("--baseline", name)]
    report = tmp_path / "report.html"
    printed = _json(keyrag("eval", folder, *baselines, "--answers", "--json", "--report", report))
    assert printed["dataset"] == "set" and set(printed["systems"]) == {"keyrag", "langchain", "langchain-hybrid"}
    for figures in printed["systems"].values():
        assert set(figures) == {"fine", "cross", "unanswerable"}
        assert figures["fine"]["facts@1200"] == 1 and figures["fine"]["contains"] == 1
    assert printed["systems"]["keyrag"]["unanswerable"]["refusal_recall"] == 1
    assert "<table>" in report.read_text(encoding="utf-8")
    assert "facts@150" in keyrag("eval", folder, "--limit", "1")[1]
    assert keyrag("eval", folder, "--baseline", "nothing")[0] == 1


def test_hits_of_several_knowledge_bases_tell_which_they_are_from(keyrag: Run, handbook: Path) -> None:
    for name in ("hr", "old"):
        assert keyrag("ingest", handbook, "--kb", name)[0] == 0
    _, found, _ = keyrag("search", "年假", "--kb", "hr+old", "-k", 2)
    assert "hr > 员工手册" in found and "old > 员工手册" in found
    assert "hr >" not in keyrag("search", "年假", "--kb", "hr")[1]
    status, _, told = keyrag("search", "年假", "--kb", "hr+nothing")
    assert status == 1 and "no knowledge base 'nothing'" in told


def test_models_are_listed_with_what_is_here(keyrag: Run) -> None:
    rows = _json(keyrag("models", "list", "--json"))
    assert [row["role"] for row in rows] == ["embedding", "chat", "chat"]
    assert rows[0]["path"]


def test_keys_are_shown_once(keyrag: Run) -> None:
    key = _json(keyrag("keys", "create", "laptop", "--json"))["key"]
    _, out, _ = keyrag("keys", "list")
    assert "laptop" in out and key not in out
    assert keyrag("keys", "create", "laptop")[0] == 1
    assert keyrag("keys", "revoke", "laptop")[0] == 0


def test_the_installed_command_runs_in_a_locale_without_utf8(tmp_path: Path, handbook: Path, e5: Path) -> None:
    environment = {**os.environ, "LC_ALL": "C", "KEYRAG_DATA": str(tmp_path / "d"), "KEYRAG__CHAT__BACKEND": "none"}
    command = [sys.executable, "-c", "from rag.cli import main; main()"]
    ingest = subprocess.run([*command, "ingest", str(handbook)], env=environment, capture_output=True, timeout=120)
    assert ingest.returncode == 0, ingest.stderr.decode()
    asked = subprocess.run(
        [*command, "ask", "出差到上海的住宿标准是多少？"], env=environment, capture_output=True, timeout=120
    )
    assert "每晚650元" in asked.stdout.decode("utf-8")


def test_an_empty_folder_among_others_is_told_of_and_the_rest_is_read(keyrag: Run, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "full" / "leave.txt").write_text("员工每年有十天年假。", encoding="utf-8")
    status, shown, told = keyrag("ingest", tmp_path / "empty", tmp_path / "full")
    assert status == 1 and "leave" in shown + told
    assert "empty holds no file that can be read" in told
    assert "1 added" in shown + told
