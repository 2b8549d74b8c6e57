from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from rag.api.keys import ApiKeys
from rag.api.server import create_app
from rag.service import KeyRAG


@pytest.fixture
def client(service: KeyRAG) -> Iterator[TestClient]:
    with TestClient(create_app(service)) as made:
        yield made


def sent(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def first(client: TestClient) -> str:
    made = client.post("/api/keys", json={"name": "boss", "role": "admin"})
    assert made.status_code == 201
    key: str = made.json()["key"]
    return key


def test_the_first_key_locks_the_service_and_manages_the_others(client: TestClient) -> None:
    boss = first(client)
    assert client.get("/api/kbs").status_code == 401
    body = {"name": "intranet", "kbs": ["handbook"], "labels": ["public"]}
    made = client.post("/api/keys", json=body, headers=sent(boss)).json()
    assert made["role"] == "reader"
    me = client.get("/api/me", headers=sent(made["key"])).json()
    assert (me["name"], me["role"], me["kbs"], me["labels"]) == ("intranet", "reader", ["handbook"], ["public"])
    assert client.delete("/api/keys/intranet", headers=sent(boss)).status_code == 204
    assert client.get("/api/kbs", headers=sent(made["key"])).status_code == 401


def test_a_key_is_shown_once_and_kept_as_a_digest(client: TestClient, service: KeyRAG) -> None:
    boss = first(client)
    listed = client.get("/api/keys", headers=sent(boss))
    assert [(key["name"], key["role"], key["kbs"]) for key in listed.json()] == [("boss", "admin", [])]
    assert boss not in listed.text and "sha256" not in listed.text
    assert boss not in (service.settings.data / "keys.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("limits", [{"kbs": ["handbook"]}, {"labels": ["public"]}])
def test_a_limited_admin_makes_no_key_that_would_reach_further(
    client: TestClient, service: KeyRAG, limits: dict[str, list[str]]
) -> None:
    first(client)
    limited = sent(ApiKeys(service.settings.data / "keys.json").create("limited", "admin", **limits))
    assert client.post("/api/keys", json={"name": "more", "role": "admin"}, headers=limited).status_code == 403
    assert client.get("/api/keys", headers=limited).status_code == 403
    assert client.delete("/api/keys/boss", headers=limited).status_code == 403


def test_nobody_is_locked_out_by_mistake(client: TestClient) -> None:
    for body in ({"name": "a"}, {"name": "a", "role": "editor"}, {"name": "a", "role": "admin", "kbs": ["x"]}):
        assert client.post("/api/keys", json=body).status_code == 400
    assert client.get("/api/kbs").status_code == 200
    boss = first(client)
    refused = client.delete("/api/keys/boss", headers=sent(boss))
    assert refused.status_code == 400 and "with another" in refused.json()["error"]["message"]


def test_what_is_wrong_with_a_request_is_told(client: TestClient) -> None:
    boss = sent(first(client))
    again = client.post("/api/keys", json={"name": "boss", "role": "admin"}, headers=boss)
    assert again.status_code == 400 and "already" in again.json()["error"]["message"]
    assert client.delete("/api/keys/nobody", headers=boss).status_code == 404
    for body in ({}, {"name": ""}, {"name": "x", "role": "king"}, {"name": "x", "kb": ["typo"]}):
        assert client.post("/api/keys", json=body, headers=boss).status_code == 422
