"""Read documents in a process of their own, so that a bomb or a crash in a parser costs one document."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.load import label
from ingest.serialise import document_from
from ingest.settings import LoadSettings
from ingest.types import Document

# The process imports from where this one does, however that came about (checkout, wheel, pytest).
_START = "import json, sys; sys.path = json.loads(sys.argv[1]); from {module} import main; main()"
_START_SECONDS = 60
_END_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Unread:
    """A file, or a file in an archive, that could not be read, and one line that says why."""

    source: str
    reason: str


class LoadingProcess:
    """A process that reads files, started when it is first needed and replaced after a fault.

    :param module: holds the ``main`` of the process.
    """

    def __init__(self, settings: LoadSettings, module: str = "ingest.load.worker") -> None:
        self._settings = settings
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._stopped = False
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def read(self, path: Path, source: str | None = None) -> Iterator[Document | Unread]:
        """Give the document of a file, or those of an archive one after another.

        Each may take ``load.timeout_seconds`` and ``load.max_memory_mb``.
        """
        path = path.absolute()
        first: int | None = 0
        while first is not None and not self._stopped:
            first = yield from self._attempt(path, source or str(path.resolve()), first)

    def _attempt(self, path: Path, source: str, first: int) -> Generator[Document | Unread, None, int | None]:
        """Read from the part numbered ``first`` on; return the part to go on with after a fault, None at the end."""
        current, number = source, first - 1
        self._ask({"path": str(path), "source": source, "first": first, "settings": self._settings.model_dump()})
        while True:
            reply = self._reply(self._settings.timeout_seconds)
            if isinstance(reply, str):
                yield Unread(current, f"{label(current)}: {reply}")
                return number + 1 if current != source else None
            if "reading" in reply:
                number, current = number + 1, reply["reading"]
            elif "document" in reply:
                yield document_from(reply["document"])
            elif "error" in reply:
                yield Unread(current, reply["error"])
            else:
                if reply["retire"]:
                    self.close()
                return None

    def _ask(self, request: dict[str, Any]) -> None:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._start()
        if self._process is None or self._process.stdin is None:
            return  # it could not be started; the reply will tell
        with suppress(BrokenPipeError):  # as above
            self._process.stdin.write(json.dumps(request).encode("ascii") + b"\n")
            self._process.stdin.flush()

    def _start(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="keyrag-", ignore_cleanup_errors=True)
        with self._lock:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START.format(module=self._module), json.dumps(sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "TMPDIR": self._folder.name},
            )
            if self._stopped:
                self._process.kill()
        self._reply(_START_SECONDS)

    def _reply(self, seconds: float) -> dict[str, Any] | str:
        """Wait for a line; a process that gives none in time, or ends, is done with: say why in its place."""
        process, late = self._process, threading.Event()
        if process is None or process.stdout is None:
            return "can't be read: the program that reads files does not start: run `keyrag doctor`"

        def give_up() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, give_up)
        timer.daemon = True
        timer.start()
        line = process.stdout.readline()
        timer.cancel()
        if line.endswith(b"\n"):
            reply: dict[str, Any] = json.loads(line)
            return reply
        status = _ended(process)
        self.close()
        if late.is_set() or status == -getattr(signal, "SIGXCPU", 0):
            return f"took longer than {seconds:g} s to read: split it or raise load.timeout_seconds"
        how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return f"crashed its reader ({how}): save it anew, or raise load.max_memory_mb if it is large"

    def stop(self) -> None:
        """Have a reading under way, in another thread, end at once."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """End the process, at once if it is busy."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None and process.stdout is not None
            with suppress(BrokenPipeError):
                process.stdin.close()
            _ended(process)
            process.stdout.close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _ended(process: subprocess.Popen[bytes]) -> int:
    """Wait for the end of a process whose pipe is closed, a crash that is still being dumped included."""
    try:
        return process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
