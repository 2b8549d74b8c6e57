from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from rag.api.server import create_app
from rag.service import KeyRAG
from tests.conftest import MakeSettings
from tests.elasticsearch_server import ElasticsearchServer

pytest.importorskip("elasticsearch")


def test_a_cluster_that_is_away_fails_requests_and_loses_nothing(make_settings: MakeSettings, handbook: Path) -> None:
    with ElasticsearchServer() as cluster:
        settings = make_settings(index={"elasticsearch": {"url": cluster.url, "api_key": "hidden-key"}})
        with TestClient(create_app(KeyRAG(settings))) as client:
            client.post("/api/kbs", json={"name": "demo"}).raise_for_status()
            sent = {"files": (handbook.name, handbook.read_bytes())}
            job = client.post("/api/kbs/demo/documents", files=sent).json()["job"]["id"]
            events = client.get(f"/api/jobs/{job}/events").text
            assert '"state":"done"' in events.replace(" ", "")
            asked = {"query": "年假有几天？"}
            assert "年假" in client.post("/api/kbs/demo/search", json=asked).json()["hits"][0]["text"]
            cluster.down = True
            refused = client.post("/api/kbs/demo/search", json=asked)
            assert refused.status_code == 502 and "Elasticsearch at" in refused.json()["error"]["message"]
            cluster.down = False
            assert client.post("/api/kbs/demo/search", json=asked).status_code == 200
            assert "hidden-key" not in client.get("/api/settings").text
            assert client.delete("/api/kbs/demo").status_code == 204
        assert cluster.indexes == {} and cluster.keys == {"ApiKey hidden-key"}
