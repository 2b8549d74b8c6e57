"""Who may do what: every endpoint of the OpenAPI document with every role, knowledge bases and labels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from rag.api.keys import ROLES, ApiKeys, Role
from rag.api.server import create_app
from rag.service import KeyRAG
from tests.rag.api.calls import upload

# The least role that may call an endpoint; None needs no key. An endpoint without a line here fails the test.
LEAST: dict[str, Role | None] = {
    "GET /healthz": None,
    "GET /readyz": None,
    "GET /api/me": None,
    "GET /metrics": "reader",
    "GET /api/settings": "admin",
    "GET /api/usage": "admin",
    "GET /api/kbs": "reader",
    "POST /api/kbs": "editor",
    "GET /api/kbs/{kb}": "reader",
    "DELETE /api/kbs/{kb}": "admin",
    "GET /api/kbs/{kb}/search": "reader",
    "POST /api/kbs/{kb}/search": "reader",
    "POST /api/kbs/{kb}/chat": "reader",
    "GET /api/kbs/{kb}/sessions": "reader",
    "GET /api/kbs/{kb}/sessions/{session}": "reader",
    "PATCH /api/kbs/{kb}/sessions/{session}": "reader",
    "DELETE /api/kbs/{kb}/sessions/{session}": "reader",
    "GET /api/kbs/{kb}/sessions/{session}/export": "reader",
    "POST /api/kbs/{kb}/feedback": "reader",
    "GET /api/kbs/{kb}/feedback": "editor",
    "GET /api/kbs/{kb}/documents": "reader",
    "POST /api/kbs/{kb}/documents": "editor",
    "POST /api/kbs/{kb}/documents/folder": "admin",
    "GET /api/kbs/{kb}/documents/{doc_id}": "reader",
    "PATCH /api/kbs/{kb}/documents/{doc_id}": "editor",
    "DELETE /api/kbs/{kb}/documents/{doc_id}": "editor",
    "GET /api/kbs/{kb}/documents/{doc_id}/file": "reader",
    "POST /api/kbs/{kb}/documents/{doc_id}/reindex": "editor",
    "GET /api/kbs/{kb}/documents/{doc_id}/pages/{page}.png": "reader",
    "GET /api/jobs": "editor",
    "GET /api/jobs/failures": "editor",
    "GET /api/jobs/{job_id}": "editor",
    "GET /api/jobs/{job_id}/events": "editor",
    "POST /api/jobs/{job_id}/cancel": "editor",
    "POST /api/jobs/{job_id}/retry": "editor",
    "GET /api/keys": "admin",
    "POST /api/keys": "admin",
    "DELETE /api/keys/{name}": "admin",
    "GET /v1/models": "reader",
    "GET /v1/models/{model}": "reader",
    "POST /v1/chat/completions": "reader",
    "POST /v1/embeddings": "reader",
}
# Bodies that get past the check of their shape.
BODIES: dict[str, object] = {
    "POST /api/kbs": {"name": "missing"},
    "POST /api/kbs/{kb}/search": {"query": "x"},
    "POST /api/kbs/{kb}/chat": {"question": "x"},
    "PATCH /api/kbs/{kb}/sessions/{session}": {"title": "x"},
    "POST /api/kbs/{kb}/feedback": {"question": "x", "answer": "x", "rating": "up"},
    "POST /api/kbs/{kb}/documents/folder": {"path": "/nowhere"},
    "PATCH /api/kbs/{kb}/documents/{doc_id}": {"labels": []},
    "POST /v1/chat/completions": {"model": "missing", "messages": [{"role": "user", "content": "x"}]},
    "POST /api/keys": {"name": "another"},
    "POST /v1/embeddings": {"model": "none", "input": "x"},
}


@dataclass(frozen=True)
class Open:
    client: TestClient
    keys: ApiKeys

    def headers(
        self, name: str, role: Role = "reader", kbs: tuple[str, ...] = (), labels: tuple[str, ...] = ()
    ) -> dict:
        return {"Authorization": f"Bearer {self.keys.create(name, role, kbs, labels)}"}


@pytest.fixture
def opened(service: KeyRAG) -> Iterator[Open]:
    with TestClient(create_app(service)) as client:
        yield Open(client, ApiKeys(service.settings.data / "keys.json"))


def test_every_endpoint_asks_for_the_role_that_it_is_meant_for(opened: Open) -> None:
    headers = {role: opened.headers(role, role) for role in ROLES} | {None: {}}
    document = opened.client.get("/openapi.json").json()
    listed = [f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item]
    assert sorted(listed) == sorted(LEAST)
    for endpoint in listed:
        method, path = endpoint.split(" ")
        url = re.sub(r"\{\w+\}", "1", path.replace("{kb}", "missing"))
        for role, sent in headers.items():
            status = opened.client.request(method, url, json=BODIES.get(endpoint), headers=sent).status_code
            least = LEAST[endpoint]
            if least is None:
                assert status in (200, 503), (endpoint, role, status)
            elif role is None:
                assert status == 401, (endpoint, role, status)
            elif ROLES.index(role) < ROLES.index(least):
                assert status == 403, (endpoint, role, status)
            else:
                # Let through: what it asks about is missing, or its body is. The folder is none of the settings'.
                let_through = status not in (401, 403) or endpoint.endswith("/folder")
                assert let_through and status < 500, (endpoint, role, status)


def test_a_key_reaches_only_its_knowledge_bases(opened: Open) -> None:
    upload(opened.client, "mine", {"a.md": "# A\n\nAlpha is the first letter.\n"})
    upload(opened.client, "theirs", {"b.md": "# B\n\nBeta is the second letter.\n"})
    admin, headers = opened.headers("admin", "admin"), opened.headers("me", "editor", kbs=("mine",))
    get = opened.client.get
    assert [kb["name"] for kb in get("/api/kbs", headers=headers).json()] == ["mine"]
    assert [one["id"] for one in get("/v1/models", headers=headers).json()["data"]] == ["mine"]
    assert get("/api/kbs/mine", headers=headers).status_code == 200
    # The answer does not tell whether the knowledge base exists.
    assert {get(f"/api/kbs/{kb}", headers=headers).status_code for kb in ("theirs", "none")} == {403}
    assert get("/v1/models/theirs", headers=headers).status_code == 403
    body = {"model": "theirs", "messages": [{"role": "user", "content": "beta?"}]}
    assert opened.client.post("/v1/chat/completions", json=body, headers=headers).status_code == 403
    assert opened.client.post("/api/kbs", json={"name": "new"}, headers=headers).status_code == 403
    job = get("/api/jobs?kb=theirs", headers=admin).json()["jobs"][0]["id"]
    assert get(f"/api/jobs/{job}", headers=headers).status_code == 403
    assert {job["kb"] for job in get("/api/jobs", headers=headers).json()["jobs"]} == {"mine"}
    me = get("/api/me", headers=headers).json()
    assert (me["role"], me["kbs"], me["labels"]) == ("editor", ["mine"], None)


@pytest.fixture
def labelled(opened: Open) -> Open:
    """Two documents about the same: one labelled public, one labelled board."""
    upload(opened.client, "kb", {"public.md": "# Budget\n\nThe travel budget is 100 euros a day.\n"}, ["public"])
    upload(
        opened.client,
        "kb",
        {"board.md": "# Budget\n\nThe travel budget is 900 euros a day for the board.\n"},
        ["board"],
    )
    upload(opened.client, "kb", {"bare.md": "# Budget\n\nThe travel budget of guests is 50 euros a day.\n"})
    return opened


def test_what_a_key_may_not_read_is_left_out_of_retrieval(labelled: Open) -> None:
    headers = labelled.headers("me", labels=("public",))
    everything = labelled.headers("all")
    body = {"query": "What is the travel budget of the board a day?", "k": 1, "budget": 1000, "explain": True}
    post = labelled.client.post
    found = post("/api/kbs/kb/search", json=body, headers=headers).json()
    assert "900" not in str(found) and " 50 euros" not in str(found)
    # The best of what may be read takes the place: nothing was cut out of a finished list.
    assert [hit["text"] for hit in found["hits"]] == ["The travel budget is 100 euros a day."]
    assert "900" in post("/api/kbs/kb/search", json=body, headers=everything).json()["hits"][0]["text"]
    reply = post("/api/kbs/kb/chat", json={"question": "What is the travel budget a day?"}, headers=headers).text
    assert "100 euros" in reply and "900" not in reply
    none = labelled.headers("nobody", labels=("unknown",))
    assert post("/api/kbs/kb/search", json=body, headers=none).json()["hits"] == []


def test_what_a_key_may_not_read_does_not_exist_for_it(labelled: Open) -> None:
    client = labelled.client
    admin = labelled.headers("admin", "admin")
    headers = labelled.headers("me", "editor", labels=("public",))
    listed = client.get("/api/kbs/kb/documents", headers=admin).json()["documents"]
    ids = {document["source"]: document["doc_id"] for document in listed}
    mine = client.get("/api/kbs/kb/documents", headers=headers).json()
    assert (mine["total"], [one["source"] for one in mine["documents"]]) == (1, ["public.md"])
    hidden = f"/api/kbs/kb/documents/{ids['board.md']}"
    for method, url in (
        ("GET", hidden),
        ("GET", f"{hidden}/file"),
        ("GET", f"{hidden}/pages/1.png"),
        ("POST", f"{hidden}/reindex"),
        ("DELETE", hidden),
    ):
        assert client.request(method, url, headers=headers).status_code == 404, (method, url)
    assert client.patch(hidden, json={"labels": ["public"]}, headers=headers).status_code == 404
    # Nor can it be replaced by an upload of its name, or a document be put where its writer could not read it.
    text = ("x.md", b"# X\n\nSome text here.\n")
    url = "/api/kbs/kb/documents"
    taken = client.post(url, files={"files": ("board.md", text[1])}, headers=headers)
    assert taken.status_code == 403
    assert client.post(url, files={"files": text}, data={"labels": ["board"]}, headers=headers).status_code == 403


def test_labels_can_be_changed_and_stay_when_a_document_is_replaced(labelled: Open) -> None:
    client, admin = labelled.client, labelled.headers("admin", "admin")
    headers = labelled.headers("me", labels=("public",))
    listed = client.get("/api/kbs/kb/documents", headers=admin).json()["documents"]
    ids = {document["source"]: document["doc_id"] for document in listed}
    upload(client, "kb", {"public.md": "# Budget\n\nThe travel budget is 120 euros a day.\n"}, **admin)
    assert client.get(f"/api/kbs/kb/documents/{ids['public.md']}", headers=headers).json()["labels"] == ["public"]
    body = {"query": "travel budget of guests"}
    assert "50" not in str(client.post("/api/kbs/kb/search", json=body, headers=headers).json())
    client.patch(f"/api/kbs/kb/documents/{ids['bare.md']}", json={"labels": ["public", "x"]}, headers=admin)
    assert "50" in str(client.post("/api/kbs/kb/search", json=body, headers=headers).json())


def test_nobody_sees_anothers_conversations(labelled: Open) -> None:
    client = labelled.client
    one, other = labelled.headers("one"), labelled.headers("other")
    client.post("/api/kbs/kb/chat", json={"question": "What is the travel budget?", "session": "s"}, headers=one)
    assert len(client.get("/api/kbs/kb/sessions", headers=one).json()) == 1
    assert client.get("/api/kbs/kb/sessions", headers=other).json() == []
    assert client.get("/api/kbs/kb/sessions/s", headers=other).status_code == 404
    assert client.delete("/api/kbs/kb/sessions/s", headers=other).status_code == 404


def test_a_key_is_kept_as_a_digest_and_refused_once_revoked(tmp_path: Path) -> None:
    keys = ApiKeys(tmp_path / "keys.json")
    key = keys.create("laptop", "reader", ["hr"], ["public"])
    row = keys.find(key)
    assert row is not None and (row.role, row.kbs, row.labels) == ("reader", ("hr",), ("public",))
    content = (tmp_path / "keys.json").read_text()
    assert key not in content and (tmp_path / "keys.json").stat().st_mode & 0o077 == 0
    keys.revoke("laptop")
    assert keys.find(key) is None
