"""The OpenAI-compatible API as its official client and LangChain's see it, over a real socket."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI

from ingest.pipeline import SourceFile
from rag.api.server import create_app
from rag.service import KeyRAG
from tests.chat_server import ChatServer
from tests.serving import served

QUESTION = "出差到上海的住宿标准是多少？"


@pytest.fixture
def base_url(chatting: KeyRAG, chat_server: ChatServer, handbook: Path) -> Iterator[str]:
    chatting.ingest("hr", [SourceFile(handbook)])
    chat_server.reply = "每晚650元。"
    with served(create_app(chatting)) as address:
        yield f"{address}/v1"


@pytest.fixture
def client(base_url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=base_url, api_key="none", max_retries=0)


def test_the_official_client_gets_an_answer_with_citations_and_usage(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="hr", messages=[{"role": "user", "content": QUESTION}])
    assert reply.choices[0].message.content == "每晚650元。"
    assert reply.usage and reply.usage.total_tokens == 7 + 8 - 1
    citations = reply.model_extra["citations"]  # type: ignore[index]
    assert citations[0]["quote"] == "出差到上海的住宿标准为每晚650元。"


def test_an_answer_comes_as_json_that_fits_the_schema(client: openai.OpenAI, chat_server: ChatServer) -> None:
    chat_server.reply = 'Here it is:\n```json\n{"price": 650}\n```'
    schema = {"type": "object", "properties": {"price": {"type": "number"}}, "required": ["price"]}
    reply = client.chat.completions.create(
        model="hr",
        messages=[{"role": "user", "content": QUESTION}],
        response_format={"type": "json_schema", "json_schema": {"name": "price", "schema": schema}},
    )
    assert json.loads(reply.choices[0].message.content or "") == {"price": 650}


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


def test_citations_come_as_footnotes_on_request(client: openai.OpenAI, base_url: str) -> None:
    messages: Any = [{"role": "user", "content": QUESTION}]
    asked = client.chat.completions.create(model="hr", messages=messages, extra_body={"citations": "footnotes"})
    named = client.chat.completions.create(model="hr:footnotes", messages=messages)
    expected = "每晚650元。[1]\n\n---\n[1] 员工手册: “出差到上海的住宿标准为每晚650元。”"
    assert asked.choices[0].message.content == named.choices[0].message.content == expected
    stream = client.chat.completions.create(model="hr:footnotes", messages=messages, stream=True)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    assert text == expected.replace("[1]\n\n", "\n\n")
    assert client.models.retrieve("hr:footnotes").id == "hr:footnotes"


def test_an_answer_cut_short_says_so(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="hr", messages=[{"role": "user", "content": QUESTION}], max_tokens=7)
    assert reply.choices[0].finish_reason == "length"


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"n": 2}, "n"),
        ({"temperature": 3}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"messages": []}, "messages"),
    ],
)
def test_what_cannot_be_done_is_told_as_openai_tells_it(
    client: openai.OpenAI, changes: dict[str, Any], param: str
) -> None:
    body: dict[str, Any] = {"model": "hr", "messages": [{"role": "user", "content": QUESTION}], **changes}
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(**body)
    assert raised.value.param == param and raised.value.type == "invalid_request_error"


def test_a_model_that_is_not_there_has_openais_code(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as raised:
        client.chat.completions.create(model="none", messages=[{"role": "user", "content": "x"}])
    assert raised.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model="none", input="x")


def test_texts_are_embedded_as_numbers_or_base64(client: openai.OpenAI) -> None:
    texts = ["年假有几天？", "员工每年有十天年假。"]
    model = "multilingual-e5-small"
    packed = client.embeddings.create(model=model, input=texts)  # the client asks for base64 by itself
    plain = client.embeddings.create(model=model, input=texts, encoding_format="float")
    assert [len(one.embedding) for one in packed.data] == [384, 384] and packed.usage.total_tokens > 0
    assert np.allclose(packed.data[1].embedding, plain.data[1].embedding, atol=1e-6)
    assert abs(np.linalg.norm(plain.data[0].embedding) - 1) < 1e-3
    with pytest.raises(openai.BadRequestError, match="none of them empty"):
        client.embeddings.create(model=model, input=["x", ""])


def test_curl_gets_an_answer_and_a_stream(base_url: str) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not here")
    body = {"model": "hr", "messages": [{"role": "user", "content": QUESTION}]}

    def call(**more: Any) -> str:
        command = [
            curl,
            "-sSN",
            "--noproxy",
            "*",
            f"{base_url}/chat/completions",
            "-H",
            "Content-Type: application/json",
        ]
        sent = [*command, "-d", json.dumps({**body, **more})]
        return subprocess.run(sent, capture_output=True, text=True, timeout=60, check=True).stdout

    assert json.loads(call())["choices"][0]["message"]["content"] == "每晚650元。"
    lines = [line for line in call(stream=True).split("\n") if line]
    assert all(line.startswith("data: ") for line in lines) and lines[-1] == "data: [DONE]"
    chunks = [json.loads(line[6:]) for line in lines[:-1]]
    assert "".join(c["choices"][0]["delta"].get("content", "") for c in chunks) == "每晚650元。"


def test_a_client_that_does_not_stream_and_goes_away_stops_the_model_too(
    base_url: str, chat_server: ChatServer
) -> None:
    text = "".join(f"{number}，" for number in range(100_000))
    chat_server.reply = text
    client = openai.OpenAI(base_url=base_url, api_key="none", max_retries=0, timeout=1)
    with pytest.raises(openai.APITimeoutError):
        client.chat.completions.create(model="hr", messages=[{"role": "user", "content": QUESTION}])
    time.sleep(1.5)
    sent = chat_server.sent
    time.sleep(1)
    assert chat_server.sent == sent < len(text)


def test_a_model_whose_stream_breaks_off_is_told(client: openai.OpenAI, chat_server: ChatServer) -> None:
    def cut(prompt: str) -> str:
        raise ConnectionResetError("the model server dies")

    chat_server.reply = cut
    messages: Any = [{"role": "user", "content": QUESTION}]
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="hr", messages=messages)
