"""Bounded places, a bounded queue, a time limit, and clients that go away."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Generator
from typing import Any

import pytest
from fastapi import HTTPException

from ingest.config import ServerSettings, load_settings
from ingest.errors import ModelError
from rag.answer import Event, Token
from rag.api.answers import Answers, LateError, unless_gone


def _limits(**changes: Any) -> ServerSettings:
    return load_settings().server.model_copy(update=changes)


async def _text(answers: Answers, begin: Any) -> str:
    return "".join([event.text async for event in answers.run(begin) if isinstance(event, Token)])


def test_so_many_write_at_once_so_many_wait_and_the_rest_come_back_later() -> None:
    answers = Answers(_limits(generations=2, waiting=1))
    go, writing, most = threading.Event(), 0, 0

    def begin() -> Generator[Event]:
        nonlocal writing, most
        writing += 1
        most = max(most, writing)
        go.wait(20)
        yield Token("x")
        writing -= 1

    async def all_at_once() -> list[Any]:
        asked = [asyncio.ensure_future(_text(answers, begin)) for _ in range(5)]
        while sum(task.done() for task in asked) < 2:
            await asyncio.sleep(0.01)
        assert (answers.writing, answers.taken) == (2, 3)
        go.set()
        return await asyncio.gather(*asked, return_exceptions=True)

    told = asyncio.run(all_at_once())
    assert told.count("x") == 3 and most == 2
    refused = [one for one in told if isinstance(one, HTTPException)]
    assert [(one.status_code, one.headers) for one in refused] == [(429, {"Retry-After": "5"})] * 2
    assert answers.taken == answers.writing == 0


def test_tokens_come_whole_and_in_order() -> None:
    def begin() -> Generator[Event]:
        for number in range(5000):
            yield Token(f"{number} ")

    answers = Answers(_limits())
    assert asyncio.run(_text(answers, begin)).split() == [str(number) for number in range(5000)]


def test_an_answer_that_takes_too_long_is_ended_and_its_place_is_free_again() -> None:
    answers = Answers(_limits(generations=1, timeout_seconds=0.2))
    ended = threading.Event()

    def begin() -> Generator[Event]:
        try:
            for number in range(1000):
                time.sleep(0.05)
                yield Token(str(number))
        finally:
            ended.set()

    async def late() -> None:
        with pytest.raises(LateError, match="timeout_seconds"):
            await _text(answers, begin)
        while answers.taken:
            await asyncio.sleep(0.01)

    asyncio.run(late())
    assert ended.wait(5)


def test_what_goes_wrong_in_the_thread_is_raised_where_the_answer_is_read() -> None:
    def begin() -> Generator[Event]:
        yield Token("x")
        raise ModelError("the model is on fire")

    with pytest.raises(ModelError, match="on fire"):
        asyncio.run(_text(Answers(_limits()), begin))


def test_work_ends_when_its_client_goes_away() -> None:
    class Gone:
        async def receive(self) -> dict[str, str]:
            await asyncio.sleep(0.05)
            return {"type": "http.disconnect"}

    cancelled = threading.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    assert asyncio.run(unless_gone(Gone(), work())) is None  # type: ignore[arg-type]
    assert cancelled.is_set()
