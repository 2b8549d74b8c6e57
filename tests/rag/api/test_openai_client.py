"""The OpenAI-compatible API as its official client and LangChain's see it, over a real socket."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
import uvicorn
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI

from ingest.pipeline import SourceFile
from rag.api.server import create_app
from rag.service import KeyRAG
from tests.chat_server import ChatServer

QUESTION = "出差到上海的住宿标准是多少？"


@pytest.fixture
def base_url(chatting: KeyRAG, chat_server: ChatServer, handbook: Path) -> Iterator[str]:
    chatting.ingest("hr", [SourceFile(handbook)])
    chat_server.reply = "每晚650元。"
    config = uvicorn.Config(create_app(chatting), port=0, log_level="warning")
    listening = config.bind_socket()
    listening.listen()
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def client(base_url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=base_url, api_key="none", max_retries=0)


def test_the_official_client_gets_an_answer_with_citations_and_usage(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="hr", messages=[{"role": "user", "content": QUESTION}])
    assert reply.choices[0].message.content == "每晚650元。"
    assert reply.usage and reply.usage.total_tokens == 7 + 8 - 1
    citations = reply.model_extra["citations"]  # type: ignore[index]
    assert citations[0]["quote"] == "出差到上海的住宿标准为每晚650元。"


def test_the_official_client_streams(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="hr",
        messages=[{"role": "user", "content": QUESTION}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == "每晚650元。"
    finished = next(c for c in chunks if c.choices and c.choices[0].finish_reason == "stop")
    assert finished.model_extra["citations"][0]["document"] == "员工手册"  # type: ignore[index]
    assert chunks[-1].usage and chunks[-1].usage.prompt_tokens == 7


def test_generation_settings_of_a_request_reach_the_model(client: openai.OpenAI, chat_server: ChatServer) -> None:
    client.chat.completions.create(
        model="hr",
        messages=[{"role": "system", "content": "Be rude."}, {"role": "user", "content": QUESTION}],
        temperature=0.7,
        max_tokens=33,
        stop=["\n"],
    )
    sent = chat_server.requests[-1]
    assert (sent["temperature"], sent["stop"]) == (0.7, ["\n"])
    assert 33 in (sent.get("max_tokens"), sent.get("max_completion_tokens"))
    assert "Be rude." not in str(sent["messages"])


def test_a_conversation_is_understood(client: openai.OpenAI, chat_server: ChatServer) -> None:
    chat_server.reply = lambda prompt: "出差到上海的机票须提前几天预订？" if "改写" in prompt else "提前七天。"
    reply = client.chat.completions.create(
        model="hr",
        messages=[
            {"role": "user", "content": QUESTION},
            {"role": "assistant", "content": "每晚650元。"},
            {"role": "user", "content": [{"type": "text", "text": "那机票呢？"}]},
        ],
    )
    assert reply.choices[0].message.content == "提前七天。"
    assert reply.model_extra["rewritten"] == "出差到上海的机票须提前几天预订？"  # type: ignore[index]


def test_errors_arrive_as_the_clients_own(client: openai.OpenAI, chat_server: ChatServer) -> None:
    with pytest.raises(openai.NotFoundError, match="none"):
        client.chat.completions.create(model="none", messages=[{"role": "user", "content": "x"}])
    chat_server.status = 500
    with pytest.raises(openai.APIError, match="on fire"):
        list(client.chat.completions.create(model="hr", messages=[{"role": "user", "content": QUESTION}], stream=True))


def test_knowledge_bases_are_the_models(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["hr"]
    assert client.models.retrieve("hr").id == "hr"


def test_langchain_talks_to_it(base_url: str) -> None:
    chat = ChatOpenAI(base_url=base_url, api_key=lambda: "none", model="hr")
    assert chat.invoke([HumanMessage(QUESTION)]).text == "每晚650元。"
    assert "".join(chunk.text for chunk in chat.stream([HumanMessage(QUESTION)])) == "每晚650元。"


def test_a_client_that_goes_away_stops_the_model(base_url: str, chat_server: ChatServer) -> None:
    chat_server.reply = "".join(f"{number}，" for number in range(100_000))
    client = openai.OpenAI(base_url=base_url, api_key="none", max_retries=0)
    stream = client.chat.completions.create(model="hr", messages=[{"role": "user", "content": QUESTION}], stream=True)
    next(iter(stream))
    stream.close()
    time.sleep(1.5)
    sent = chat_server.sent
    time.sleep(1)
    assert chat_server.sent == sent < len("".join(f"{number}，" for number in range(100_000)))
