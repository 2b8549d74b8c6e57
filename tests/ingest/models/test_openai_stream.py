from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.models.openai_stream import EventReader, PlainAsyncCompletions

REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")


def _chunk(delta: dict[str, Any], finish: str | None = None, usage: dict[str, int] | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], "usage": usage}


def _stream(chunks: Iterable[dict[str, Any]], newline: str = "\n") -> bytes:
    events = [f"data: {json.dumps(chunk, ensure_ascii=False)}{newline}{newline}" for chunk in chunks]
    return "".join([f": comment{newline}", *events, f"data: [DONE]{newline}{newline}"]).encode()


def _read(stream: bytes, cuts: Iterable[int]) -> tuple[list[dict[str, Any]], bool]:
    events = EventReader(REQUEST)
    ends = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    found = [chunk for start, end in pairwise(ends) for chunk in events.take(stream[start:end])]
    return found, events.ended


@given(st.lists(st.text(max_size=8)), st.lists(st.integers(0, 10**6), max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_a_stream_says_the_same_however_it_is_cut(words: list[str], cuts: list[int], newline: str) -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": len(words), "total_tokens": 7 + len(words)}
    chunks = [
        _chunk({"role": "assistant", "content": ""}),
        *(_chunk({"content": word}) for word in words),
        _chunk({}, "stop"),
        {"choices": [], "usage": usage},
    ]
    found, ended = _read(_stream(chunks, newline), cuts)
    said = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in found if chunk["choices"])
    assert said == "".join(words)
    assert ended and found[-1]["usage"] == usage
    assert [chunk["choices"][0]["finish_reason"] for chunk in found if chunk["choices"]][-1] == "stop"


def test_words_that_come_at_once_are_one_chunk() -> None:
    found, _ = _read(_stream([_chunk({"content": word}) for word in ("年假", "为", "十天")]), [])
    assert [chunk["choices"][0]["delta"]["content"] for chunk in found] == ["年假为十天"]


def test_what_is_more_than_words_stays_by_itself() -> None:
    chunks = [
        _chunk({"content": "十"}),
        _chunk({"content": "天", "reasoning_content": "hm"}),
        _chunk({"tool_calls": [{"index": 0}]}),
        _chunk({"content": "。"}, "length"),
    ]
    found, _ = _read(_stream(chunks), [])
    assert found == chunks


def test_a_problem_in_the_stream_is_an_error_of_the_client() -> None:
    with pytest.raises(openai.APIError, match="out of memory"):
        _read(b'data: {"error": {"message": "out of memory"}}\n\n', [])


async def _server(words: list[str], pause: float) -> tuple[asyncio.Server, str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        for word in words:
            writer.write(f"data: {json.dumps(_chunk({'content': word}))}\n\n".encode())
            await writer.drain()
            await asyncio.sleep(pause)
        writer.write(b"data: [DONE]\n\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


def _streamed(words: list[str], pause: float, streams: int) -> list[list[str]]:
    """Read so many streams of a server at once; give the pieces that each comes in."""

    async def read(completions: PlainAsyncCompletions) -> list[str]:
        messages = [{"role": "user", "content": "?"}]
        async with await completions.create(model="m", messages=messages, stream=True) as chunks:
            return [chunk["choices"][0]["delta"]["content"] async for chunk in chunks]

    async def run() -> list[list[str]]:
        server, address = await _server(words, pause)
        client = openai.AsyncOpenAI(base_url=address, api_key="none", max_retries=0)
        completions = PlainAsyncCompletions(client, lambda: openai.DefaultAioHttpClient(trust_env=False))
        try:
            return await asyncio.gather(*(read(completions) for _ in range(streams)))
        finally:
            await completions.close()
            server.close()

    return asyncio.run(run())


def test_no_word_of_many_streams_is_lost_and_each_comes_in_fewer_pieces() -> None:
    words = [f"{n} " for n in range(60)]
    read = _streamed(words, 0.01, 40)
    assert ["".join(pieces) for pieces in read] == ["".join(words)] * 40
    assert all(len(pieces) <= 30 for pieces in read)  # 40 ms and more between pieces, of words 10 ms apart


def test_what_waits_for_more_words_goes_on_when_the_stream_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.models.openai_stream._CHUNKS_A_SECOND", 0.001)  # would wait for a quarter of an hour
    [[first, rest]] = _streamed([f"{n} " for n in range(20)], 0.01, 1)
    assert first.startswith("0 ") and (first + rest).split() == [str(n) for n in range(20)]


def test_a_reader_who_leaves_ends_the_reading(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> set[asyncio.Task[Any]]:
        server, address = await _server(["一 "] * 1000, 0.01)
        client = openai.AsyncOpenAI(base_url=address, api_key="none", max_retries=0)
        completions = PlainAsyncCompletions(client, lambda: openai.DefaultAioHttpClient(trust_env=False))
        before = asyncio.all_tasks()
        async with await completions.create(model="m", messages=[], stream=True) as chunks:
            await anext(chunks)
            await chunks.aclose()
            reading = asyncio.all_tasks() - before
        await completions.close()
        server.close()
        return {task for task in reading if "take" in repr(task)}

    assert not asyncio.run(run())
    assert "never retrieved" not in caplog.text
