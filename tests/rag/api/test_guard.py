"""What every request passes before it reaches a route."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ingest.errors import KeyRAGError
from rag.api.keys import ApiKeys
from rag.api.server import create_app, run
from rag.service import KeyRAG
from tests.conftest import MakeSettings

Made = Callable[..., TestClient]


@pytest.fixture
def make_client(make_settings: MakeSettings, e5: object) -> Iterator[Made]:
    with ExitStack() as stack:

        def _make(**server: Any) -> TestClient:
            app = create_app(KeyRAG(make_settings(server=server)))
            return stack.enter_context(TestClient(app, raise_server_exceptions=False))

        yield _make


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("localhost", 200),
        ("kr.localhost:8000", 200),
        ("keyrag.example", 200),
        ("evil.example", 400),
        ("evil.example.:8000", 400),
        ("127.0.0.1.evil.example", 400),
    ],
)
def test_on_loopback_no_page_reaches_the_service_under_a_name_of_its_own(
    make_client: Made, host: str, status: int
) -> None:
    client = make_client(allowed_hosts=["keyrag.example"])
    assert client.get("/healthz", headers={"Host": host}).status_code == status


def test_a_page_from_elsewhere_may_not_change_anything(make_client: Made) -> None:
    client = make_client(cors_origins=["https://intranet.example"])
    create = {"url": "/api/kbs", "json": {"name": "kb"}}
    for origin in ("https://evil.example", "null", "http://127.0.0.1:9"):
        assert client.post(**create, headers={"Origin": origin}).status_code == 403
    assert client.post(**create, headers={"Origin": "http://testserver"}).status_code == 201
    reply = client.post(**create, headers={"Origin": "https://intranet.example"})
    assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (409, "https://intranet.example")


def test_cors_is_closed_unless_the_settings_open_it(make_client: Made) -> None:
    asked = {"Origin": "https://intranet.example", "Access-Control-Request-Method": "POST"}
    closed = make_client().options("/api/kbs", headers=asked)
    assert "access-control-allow-origin" not in closed.headers
    opened = make_client(cors_origins=["https://intranet.example"])
    assert opened.options("/api/kbs", headers=asked).status_code == 200
    assert opened.options("/api/kbs", headers={**asked, "Origin": "https://evil.example"}).status_code == 400


def test_a_body_is_bounded_whatever_its_headers_say(make_client: Made) -> None:
    client = make_client(max_request_mb=0.01)
    large = b'{"name": "' + b"x" * 3_000_000 + b'"}'
    sent = {"Content-Type": "application/json"}
    assert client.post("/api/kbs", content=large, headers=sent).status_code == 413
    pieces = (large[start : start + 100_000] for start in range(0, len(large), 100_000))  # of no told length
    assert client.post("/api/kbs", content=pieces, headers=sent).status_code == 413
    assert client.post("/api/kbs/kb/documents", files={"files": ("a.md", b"x" * 20_000)}).status_code == 413
    assert client.post("/api/kbs", content=b"{}", headers={"Content-Length": "-5"}).status_code in (400, 413)


def test_an_upload_has_only_so_many_files(make_client: Made) -> None:
    client = make_client(max_upload_files=2)
    files = [("files", (f"{number}.md", b"# x")) for number in range(3)]
    reply = client.post("/api/kbs/kb/documents", files=files)
    assert reply.status_code == 413 and "max_upload_files" in reply.json()["error"]["message"]


def test_a_key_has_so_many_requests_a_minute(make_client: Made) -> None:
    client = make_client(requests_per_minute=12)
    keys = ApiKeys(client.app.state.service.settings.data / "keys.json")  # type: ignore[attr-defined]
    one, other = ({"Authorization": f"Bearer {keys.create(name)}"} for name in ("one", "other"))
    statuses = [client.get("/api/kbs", headers=one).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = client.get("/api/kbs", headers=one)
    assert 1 <= int(refused.headers["retry-after"]) <= 5
    assert refused.json()["error"]["type"] == "rate_limit_error"
    assert client.get("/api/kbs", headers=other).status_code == 200


@pytest.mark.parametrize(("server", "status"), [({}, 401), ({"allow_unauthenticated": True}, 200)])
def test_on_an_open_address_revoking_the_last_key_opens_nothing(
    make_client: Made, server: dict[str, bool], status: int
) -> None:
    client = make_client(host="0.0.0.0", **server)
    keys = ApiKeys(client.app.state.service.settings.data / "keys.json")  # type: ignore[attr-defined]
    sent = {"Authorization": f"Bearer {keys.create('only')}"}
    assert client.get("/api/kbs", headers=sent).status_code == 200
    assert client.get("/api/kbs").status_code == 401
    keys.revoke("only")
    assert client.get("/api/kbs").status_code == client.get("/api/kbs", headers=sent).status_code == status


def test_every_answer_has_an_id_and_safe_headers(make_client: Made) -> None:
    client = make_client()
    for path in ("/", "/healthz", "/nowhere", "/api/kbs/none"):
        reply = client.get(path, headers={"X-Request-ID": "mine-1"})
        assert reply.headers["x-request-id"] == "mine-1"
        assert reply.headers["x-content-type-options"] == "nosniff" and reply.headers["x-frame-options"] == "DENY"
        assert "default-src 'self'" in reply.headers["content-security-policy"]
    made = client.get("/healthz", headers={"X-Request-ID": "no good\tid"}).headers["x-request-id"]
    assert len(made) == 32 and made != client.get("/healthz").headers["x-request-id"]


def test_a_request_is_a_line_of_json_without_what_was_asked(
    make_client: Made, caplog: pytest.LogCaptureFixture
) -> None:
    client = make_client()
    with caplog.at_level(logging.INFO, "keyrag.access"):
        client.get("/api/kbs/secret-name/search?query=secret-question", headers={"X-Request-ID": "r1"})
    (line,) = [json.loads(record.message) for record in caplog.records if record.name == "keyrag.access"]
    assert (line["request_id"], line["route"], line["status"]) == ("r1", "/api/kbs/{kb}/search", 404)
    assert "secret" not in str(line)


def test_what_nobody_foresaw_is_told_without_its_inside(make_client: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_client()
    monkeypatch.setattr(KeyRAG, "search", lambda *_, **__: 1 / 0)
    reply = client.get("/api/kbs/kb/search?query=x")
    assert reply.status_code == 500 and "division" not in reply.text
    assert reply.json()["error"]["type"] == "server_error"


def test_an_open_address_needs_a_key_or_an_explicit_word(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[str] = []
    monkeypatch.setattr("rag.api.port.uvicorn.Server.run", lambda self, sockets: served.append("run"))
    monkeypatch.setattr("rag.api.server._load_models", lambda service: None)
    server: dict[str, Any] = {"host": "0.0.0.0", "port": 0}
    with pytest.raises(KeyRAGError, match="--insecure"):
        run(KeyRAG(make_settings(server=server)), announce=served.append)
    assert served == []
    run(KeyRAG(make_settings(server={**server, "allow_unauthenticated": True})), announce=served.append)
    assert served[1] == "run"
    service = KeyRAG(make_settings(server=server))
    ApiKeys(service.settings.data / "keys.json").create("me")
    run(service, announce=served.append)
    assert served.count("run") == 2
