"""Work on jobs in a process of its own, so that reading and embedding take no time from the answers.

Threads of one process take turns in Python; a process of low priority takes what the answers leave. It is started when
there is work and ends some time after the last job (:mod:`rag.api.worker_main`). The queue is on disk and tells
both sides all there is to know; a process that dies costs the file that it was reading one of its attempts.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from ingest.settings import Settings
from rag.api.jobs import Jobs

_log = logging.getLogger("keyrag.jobs")
# The process imports from where this one does, however that came about (checkout, wheel, pytest).
_START = "import json, sys; sys.path = json.loads(sys.argv[1]); from rag.api.worker_main import main; main()"
# How often the queue is looked at for jobs that another process has put there.
_LOOK_SECONDS = 2.0
# Wait before a process that failed is replaced; twice as long after each failure.
_BACKOFF_SECONDS = 1.0
_LONGEST_BACKOFF_SECONDS = 60.0
_STOP_SECONDS = 10.0
_DAY = 86_400


class WorkerProcess:
    """Keeps a process alive while there are jobs; takes the place of a :class:`rag.api.worker.Worker` in a thread."""

    def __init__(self, settings: Settings, jobs: Jobs) -> None:
        self._settings = settings
        self._jobs = jobs
        self._stopping = False
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._watch, name="keyrag-jobs", daemon=True)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Have the process leave the job that is running for the next start, and end."""
        self._stopping = True
        self._jobs.wake()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        # Once a day the process is started for the sake of what is to be forgotten.
        backoff, started = _BACKOFF_SECONDS, time.time()
        while not self._stopping:
            with self._jobs.changed:  # nothing submitted between the look and the wait goes unheard
                if not self._jobs.waiting() and time.time() - started < _DAY:
                    self._jobs.changed.wait(_LOOK_SECONDS)
                    continue
            started = time.time()
            problem = self._work()
            if problem and not self._stopping:
                _log.warning("the process that works on jobs %s; it is started again", problem)
                self._rest(backoff)
                backoff = min(2 * backoff, _LONGEST_BACKOFF_SECONDS)
            else:
                backoff = _BACKOFF_SECONDS

    def _work(self) -> str:
        """Run a process until it ends; give what went wrong with it, if anything."""
        try:
            process = self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, json.dumps(sys.path)],
                stdin=subprocess.PIPE,
                text=True,
                # The settings are those in force here; the environment must not change them again.
                env={name: value for name, value in os.environ.items() if not name.startswith("KEYRAG")},
            )
        except OSError as error:
            return f"can't be started ({error})"
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # its status tells
            process.stdin.write(json.dumps(self._settings.model_dump(), default=_plain) + "\n")
            process.stdin.flush()
            while process.poll() is None and not self._stopping:
                with self._jobs.changed:
                    heard = self._jobs.changed.wait(_LOOK_SECONDS)
                if heard:
                    process.stdin.write("\n")
                    process.stdin.flush()
        with suppress(BrokenPipeError):
            process.stdin.close()
        try:
            status = process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        self._process = None
        return f"ended with status {status}" if status else ""

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))


def _plain(value: Path | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
