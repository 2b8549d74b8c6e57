"""Bounded places, a bounded queue, a time limit, and clients that go away."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import HTTPException
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from ingest.config import load_settings
from ingest.errors import ModelError
from ingest.settings import Settings
from rag.answer import Event, Token
from rag.api.answers import Answers, LateError, unless_gone
from rag.generate import Attempt


def _settings(**limits: Any) -> Settings:
    settings = load_settings()
    return settings.model_copy(update={"server": settings.server.model_copy(update=limits)})


class Writing(BaseChatModel):
    """Writes numbers, each after ``pause`` seconds; ``ended`` is set when it stops, whatever the reason."""

    tokens: int
    pause: float = 0
    ended: Any = None

    @property
    def _llm_type(self) -> str:
        return "writing"

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        raise NotImplementedError

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: Any = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_: Any,
    ) -> Iterator[ChatGenerationChunk]:
        raise NotImplementedError

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: Any = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **_: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        try:
            for number in range(self.tokens):
                await asyncio.sleep(self.pause)
                yield ChatGenerationChunk(message=AIMessageChunk(f"{number} "))
        finally:
            if self.ended:
                self.ended.set()


class Steps:
    """A reply whose first step is ``begin`` and whose words the model writes."""

    def __init__(self, begin: Callable[[], list[Event]] = list, model: BaseChatModel | None = None) -> None:
        self.begin = begin
        self.chat = SimpleNamespace(model=model) if model else None
        self.closed = threading.Event()

    def attempts(self) -> Iterator[Attempt]:
        yield Attempt("answer", "how many?", {}, shown=True)

    def take(self, attempt: Attempt, chunk: AIMessageChunk) -> Token:
        return Token(chunk.text)

    def rest(self, attempt: Attempt) -> None:
        return None

    def end(self) -> list[Event]:
        return []

    def close(self) -> None:
        self.closed.set()


async def _text(answers: Answers, reply: Any) -> str:
    return "".join([event.text async for event in answers.run(lambda: reply) if isinstance(event, Token)])


def test_so_many_write_at_once_so_many_wait_and_the_rest_come_back_later() -> None:
    answers = Answers(_settings(generations=2, waiting=1))
    go, counting, writing, most = threading.Event(), threading.Lock(), 0, 0

    def begin() -> list[Event]:
        nonlocal writing, most
        with counting:
            writing += 1
            most = max(most, writing)
        go.wait(20)
        with counting:
            writing -= 1
        return [Token("x")]

    async def all_at_once() -> list[Any]:
        asked = [asyncio.ensure_future(_text(answers, Steps(begin))) for _ in range(5)]
        while sum(task.done() for task in asked) < 2 or most < 2:
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
    reply = Steps(model=Writing(tokens=5000))
    text = asyncio.run(_text(Answers(_settings()), reply))
    assert text.split() == [str(number) for number in range(5000)]
    assert reply.closed.wait(5)


def test_an_answer_that_takes_too_long_is_ended_and_its_place_is_free_again() -> None:
    answers = Answers(_settings(generations=1, timeout_seconds=0.2))
    ended = threading.Event()
    reply = Steps(model=Writing(tokens=1000, pause=0.05, ended=ended))

    async def late() -> None:
        with pytest.raises(LateError, match="timeout_seconds"):
            await _text(answers, reply)
        assert answers.taken == answers.writing == 0

    asyncio.run(late())
    assert ended.is_set()
    assert reply.closed.wait(5)


def test_a_step_that_takes_too_long_keeps_its_place_until_it_ends() -> None:
    answers = Answers(_settings(generations=1, timeout_seconds=0.1))
    ended = threading.Event()

    def begin() -> list[Event]:
        time.sleep(0.5)
        ended.set()
        return []

    async def late() -> None:
        with pytest.raises(LateError):
            await _text(answers, Steps(begin))
        assert ended.is_set()

    asyncio.run(late())


def test_a_reader_who_leaves_stops_the_model() -> None:
    ended = threading.Event()
    reply = Steps(model=Writing(tokens=1000, pause=0.01, ended=ended))
    answers = Answers(_settings())

    async def leave() -> None:
        events = answers.run(lambda: reply)  # type: ignore[arg-type,return-value]
        await anext(events)
        await events.aclose()
        assert answers.taken == answers.writing == 0

    asyncio.run(leave())
    assert ended.is_set()
    assert reply.closed.wait(5)


def test_a_reader_who_leaves_at_once_leaves_no_place_taken() -> None:
    answers = Answers(_settings())

    async def leave() -> None:
        asking = asyncio.ensure_future(_text(answers, Steps(model=Writing(tokens=9))))
        await asyncio.sleep(0)
        assert answers.taken == 1
        asking.cancel()
        await asyncio.wait([asking])
        assert answers.taken == answers.writing == 0

    asyncio.run(leave())


def test_what_goes_wrong_in_a_step_is_raised_where_the_answer_is_read() -> None:
    def begin() -> list[Event]:
        raise ModelError("the model is on fire")

    reply = Steps(begin)
    with pytest.raises(ModelError, match="on fire"):
        asyncio.run(_text(Answers(_settings()), reply))
    assert reply.closed.wait(5)


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
