from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ingest.pipeline import SourceFile
from rag.api.server import create_app
from rag.service import KeyRAG
from tests.chat_server import ChatServer


@pytest.fixture
def client(chatting: KeyRAG, chat_server: ChatServer, handbook: Path) -> Iterator[TestClient]:
    chatting.ingest("hr", [SourceFile(handbook)])
    chat_server.reply = "每晚650元。"
    with TestClient(create_app(chatting), base_url="http://127.0.0.1") as opened:
        yield opened


def test_a_search_looks_only_where_it_is_told(client: TestClient) -> None:
    def found(**wanted: object) -> set[str]:
        reply = client.post("/api/kbs/hr/search", json={"query": "住宿标准", "filter": wanted})
        assert reply.status_code == 200, reply.text
        return {hit["heading_path"][-1] for hit in reply.json()["hits"]}

    assert {"差旅", "年假"} <= found()
    assert found(heading="年假") == {"年假"}
    assert found(until="2000") == found(documents=["none"]) == found(labels=["none"]) == set()


@pytest.mark.parametrize("wrong", [{"since": "yesterday"}, {"heading": ""}, {"title": "年假"}])
def test_a_filter_that_means_nothing_is_refused(client: TestClient, wrong: dict[str, str]) -> None:
    assert client.post("/api/kbs/hr/search", json={"query": "住宿", "filter": wrong}).status_code == 422


def test_answers_rest_on_what_is_searched_alone(client: TestClient) -> None:
    messages = [{"role": "user", "content": "出差到上海的住宿标准是多少？"}]
    body = {"model": "hr", "messages": messages, "filter": {"heading": "差旅"}}
    reply = client.post("/v1/chat/completions", json=body).json()
    assert reply["citations"][0]["quote"] == "出差到上海的住宿标准为每晚650元。"
    nothing = client.post("/v1/chat/completions", json={**body, "filter": {"until": "2000"}}).json()
    assert nothing["choices"][0]["message"]["content"] == "根据已知信息无法回答该问题"
    assert nothing["citations"] == []
