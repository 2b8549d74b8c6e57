from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from fastapi.testclient import TestClient

from rag.api.server import create_app
from rag.service import KeyRAG
from tests.conftest import MakeSettings


def test_spans_reach_a_collector_and_nothing_is_sent_without_one(make_settings: MakeSettings) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    received: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    collector = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=collector.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{collector.server_address[1]}/v1/traces"
    for telemetry, expected in ((None, 0), (address, 1)):
        with TestClient(create_app(KeyRAG(make_settings(server={"telemetry": telemetry})))) as client:
            client.get("/healthz", headers={"X-Request-ID": "traced-1"})
        assert len(received) == expected
    collector.shutdown()
    path, body = received[0]
    assert path == "/v1/traces" and b"GET /healthz" in body and b"traced-1" in body
