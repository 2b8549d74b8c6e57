"""Chunks of an OpenAI-compatible stream as plain dictionaries.

The client makes a model object of every chunk, which LangChain turns into a dictionary again: with many
streams at once that is most of what a token costs (docs/http.md, Load).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import httpx2
import openai

# Chunks handed over in a second, all streams of an event loop together.
_CHUNKS_A_SECOND = 1000


class PlainCompletions:
    """Stands in for the client's ``chat.completions``; all but streams is left to it."""

    def __init__(self, completions: Any) -> None:
        self._completions = completions

    def __getattr__(self, name: str) -> Any:
        return getattr(self._completions, name)

    def create(self, **payload: Any) -> Any:
        if payload.get("stream"):
            return _chunks(self._completions.with_streaming_response.create(**payload))
        return self._completions.create(**payload)


class PlainAsyncCompletions:
    """Likewise for the asynchronous client, with connections of its own for every event loop.

    :param connect: makes the HTTP client of an event loop.
    """

    def __init__(self, client: openai.AsyncOpenAI, connect: Callable[[], httpx2.AsyncClient]) -> None:
        self._client = client
        self._connect = connect
        self._of: WeakKeyDictionary[asyncio.AbstractEventLoop, openai.AsyncOpenAI] = WeakKeyDictionary()
        self._pace = _Pace()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._completions, name)

    @property
    def _completions(self) -> Any:
        loop = asyncio.get_running_loop()
        if loop not in self._of:
            self._of[loop] = self._client.with_options(http_client=self._connect())
        return self._of[loop].chat.completions

    async def create(self, **payload: Any) -> Any:
        if payload.get("stream"):
            return _async_chunks(self._completions.with_streaming_response.create(**payload), self._pace)
        return await self._completions.create(**payload)

    async def close(self) -> None:
        """Close the connections of the running event loop."""
        if client := self._of.pop(asyncio.get_running_loop(), None):
            await client.close()


@contextmanager
def _chunks(opening: AbstractContextManager[Any]) -> Iterator[Iterator[dict[str, Any]]]:
    """Open a stream; leaving it closes the connection."""
    with opening as response:
        yield _read(response)


def _read(response: Any) -> Iterator[dict[str, Any]]:
    events = EventReader(response.http_request)
    with _told(response.http_request):
        for block in response.iter_bytes():
            yield from events.take(block)
            if events.ended:
                return


class _Pace:
    """Lets words wait for more of the same stream, the longer the more streams there are.

    Each chunk costs its way to the reader, whatever is in it: fifty streams give twenty chunks a second each.
    """

    def __init__(self) -> None:
        self._streams = 0

    @contextmanager
    def stream(self) -> Iterator[None]:
        self._streams += 1
        try:
            yield
        finally:
            self._streams -= 1

    @property
    def seconds(self) -> float:
        return self._streams / _CHUNKS_A_SECOND


@asynccontextmanager
async def _async_chunks(
    opening: AbstractAsyncContextManager[Any], pace: _Pace
) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    async with opening as response:
        with pace.stream():
            yield _async_read(response, pace)


async def _async_read(response: Any, pace: _Pace) -> AsyncIterator[dict[str, Any]]:
    """Read what comes as it comes; the first words go on at once, and the last as soon as the stream has ended."""
    ready: list[dict[str, Any]] = []
    arrived = asyncio.Event()

    async def take() -> None:
        events = EventReader(response.http_request)
        with _told(response.http_request):
            async for block in response.iter_bytes():
                for chunk in events.take(block):
                    _put(ready, chunk)
                arrived.set()
                if events.ended:
                    return

    taking = asyncio.create_task(take())
    taking.add_done_callback(lambda _: arrived.set())
    try:
        ended = False
        while not ended:
            await arrived.wait()
            arrived.clear()
            ended = taking.done()
            chunks, ready[:] = ready[:], []
            for chunk in chunks:
                yield chunk
            if not ended and any(map(_words, chunks)):
                await asyncio.wait([taking], timeout=pace.seconds)
        taking.result()
    finally:
        taking.cancel()
        await asyncio.wait([taking])
        if not taking.cancelled():
            taking.exception()  # seen: of a reader who has left nobody is told


class EventReader:
    """Takes a stream apart as it comes, ``ended`` behind its last event."""

    def __init__(self, request: httpx2.Request) -> None:
        self._request = request
        self._line = b""
        self.ended = False

    def take(self, block: bytes) -> list[dict[str, Any]]:
        """Give the chunks that end in this block; words that come at once are one chunk, each costs its way.

        :raises openai.APIError: if the server tells of a problem.
        """
        *lines, self._line = (self._line + block).split(b"\n")
        chunks: list[dict[str, Any]] = []
        for line in lines:
            data = line[5:].strip() if line.startswith(b"data:") else b""  # other fields and comments carry nothing
            if data == b"[DONE]":
                self.ended = True
                break
            if data and (chunk := self._parsed(data)):
                _put(chunks, chunk)
        return chunks

    def _parsed(self, data: bytes) -> dict[str, Any]:
        chunk: dict[str, Any] = json.loads(data)
        if problem := chunk.get("error"):
            told = problem.get("message") if isinstance(problem, dict) else problem
            raise openai.APIError(str(told), self._request, body=problem)
        return chunk


def _put(chunks: list[dict[str, Any]], chunk: dict[str, Any]) -> None:
    """Put a chunk behind the others, its words behind theirs where both are words and nothing else."""
    more = _words(chunk)
    if more is None or not chunks or _words(chunks[-1]) is None:
        chunks.append(chunk)
    else:
        chunks[-1]["choices"][0]["delta"]["content"] += more


def _words(chunk: dict[str, Any]) -> str | None:
    choices: list[dict[str, Any]] = chunk.get("choices") or []
    if chunk.get("usage") or len(choices) != 1 or choices[0].get("finish_reason") or choices[0].get("logprobs"):
        return None
    delta = choices[0].get("delta") or {}
    content = delta.get("content")
    plain = isinstance(content, str) and not any(delta[name] for name in delta if name not in ("content", "role"))
    return content if plain else None


@contextmanager
def _told(request: httpx2.Request) -> Iterator[None]:
    """Tell of a broken stream in the client's own errors."""
    try:
        yield
    except httpx2.TimeoutException as error:
        raise openai.APITimeoutError(request) from error
    except (httpx2.HTTPError, ValueError) as error:
        raise openai.APIError(f"the stream broke off ({error})", request, body=None) from error
