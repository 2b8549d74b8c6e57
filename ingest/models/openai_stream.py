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
            return _async_chunks(self._completions.with_streaming_response.create(**payload))
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
    with _told(response.http_request):
        for line in response.iter_lines():
            if (data := _data(line)) == _END:
                return
            if data and (chunk := _parsed(data, response.http_request)):
                yield chunk


@asynccontextmanager
async def _async_chunks(opening: AbstractAsyncContextManager[Any]) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    async with opening as response:
        yield _async_read(response)


async def _async_read(response: Any) -> AsyncIterator[dict[str, Any]]:
    with _told(response.http_request):
        async for line in response.iter_lines():
            if (data := _data(line)) == _END:
                return
            if data and (chunk := _parsed(data, response.http_request)):
                yield chunk


_END = "[DONE]"


def _data(line: str) -> str:
    """Give what a line of the stream carries; comments and other fields carry nothing."""
    return line[5:].strip() if line.startswith("data:") else ""


def _parsed(data: str, request: httpx2.Request) -> dict[str, Any]:
    """Give a chunk.

    :raises openai.APIError: if the server tells of a problem instead.
    """
    chunk: dict[str, Any] = json.loads(data)
    if problem := chunk.get("error"):
        told = problem.get("message") if isinstance(problem, dict) else problem
        raise openai.APIError(str(told), request, body=problem)
    return chunk


@contextmanager
def _told(request: httpx2.Request) -> Iterator[None]:
    """Tell of a broken stream in the client's own errors."""
    try:
        yield
    except httpx2.TimeoutException as error:
        raise openai.APITimeoutError(request) from error
    except (httpx2.HTTPError, ValueError) as error:
        raise openai.APIError(f"the stream broke off ({error})", request, body=None) from error
