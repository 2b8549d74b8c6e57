from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.elasticsearch_server import ElasticsearchServer
from tests.rag.cli.conftest import Run

pytest.importorskip("elasticsearch")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[ElasticsearchServer]:
    with ElasticsearchServer() as server:
        monkeypatch.setenv("KEYRAG__INDEX__ELASTICSEARCH__URL", server.url)
        yield server


def test_a_knowledge_base_lives_in_the_cluster_from_ingest_to_deletion(
    keyrag: Run, handbook: Path, cluster: ElasticsearchServer
) -> None:
    assert keyrag("ingest", handbook)[0] == 0
    found = json.loads(keyrag("search", "年假有几天？", "--json")[1])
    assert "年假" in found["hits"][0]["text"]
    (before,) = cluster.indexes
    assert keyrag("kb", "check")[1].strip() == "default is sound"
    status, out, _ = keyrag("doctor")
    assert status == 0 and "9.2.0 at 127.0.0.1:" in out
    assert keyrag("kb", "rebuild", "--caches")[0] == 0
    (after,) = cluster.indexes
    assert after != before
    assert keyrag("kb", "rebuild")[0] == 0
    assert list(cluster.indexes) == [after]
    assert json.loads(keyrag("search", "年假有几天？", "--json")[1])["context"] == found["context"]
    assert keyrag("kb", "delete", "default", "--yes")[0] == 0
    assert cluster.indexes == {}


def test_a_cluster_that_is_away_is_told_in_one_line(keyrag: Run, handbook: Path, cluster: ElasticsearchServer) -> None:
    keyrag("ingest", handbook)
    cluster.down = True
    status, _, err = keyrag("search", "年假有几天？")
    assert (
        status == 1
        and err.count("\n") == 1
        and "Elasticsearch at 127.0.0.1" in err
        and "None" not in err
        and "Traceback" not in err
    )
    status, out, _ = keyrag("doctor")
    assert status == 1 and "MEND" in out and "check that it runs" in out
