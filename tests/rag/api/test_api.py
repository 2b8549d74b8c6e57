from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ingest.errors import KeyRAGError
from rag.api.jobs import Jobs
from rag.api.keys import ApiKeys
from rag.api.server import create_app, run
from rag.checks.refusal import REFUSALS
from rag.service import KeyRAG
from tests.chat_server import ChatServer
from tests.conftest import SAMPLES, MakeSettings


@pytest.fixture
def client(chatting: KeyRAG) -> Iterator[TestClient]:
    with TestClient(create_app(chatting)) as made:
        yield made


def _upload(client: TestClient, kb: str, *files: Path) -> dict[str, Any]:
    """Upload files and wait until their job is finished."""
    reply = client.post(f"/api/kbs/{kb}/documents", files=[("files", (f.name, f.read_bytes())) for f in files])
    assert reply.status_code == 202, reply.text
    url = reply.headers["location"]
    assert url == f"/api/jobs/{reply.json()['job_id']}"
    for _ in range(600):
        job: dict[str, Any] = client.get(url).json()
        if job["state"] in ("done", "failed"):
            return job
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def _events(text: str) -> list[tuple[str, dict[str, Any]]]:
    events = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and line[0] != ":")
        if "data" in fields:
            events.append((fields.get("event", "message"), json.loads(fields["data"])))
    return events


def test_an_upload_is_a_job_that_ends_with_a_report(client: TestClient, handbook: Path) -> None:
    job = _upload(client, "hr", handbook)
    assert (job["state"], job["report"]["added"], job["total"]) == ("done", 1, 1)
    listed = client.get("/api/kbs/hr/documents").json()
    assert [(d["title"], d["source"]) for d in listed["documents"]] == [("员工手册", "handbook.md")]
    assert client.get("/api/kbs").json()[0]["documents"] == 1
    events = _events(client.get(f"/api/jobs/{job['id']}/events").text)
    assert events[-1][0] == "done"
    shown = client.get(f"/api/kbs/hr/documents/{listed['documents'][0]['doc_id']}").json()
    assert any(unit["text"] == "出差到上海的住宿标准为每晚650元。" for unit in shown["units"])


def test_the_same_name_again_replaces_the_document(client: TestClient, handbook: Path) -> None:
    _upload(client, "hr", handbook)
    handbook.write_text("# 员工手册\n\n出差到上海的住宿标准为每晚700元。\n", encoding="utf-8")
    assert _upload(client, "hr", handbook)["report"]["replaced"] == 1
    found = client.post("/api/kbs/hr/search", json={"query": "上海的住宿标准"}).json()
    assert {"700" in hit["text"] for hit in found["hits"]} == {True}


def test_a_broken_file_fails_and_names_itself_while_others_go_on(
    client: TestClient, handbook: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 nothing more")
    job = _upload(client, "hr", broken, handbook)
    assert (job["state"], job["report"]["failed"], job["report"]["added"]) == ("done", 1, 1)
    alone = _upload(client, "hr", broken)
    assert alone["state"] == "failed" and "broken.pdf" in alone["error"]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("passwd", 415),
        ("run.exe", 415),
        ("", 422),
        ("../../evil.md", 202),
        ("..\\..\\evil.md", 202),
        ("C:\\a\\evil.md", 202),
    ],
)
def test_an_uploads_name_is_a_label_and_never_a_path(
    client: TestClient, name: str, status: int, tmp_path: Path
) -> None:
    reply = client.post("/api/kbs/hr/documents", files={"files": (name, b"# x\n\nSome text here.\n")})
    assert reply.status_code == status, reply.text
    if status == 202:
        assert reply.json()["job"]["files"] == ["evil.md"]
    assert not list(tmp_path.rglob("evil.md"))


def test_a_field_named_file_will_do_and_none_is_told(client: TestClient) -> None:
    assert client.post("/api/kbs/hr/documents", files={"file": ("a.md", b"# a")}).status_code == 202
    assert client.post("/api/kbs/hr/documents", data={"note": "x"}).status_code == 422


def test_a_search_may_stand_in_the_url(client: TestClient, handbook: Path) -> None:
    _upload(client, "hr", handbook)
    body = {"query": "上海的住宿标准", "k": 2, "budget": 100}
    posted = client.post("/api/kbs/hr/search", json=body).json()
    fetched = client.get("/api/kbs/hr/search", params=body).json()
    assert [hit["text"] for hit in fetched["hits"]] == [hit["text"] for hit in posted["hits"]]
    assert "650" in fetched["context"]


def test_two_uploads_of_one_name_are_refused(client: TestClient) -> None:
    files = [("files", ("a.md", b"# a")), ("files", ("a.md", b"# b"))]
    assert client.post("/api/kbs/hr/documents", files=files).status_code == 422


