"""Chunks of an OpenAI-compatible stream as plain dictionaries.

The client makes a model object of every chunk, which LangChain turns into a dictionary again: with many
streams at once that is most of what a token costs (docs/http.md, Load).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import TracebackType
from typing import Any

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
            return _Chunks(self._completions.with_streaming_response.create(**payload))
        return self._completions.create(**payload)


class _Chunks:
    """The chunks of one stream, open for the time of a ``with`` block; leaving it closes the connection."""

    def __init__(self, response: Any) -> None:
        self._response = response

    def __enter__(self) -> Iterator[dict[str, Any]]:
        return self._read(self._response.__enter__())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._response.__exit__(kind, error, traceback)

    def _read(self, response: Any) -> Iterator[dict[str, Any]]:
        request = response.http_request
        try:
            for line in response.iter_lines():
                data = line[5:].strip() if line.startswith("data:") else ""
                if data == "[DONE]":
                    return
                chunk = json.loads(data) if data else {}
                if problem := chunk.get("error"):
                    told = problem.get("message") if isinstance(problem, dict) else problem
                    raise openai.APIError(str(told), request, body=problem)
                if chunk:
                    yield chunk
        except httpx2.TimeoutException as error:
            raise openai.APITimeoutError(request) from error
        except (httpx2.HTTPError, ValueError) as error:
            raise openai.APIError(f"the stream broke off ({error})", request, body=None) from error
