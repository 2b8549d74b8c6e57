"""The process that documents are read in: limited in memory and processor time, without a network.

It takes requests and gives replies as lines of JSON, see :mod:`ingest.load.process`, and ends with its
standard input.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from ingest.errors import LoadError
from ingest.load import label, load, parts
from ingest.serialise import document_json
from ingest.settings import LoadSettings

if sys.platform != "win32":
    import resource

# After so many files a fresh process takes over, so that what parsers leak does not add up.
_MOST_FILES = 200
_NETWORK = frozenset(
    ("connect", "bind", "sendto", "sendmsg", "getaddrinfo", "gethostbyname", "gethostbyaddr", "getnameinfo")
)


def main() -> None:
    """Serve requests until standard input ends."""
    replies = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # what a library prints must not stand between replies
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    sys.addaudithook(_refuse_network)
    requests: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    _send(replies, {"ready": True})
    files = 0
    while True:
        request = json.loads(requests.get())
        settings = LoadSettings(**request["settings"])
        _limit_memory(settings.max_memory_mb)
        files += 1
        for reply in _replies(request, settings):
            _send(replies, reply)
        _send(replies, {"done": True, "retire": files >= _MOST_FILES or _peak_mb() > settings.max_memory_mb / 2})


def _listen(requests: queue.SimpleQueue[str]) -> None:
    """Queue requests; end the process at once when there can be no more, whatever a parser is busy with."""
    for line in sys.stdin.buffer:
        requests.put(line.decode("ascii"))
    shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)  # the parent made it for this process alone
    os._exit(0)


def _replies(request: dict[str, Any], settings: LoadSettings) -> Iterator[dict[str, Any]]:
    path, source = Path(request["path"]), request["source"]
    try:
        for number, (known_as, part) in enumerate(parts(path, source=source, settings=settings)):
            if number < request["first"]:
                continue
            yield {"reading": known_as}
            _limit_seconds(settings.timeout_seconds)
            yield _read(known_as, part, settings)
    except LoadError as error:
        yield {"error": str(error)}


def _read(source: str, part: Path | LoadError, settings: LoadSettings) -> dict[str, Any]:
    if isinstance(part, LoadError):
        return {"error": str(part)}
    try:
        return {"document": document_json(load(part, source=source, settings=settings))}
    except LoadError as error:
        return {"error": str(error)}
    except Exception as error:  # noqa: BLE001 (whatever a parser raises costs its document alone)
        told = " ".join(f"{type(error).__name__} {error}".split())[:200]
        return {"error": f"{label(source)}: can't be read ({told}): save it anew in its program"}


def _send(replies: IO[str], reply: dict[str, Any]) -> None:
    replies.write(json.dumps(reply) + "\n")
    replies.flush()


def _refuse_network(event: str, _: tuple[Any, ...]) -> None:
    if event.startswith("socket.") and event.removeprefix("socket.") in _NETWORK:
        raise PermissionError(f"{event} while a document is read: loaders reach no network")


def _limit_memory(most_mb: int) -> None:
    if sys.platform != "win32":
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = most_mb * 1_000_000
        resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard < 0 else min(wanted, hard), hard))


def _limit_seconds(most: float) -> None:
    """Let the kernel end an endless loop even when there is no parent left to do it."""
    if sys.platform != "win32":
        usage = resource.getrusage(resource.RUSAGE_SELF)
        used = usage.ru_utime + usage.ru_stime
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        wanted = int(used + most * (os.cpu_count() or 1)) + 2
        resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard < 0 else min(wanted, hard), hard))


def _peak_mb() -> float:
    """Give the most memory held so far; what the system counts for a child begins with its parent's where it forked."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    if sys.platform == "win32":
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