def test_an_upload_over_the_limit_is_refused_and_leaves_nothing(
    make_settings: MakeSettings, e5: Path, tmp_path: Path
) -> None:
    service = KeyRAG(make_settings(server={"max_upload_mb": 0.001}))
    with TestClient(create_app(service)) as client:
        reply = client.post("/api/kbs/hr/documents", files={"files": ("big.txt", b"x" * 5000)})
        assert reply.status_code == 413 and "max_upload_mb" in reply.json()["error"]["message"]
    assert [p.name for p in (service.settings.data / "uploads").iterdir() if p.is_dir()] == []


def test_knowledge_bases_are_created_shown_and_deleted(client: TestClient) -> None:
    assert client.post("/api/kbs", json={"name": "法规"}).status_code == 201
    assert client.post("/api/kbs", json={"name": "法规"}).status_code == 409
    assert client.post("/api/kbs", json={"name": "a/b"}).status_code == 400
    assert client.get("/api/kbs/法规").json()["documents"] == 0
    assert client.delete("/api/kbs/法规").status_code == 204
    missing = client.get("/api/kbs/法规")
    assert missing.status_code == 404 and "法规" in missing.json()["error"]["message"]


def test_chat_streams_sources_tokens_checks_and_the_whole(
    client: TestClient, chat_server: ChatServer, handbook: Path
) -> None:
    _upload(client, "hr", handbook)
    chat_server.reply = "每晚650元。"
    reply = client.post("/api/kbs/hr/chat", json={"question": "出差到上海的住宿标准是多少？"})
    names = [name for name, _ in _events(reply.text)]
    assert names[0] == "sources" and names[-2:] == ["checks", "done"] and set(names[1:-2]) == {"token"}
    done = _events(reply.text)[-1][1]
    assert done["answer"] == "每晚650元。" and done["citations"][0]["quote"] == "出差到上海的住宿标准为每晚650元。"


def test_a_session_remembers_what_was_asked(client: TestClient, chat_server: ChatServer, handbook: Path) -> None:
    _upload(client, "hr", handbook)
    chat_server.reply = lambda prompt: "出差到上海的机票须提前几天预订？" if "改写" in prompt else "每晚650元。"
    client.post("/api/kbs/hr/chat", json={"question": "出差到上海的住宿标准是多少？", "session": "s"})
    reply = client.post("/api/kbs/hr/chat", json={"question": "那机票呢？", "session": "s"})
    assert _events(reply.text)[0][1]["rewritten"] == "出差到上海的机票须提前几天预订？"
    other = client.post("/api/kbs/hr/chat", json={"question": "那机票呢？", "session": "other"})
    assert _events(other.text)[0][1]["rewritten"] is None


def test_a_failing_model_is_an_error_event(client: TestClient, chat_server: ChatServer, handbook: Path) -> None:
    _upload(client, "hr", handbook)
    chat_server.status = 500
    reply = client.post("/api/kbs/hr/chat", json={"question": "出差到上海的住宿标准是多少？"})
    name, data = _events(reply.text)[-1]
    assert name == "error" and "on fire" in data["message"]


def test_a_page_is_shown_with_the_cited_sentence_marked(client: TestClient) -> None:
    _upload(client, "hr", SAMPLES / "员工手册.pdf")
    hit = client.post("/api/kbs/hr/search", json={"query": "请病假须提供诊断证明", "k": 1}).json()["hits"][0]
    url = f"/api/kbs/hr/documents/{hit['doc_id']}/pages/{hit['page']}.png"
    plain, marked = client.get(url), client.get(f"{url}?highlight={hit['unit_id']}")
    assert plain.headers["content-type"] == "image/png" and plain.content.startswith(b"\x89PNG")
    assert marked.status_code == 200 and marked.content != plain.content
    assert client.get(url.replace(f"/{hit['page']}.png", "/99.png")).status_code == 404
    assert client.get(f"{url}?highlight=999999").status_code == 404


def test_errors_have_one_shape(client: TestClient) -> None:
    for reply in (
        client.get("/api/kbs/none"),
        client.get("/nowhere"),
        client.post("/api/kbs/none/search", json={"query": "x", "k": 0}),
        client.post("/v1/chat/completions", json={"model": "none", "messages": [{"role": "user", "content": "x"}]}),
        client.post(
            "/v1/chat/completions", json={"model": "none", "messages": [{"role": "assistant", "content": "x"}]}
        ),
    ):
        assert 400 <= reply.status_code < 500
        assert set(reply.json()["error"]) == {"message", "type", "param", "code"}


