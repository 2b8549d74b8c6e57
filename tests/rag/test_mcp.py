"""The MCP server as a client of the official SDK sees it, as a child process and over a real socket."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp")

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from ingest.errors import KeyRAGError
from ingest.pipeline import SourceFile
from rag.api.keys import ApiKeys
from rag.mcp import mcp_server
from rag.mcp_http import PATH, mcp_app, serve_http
from rag.service import KeyRAG
from tests.chat_server import ChatServer
from tests.serving import served

QUESTION = "出差到上海的住宿标准是多少？"
COMMAND = [sys.executable, "-c", "from rag.cli import main; main()", "mcp"]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environment(chatting: KeyRAG, chat_server: ChatServer, handbook: Path) -> dict[str, str]:
    """The environment of a process that serves a knowledge base ``hr`` with the chat server."""
    chatting.ingest("hr", [SourceFile(handbook)])
    chat_server.reply = "每晚650元。"
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "KEYRAG_DATA": str(chatting.settings.data),
        "KEYRAG__CHAT__BACKEND": "openai",
        "KEYRAG__CHAT__MODEL": "stub",
        "KEYRAG__CHAT__BASE_URL": chat_server.base_url,
    }


@pytest.fixture
def address(environment: dict[str, str], chatting: KeyRAG) -> Iterator[str]:
    with served(mcp_app(chatting)) as address:
        yield address + PATH


def _session(server: Any, use: Callable[[Client], Awaitable[None]]) -> None:
    async def connected() -> None:
        async with Client(server, read_timeout_seconds=60) as client:
            await use(client)

    asyncio.run(connected())


async def _uses_every_tool(client: Client) -> None:
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"search", "ask", "list_knowledge_bases", "list_documents"}
    assert tools["search"].input_schema["required"] == ["query"]
    assert all(tool.description and tool.output_schema for tool in tools.values())
    assert all("description" in field for field in tools["search"].input_schema["properties"].values())

    listed = await client.call_tool("list_knowledge_bases", {})
    assert [kb["name"] for kb in listed.structured_content["result"]] == ["hr"]
    documents = (await client.call_tool("list_documents", {"kb": "hr"})).structured_content
    assert documents["total"] == 1 and documents["documents"][0]["title"] == "员工手册"

    found = (await client.call_tool("search", {"query": QUESTION, "k": 2, "budget": 60})).structured_content
    assert "650" in found["hits"][0]["text"] and len(found["hits"]) == 2 and len(found["context"]) <= 60

    answer = await client.call_tool("ask", {"question": QUESTION, "kb": "hr"})
    assert answer.structured_content["answer"] == "每晚650元。" and not answer.structured_content["refused"]
    (citation,) = answer.structured_content["citations"]
    assert citation["document"] == "员工手册" and citation["quote"] == "出差到上海的住宿标准为每晚650元。"
    assert "每晚650元" in answer.content[0].text

    assert answer.structured_content["nearest"] == []
    refused = (await client.call_tool("ask", {"question": "唐朝的开国皇帝叫什么名字？"})).structured_content
    assert refused["refused"] and refused["nearest"][0]["document"] == "员工手册"

    missing = await client.call_tool("ask", {"question": QUESTION, "kb": "nothing"})
    assert missing.is_error and "no knowledge base 'nothing'" in missing.content[0].text
    wrong = await client.call_tool("search", {"query": QUESTION, "k": 0})
    assert wrong.is_error and "greater than or equal to 1" in wrong.content[0].text


def test_a_client_that_starts_it_uses_every_tool(environment: dict[str, str]) -> None:
    _session(StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=environment), _uses_every_tool)


def test_a_client_uses_every_tool_over_http(environment: dict[str, str]) -> None:
    command = [*COMMAND, "--http", "--port", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            announced = re.search(r"http://\S+", process.stderr.readline())
            assert announced
            _session(announced.group(), _uses_every_tool)
        finally:
            process.terminate()


def test_a_model_server_that_fails_is_a_tool_error(environment: dict[str, str], chatting: KeyRAG) -> None:
    async def use(client: Client) -> None:
        failed = await client.call_tool("ask", {"question": QUESTION})
        assert failed.is_error and "can't be reached" in failed.content[0].text

    settings = chatting.settings
    unreachable = settings.chat.model_copy(update={"base_url": "http://127.0.0.1:9/v1"})
    service = KeyRAG(settings.model_copy(update={"chat": unreachable}))
    _session(mcp_server(service), use)
    service.close()


def test_a_knowledge_base_must_be_named_where_there_are_several(environment: dict[str, str], chatting: KeyRAG) -> None:
    async def use(client: Client) -> None:
        unclear = await client.call_tool("search", {"query": QUESTION})
        assert unclear.is_error and "hr, more" in unclear.content[0].text

    chatting.kb("more", create=True)
    _session(mcp_server(chatting), use)


def test_over_http_a_key_is_needed_once_there_is_one_and_reaches_its_knowledge_bases(
    address: str, chatting: KeyRAG
) -> None:
    chatting.kb("secret", create=True)
    key = ApiKeys(chatting.settings.data / "keys.json").create("assistant", "reader", kbs=["hr"])
    refused = httpx2.post(address, json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert refused.status_code == 401 and "API key" in refused.text

    async def use(client: Client) -> None:
        listed = (await client.call_tool("list_knowledge_bases", {})).structured_content["result"]
        assert [kb["name"] for kb in listed] == ["hr"]
        assert (await client.call_tool("search", {"query": QUESTION})).structured_content["kb"] == "hr"
        for tool, arguments in (("search", {"query": "x"}), ("ask", {"question": "x"}), ("list_documents", {})):
            refused = await client.call_tool(tool, {**arguments, "kb": "secret"})
            assert refused.is_error and "not for knowledge base 'secret'" in refused.content[0].text

    with_key = httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"})
    _session(streamable_http_client(address, http_client=with_key), use)


def test_what_a_key_may_not_read_is_not_found(address: str, chatting: KeyRAG, tmp_path: Path) -> None:
    memo = tmp_path / "memo.md"
    memo.write_text("# 薪酬\n\n总经理的年薪为三百万元。\n", encoding="utf-8")
    report = chatting.ingest("hr", [SourceFile(memo)])
    chatting.kb("hr").store.set_labels(report.files[0].doc_id, ["board"])
    public = next(row for row in chatting.kb("hr").store.documents() if row.title == "员工手册")
    chatting.kb("hr").store.set_labels(public.doc_id, ["staff"])
    key = ApiKeys(chatting.settings.data / "keys.json").create("assistant", "reader", labels=["staff"])

    async def use(client: Client) -> None:
        found = await client.call_tool("search", {"query": "总经理的年薪是多少？"})
        assert found.structured_content["hits"] and "三百万" not in found.content[0].text
        assert (await client.call_tool("list_documents", {})).structured_content["total"] == 1

    with_key = httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"})
    _session(streamable_http_client(address, http_client=with_key), use)


def test_a_page_of_another_site_cant_reach_it(address: str) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert httpx2.post(address, json=body, headers={"Host": "evil.example"}).status_code == 400
    assert httpx2.post(address, json=body, headers={"Origin": "https://evil.example"}).status_code == 403


def test_an_address_open_to_the_network_needs_a_key(chatting: KeyRAG) -> None:
    settings = chatting.settings
    everywhere = settings.server.model_copy(update={"host": "0.0.0.0", "port": 0})
    with pytest.raises(KeyRAGError, match="keyrag keys create"):
        serve_http(KeyRAG(settings.model_copy(update={"server": everywhere})), announce=print)
