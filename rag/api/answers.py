"""Answers on the event loop: a bounded number at once, a bounded queue before them, a time limit each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import TypeVar

from fastapi import HTTPException, Request

from ingest.errors import KeyRAGError
from ingest.models.chat import chat_errors
from ingest.settings import Settings
from rag.answer import Answer, Event
from rag.reply import Reply

T = TypeVar("T")
# Seconds after which somebody who found the queue full may ask again.
_COME_BACK = "5"


class LateError(KeyRAGError):
    """An answer that took longer than it may."""


class Answers:
    """Makes answers: what the model writes goes through the event loop, the steps between take a thread.

    Handing every token from a thread to the loop cost as much as all the rest of an answer. An answer holds its
    place until its last step has ended, not only until its reader has gone.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._limits = settings.server
        self._places = asyncio.Semaphore(self._limits.generations)
        self._threads = ThreadPoolExecutor(self._limits.generations, "keyrag-answer")
        self.taken = 0
        self.writing = 0

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def run(self, reply: Callable[[], Reply]) -> AsyncGenerator[Event]:
        """Wait for a place, then give the events of the answer. Closing this stops the model.

        :raises HTTPException: 429, with the time to come back, if too many wait already.
        :raises KeyRAGError: if the model fails, or the answer takes too long.
        """
        if self.taken >= self._limits.generations + self._limits.waiting:
            raise HTTPException(
                429, f"{self.taken} questions are being answered: ask again in a moment", {"Retry-After": _COME_BACK}
            )
        self.taken += 1
        events: asyncio.Queue[Event | None] = asyncio.Queue()
        making = asyncio.create_task(self._make(reply, events.put_nowait))

        def made(_: asyncio.Task[None]) -> None:
            self.taken -= 1
            events.put_nowait(None)

        making.add_done_callback(made)  # of a task that is cancelled before it has begun, too
        try:
            while (event := await events.get()) is not None:
                yield event
            making.result()
        finally:
            making.cancel()
            await asyncio.wait([making])
            if not making.cancelled():
                making.exception()  # seen: of a reader who has left nobody is told

    async def _make(self, reply: Callable[[], Reply], put: Callable[[Event], None]) -> None:
        try:
            async with asyncio.timeout(self._limits.timeout_seconds) as limit, self._places:
                self.writing += 1
                try:
                    async with aclosing(self._made(reply)) as events:
                        async for event in events:
                            put(event)
                finally:
                    self.writing -= 1
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise LateError(
                f"there is no whole answer after {self._limits.timeout_seconds:g} s: ask again later, "
                "or raise server.timeout_seconds"
            ) from error

    async def _made(self, begin: Callable[[], Reply]) -> AsyncGenerator[Event]:
        reply = await self._step(begin)
        try:
            for event in await self._step(reply.begin):
                yield event
            attempts = reply.attempts()
            with chat_errors(self._settings.chat):
                while reply.chat and (attempt := await self._step(lambda: next(attempts, None))):
                    async with aclosing(reply.chat.model.astream(attempt.messages, **attempt.options)) as chunks:  # type: ignore[type-var]
                        async for chunk in chunks:
                            if token := reply.take(attempt, chunk):
                                yield token
                            if attempt.looped:
                                break
                    if token := reply.rest(attempt):
                        yield token
            for event in await self._step(reply.end):
                yield event
        finally:
            reply.close()

    async def _step(self, step: Callable[[], T]) -> T:
        """Run a step in a thread, to its end: an answer that is left has left no thread behind."""
        running = asyncio.get_running_loop().run_in_executor(self._threads, step)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait([running])
            raise


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