def test_keys_are_asked_for_once_there_are_any(client: TestClient, chatting: KeyRAG) -> None:
    assert client.get("/api/kbs").status_code == 200
    keys = ApiKeys(chatting.settings.data / "keys.json")
    key = keys.create("laptop")
    assert key not in (chatting.settings.data / "keys.json").read_text()
    assert client.get("/api/kbs").status_code == 401
    assert client.get("/v1/models", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/v1/models", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert client.get("/healthz").status_code == 200 and client.get("/").status_code == 200
    keys.revoke("laptop")
    assert client.get("/api/kbs").status_code == 200


def test_a_service_open_to_the_network_needs_a_key(make_settings: MakeSettings) -> None:
    service = KeyRAG(make_settings(server={"host": "0.0.0.0", "port": 0}))
    with pytest.raises(KeyRAGError, match="keyrag keys create"):
        run(service, announce=lambda address: None)


def test_a_job_that_was_running_when_the_process_died_is_done_after_the_restart(
    chatting: KeyRAG, handbook: Path
) -> None:
    jobs = Jobs(chatting.settings.data / "uploads")
    folder = jobs.staging()
    staged = folder / "0.md"
    staged.write_bytes(handbook.read_bytes())
    job = jobs.submit("upload", "hr", [("handbook.md", str(staged))], job_id=folder.name)
    assert jobs.claim() is not None  # and the process dies here
    with TestClient(create_app(chatting)) as client:
        for _ in range(600):
            state = client.get(f"/api/jobs/{job.job_id}").json()["state"]
            if state == "done":
                break
            time.sleep(0.05)
        assert client.get("/api/kbs/hr/documents").json()["total"] == 1


def test_an_upload_waits_while_another_process_writes(client: TestClient, chatting: KeyRAG, handbook: Path) -> None:
    with chatting.kb("hr", create=True).writing():
        reply = client.post("/api/kbs/hr/documents", files={"files": ("handbook.md", handbook.read_bytes())})
        url = reply.headers["location"]
        time.sleep(0.5)
        assert client.get(url).json()["state"] in ("queued", "running")
    for _ in range(200):
        if client.get(url).json()["state"] == "done":
            break
        time.sleep(0.05)
    assert client.get("/api/kbs/hr/documents").json()["total"] == 1


def test_a_model_that_fails_is_a_bad_gateway(client: TestClient, chat_server: ChatServer, handbook: Path) -> None:
    _upload(client, "hr", handbook)
    chat_server.status = 500
    body = {"model": "hr", "messages": [{"role": "user", "content": "出差到上海的住宿标准是多少？"}]}
    reply = client.post("/v1/chat/completions", json=body)
    assert reply.status_code == 502 and reply.json()["error"]["type"] == "server_error"


def test_the_page_and_what_it_loads_come_from_here_alone(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200 and "default-src 'self'" in page.headers["content-security-policy"]
    for name in ("page.js", "style.css", "icon.svg"):
        text = client.get(f"/web/{name}").text
        assert text and ("http://" not in text.replace("http://www.w3.org/2000/svg", "")) and "https://" not in text


@pytest.mark.parametrize("stream", [False, True])
def test_the_line_of_an_answered_question_tells_how_long_its_stages_took(
    client: TestClient, chat_server: ChatServer, handbook: Path, caplog: pytest.LogCaptureFixture, stream: bool
) -> None:
    _upload(client, "hr", handbook)
    chat_server.answer = "每晚650元。"
    question = "出差到上海的住宿标准是多少？"
    asked = {"model": "hr", "messages": [{"role": "user", "content": question}], "stream": stream}
    caplog.clear()
    with caplog.at_level(logging.INFO, "keyrag.access"):
        client.post("/v1/chat/completions", json=asked)
        client.post("/api/kbs/hr/chat", json={"question": question})
        client.get("/api/kbs")
    lines = [json.loads(record.message) for record in caplog.records if record.name == "keyrag.access"]
    stages = {"retrieve_ms", "generate_ms", "first_token_ms", "total_ms"}
    assert [stages & set(line) for line in lines] == [stages, stages, set()]


def test_health_readiness_and_metrics(client: TestClient, chat_server: ChatServer, handbook: Path) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready", "chat": "stub"}
    _upload(client, "hr", handbook)
    client.post("/api/kbs/hr/chat", json={"question": "唐朝的开国皇帝叫什么名字？"})
    metrics = client.get("/metrics").text
    assert 'keyrag_answers_total{outcome="refused"} 1.0' in metrics
    assert 'route="/api/kbs/{kb}/chat"' in metrics


def test_a_question_the_documents_say_nothing_about_is_refused_over_http(client: TestClient, handbook: Path) -> None:
    _upload(client, "hr", handbook)
    body = {"model": "hr", "messages": [{"role": "user", "content": "唐朝的开国皇帝叫什么名字？"}]}
    reply = client.post("/v1/chat/completions", json=body).json()
    assert reply["choices"][0]["message"]["content"] == REFUSALS["zh"] and reply["refused"] is True
    assert {hit["document"] for hit in reply["nearest"]} == {"员工手册"}
