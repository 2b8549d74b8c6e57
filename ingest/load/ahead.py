"""Read documents while the ones before them are embedded."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from pathlib import Path

from ingest.load.process import LoadingProcess, Unread
from ingest.settings import LoadSettings
from ingest.types import Document

# Documents that wait to be taken: enough to keep both sides busy, few enough for the memory.
_MOST_WAITING = 4
_LOOK_SECONDS = 0.2

Item = Document | Unread | BaseException | None


def load_ahead(
    files: Iterable[tuple[Path, str | None]], settings: LoadSettings, idle: Callable[[], None] = lambda: None
) -> Generator[Document | Unread]:
    """Read files (path, what it is known by) in a process of their own, a few documents ahead of the caller.

    An archive gives a document a file. What can't be read is given in its place. Close the iterator to end early.

    :param idle: called while the caller waits for a document, some times a second; what it raises ends the reading,
        even in the middle of a document.
    """
    waiting: queue.Queue[Item] = queue.Queue(_MOST_WAITING)
    stopped = threading.Event()
    process = LoadingProcess(settings)

    def hand_over(item: Item) -> None:
        while not stopped.is_set():
            with suppress(queue.Full):
                return waiting.put(item, timeout=_LOOK_SECONDS)

    def read() -> None:
        try:
            for path, source in files:
                for item in process.read(path, source):
                    hand_over(item)
                if stopped.is_set():
                    return
            hand_over(None)
        except BaseException as error:  # noqa: BLE001 (raised again where the documents are taken)
            hand_over(error)
        finally:
            process.close()

    # A daemon: a program that ends does not wait for a file that is being read; the process ends with its input.
    thread = threading.Thread(target=read, name="keyrag-load", daemon=True)
    thread.start()
    try:
        while (item := _taken(waiting, idle)) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        process.stop()
        thread.join()


def _taken(waiting: queue.Queue[Item], idle: Callable[[], None]) -> Item:
    while True:
        try:
            return waiting.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            idle()
