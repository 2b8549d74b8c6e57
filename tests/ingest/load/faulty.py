"""A loading process whose text loader does what the file's first line tells: what a broken parser may do."""

from __future__ import annotations

import os
import re
import socket
import sys
import time
import urllib.request
from pathlib import Path

from ingest.load import registry, worker
from ingest.load.registry import Loaded
from ingest.settings import LoadSettings
from ingest.types import Block


def _deaf() -> None:
    re.match(r"(a+)+$", "a" * 60 + "b")  # never gives up the interpreter's lock


def _hungry() -> None:
    kept = []
    while True:
        kept.append(bytearray(50_000_000))


def _chatty() -> None:
    print('{"document": 1}', flush=True)
    os.write(1, b'{"done": true}\n')


def _sleepy() -> None:
    time.sleep(100)


FAULTS = {
    "crash": lambda: os.kill(os.getpid(), 11),
    "exit": lambda: os._exit(3),
    "deaf": _deaf,
    "hungry": _hungry,
    "raise": lambda: [][1],
    "chatty": _chatty,
    "sleepy": _sleepy,
    "connect": lambda: socket.create_connection(("127.0.0.1", int(os.environ["LISTENING"]))),
    "fetch": lambda: urllib.request.urlopen(f"http://127.0.0.1:{os.environ['LISTENING']}/"),
    "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)),
    "resolve": lambda: socket.getaddrinfo("localhost", 80),
}


def text(path: Path, settings: LoadSettings) -> Loaded:
    first = path.read_text().split("\n")[0]
    if first in FAULTS:
        FAULTS[first]()
    return Loaded([Block(f"{first} {os.getpid()}")])


def main() -> None:
    registry.FORMATS[".txt"] = registry.Format("text/plain", "faulty", "text")
    sys.modules["ingest.load.faulty"] = sys.modules[__name__]
    worker.main()
