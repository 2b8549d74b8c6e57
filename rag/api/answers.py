"""Answers in threads of their own: a bounded number at once, a bounded queue before them, a time limit each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from threading import Event as Flag
from typing import TypeVar

from fastapi import HTTPException, Request

from ingest.config import ServerSettings
from ingest.errors import KeyRAGError
from rag.answer import Answer, Event, Token

T = TypeVar("T")
# Seconds after which somebody who found the queue full may ask again.
_COME_BACK = "5"


class LateError(KeyRAGError):
    """An answer that took longer than it may."""


class Answers:
    """Runs the iterators that write answers.

    An answer holds its place until its thread has ended, not only until its reader has gone.
    """

    def __init__(self, limits: ServerSettings) -> None:
        self._limits = limits
        self._places = asyncio.Semaphore(limits.generations)
        self._threads = ThreadPoolExecutor(limits.generations, "keyrag-answer")
        self.taken = 0
        self.writing = 0

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def run(self, begin: Callable[[], Generator[Event]]) -> AsyncIterator[Event]:
        """Wait for a place, then give what the iterator gives; tokens that have gathered meanwhile come as one.

        Closing this stops the iterator at its next event.

        :raises HTTPException: 429, with the time to come back, if too many wait already.
        :raises KeyRAGError: if the model fails, or the answer takes too long.
        """
        if self.taken >= self._limits.generations + self._limits.waiting:
            raise HTTPException(
                429, f"{self.taken} questions are being answered: ask again in a moment", {"Retry-After": _COME_BACK}
            )
        deadline = asyncio.get_running_loop().time() + self._limits.timeout_seconds
        self.taken += 1
        try:
            try:
                async with asyncio.timeout_at(deadline):
                    await self._places.acquire()
            except TimeoutError as error:
                raise self._late() from error
            pump = _Pump(begin)
            self.writing += 1
            task = asyncio.wrap_future(self._threads.submit(pump.run))
        except BaseException:
            self.taken -= 1
            raise
        task.add_done_callback(lambda _: self._leave())
        try:
            while True:
                try:
                    async with asyncio.timeout_at(deadline):
                        events = await pump.gathered()
                except TimeoutError as error:
                    raise self._late() from error
                for event in events:
                    if event is None:
                        return
                    if isinstance(event, Exception):
                        raise event
                    yield event
        finally:
            pump.stopped.set()

    def _leave(self) -> None:
        self.taken -= 1
        self.writing -= 1
        self._places.release()

    def _late(self) -> LateError:
        return LateError(
            f"there is no whole answer after {self._limits.timeout_seconds:g} s: ask again later, "
            "or raise server.timeout_seconds"
        )


class _Pump:
    """Carries events from a thread to the event loop."""

    def __init__(self, begin: Callable[[], Generator[Event]]) -> None:
        self.stopped = Flag()
        self._begin = begin
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._events: list[Event | Exception | None] = []

    def run(self) -> None:
        try:
            with closing(self._begin()) as events:
                for event in events:
                    if self.stopped.is_set():
                        return
                    self._put(event)
        except Exception as error:  # noqa: BLE001 (raised again where the answer is read)
            self._put(error)
        finally:
            self._put(None)

    def _put(self, event: Event | Exception | None) -> None:
        self._loop.call_soon_threadsafe(self._append, event)

    def _append(self, event: Event | Exception | None) -> None:
        self._events.append(event)
        self._arrived.set()

    async def gathered(self) -> list[Event | Exception | None]:
        await self._arrived.wait()
        self._arrived.clear()
        events, self._events = self._events, []
        return _joined(events)


def _joined(events: list[Event | Exception | None]) -> list[Event | Exception | None]:
    joined: list[Event | Exception | None] = []
    for event in events:
        last = joined[-1] if joined else None
        if isinstance(event, Token) and isinstance(last, Token):
            joined[-1] = Token(last.text + event.text)
        else:
            joined.append(event)
    return joined


async def resumed(first: Event | None, rest: AsyncIterator[Event]) -> AsyncIterator[Event]:
    """Give ``first`` and the rest; nothing if there is no first because the client has gone."""
    if first is None:
        return
    async with aclosing(rest):  # type: ignore[type-var]
        yield first
        async for event in rest:
            yield event


async def whole(events: AsyncIterator[Event]) -> Answer:
    """Wait for the answer that ends the events."""
    async for event in events:
        if isinstance(event, Answer):
            return event
    raise AssertionError("an answer ends with an Answer")


async def unless_gone(request: Request, work: Awaitable[T]) -> T | None:
    """Wait for the work, but leave it where its client goes away; None then."""

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    working = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(gone())
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        return await working if working.done() else None
    finally:
        working.cancel()
        watching.cancel()
