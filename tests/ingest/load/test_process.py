"""Reading in a process of its own: whatever a parser does costs one document."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from ingest.load import load
from ingest.load.ahead import load_ahead
from ingest.load.process import LoadingProcess, Unread
from ingest.types import Document

from .conftest import SETTINGS
from .samples import samples

FAULTY = "tests.ingest.load.faulty"


@pytest.fixture
def faulty() -> Iterator[LoadingProcess]:
    limits = {"timeout_seconds": 60.0, "max_memory_mb": 400}
    process = LoadingProcess(SETTINGS.model_copy(update=limits), FAULTY)
    yield process
    process.close()


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def texts(process: LoadingProcess, path: Path) -> list[str]:
    return [one.text if isinstance(one, Document) else one.reason for one in process.read(path)]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("crash", "crashed its reader (SIGSEGV)"),
        ("exit", "crashed its reader (exit status 3)"),
        ("hungry", "needs over 400 MB of memory to read"),
        ("raise", "can't be read (IndexError list index out of range)"),
    ],
)
def test_a_fault_costs_its_file_alone(fault: str, told: str, faulty: LoadingProcess, tmp_path: Path) -> None:
    (reason,) = texts(faulty, written(tmp_path, "bad.txt", fault))
    assert reason.startswith(f"bad.txt: {told}") and "\n" not in reason
    (text,) = texts(faulty, written(tmp_path, "good.txt", "fine"))
    assert text == f"fine {faulty.pid}"


def test_an_endless_loop_that_holds_the_lock_is_ended(tmp_path: Path) -> None:
    with closing(LoadingProcess(SETTINGS.model_copy(update={"timeout_seconds": 2.0}), FAULTY)) as process:
        (reason,) = texts(process, written(tmp_path, "bad.txt", "deaf"))
        assert reason == "bad.txt: took longer than 2 s to read: split it or raise load.timeout_seconds"
        assert process.pid is None


def test_what_a_library_prints_is_no_reply(faulty: LoadingProcess, tmp_path: Path) -> None:
    (text,) = texts(faulty, written(tmp_path, "a.txt", "chatty"))
    assert text.startswith("chatty ")


def test_a_crash_in_an_archive_costs_one_of_its_files(faulty: LoadingProcess, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("one", "crash", "two", "exit", "three"):
            archive.writestr(f"in/{name}.txt", name)
    read = texts(faulty, path)
    assert [text.split()[0] for text in read] == ["one", "a.zip!/in/crash.txt:", "two", "a.zip!/in/exit.txt:", "three"]
    assert len({text.split()[1] for text in (read[0], read[2], read[4])}) == 3


def test_one_process_reads_many_files_and_is_replaced_in_time(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", "fine")
    with closing(LoadingProcess(SETTINGS, FAULTY)) as process:
        pids = [texts(process, path)[0] for _ in range(201)]
    assert len(set(pids[:200])) == 1 and pids[200] != pids[0]


@pytest.mark.parametrize("fault", ["connect", "fetch", "udp", "resolve"])
def test_the_process_reaches_no_network(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("LISTENING", str(server.getsockname()[1]))
        with closing(LoadingProcess(SETTINGS, FAULTY)) as process:
            (reason,) = texts(process, written(tmp_path, "a.txt", fault))
        assert reason.startswith("a.txt: can't be read") and not connected(server)
        # The same request from here is seen, so that the silence above means something.
        socket.create_connection(server.getsockname()).close()
        assert connected(server)


def connected(server: socket.socket) -> bool:
    server.settimeout(0.2)
    try:
        server.accept()[0].close()
    except TimeoutError:
        return False
    return True


def test_documents_come_back_as_they_are_read_here(tmp_path: Path) -> None:
    with closing(LoadingProcess(SETTINGS)) as process:
        for suffix in (".txt", ".md", ".docx", ".pptx"):
            path = tmp_path / f"一{suffix}"
            path.write_bytes(samples()[suffix])
            assert list(process.read(path)) == [load(path, settings=SETTINGS)]


def test_files_are_read_ahead_in_order_and_an_early_end_leaves_no_process(tmp_path: Path) -> None:
    files = [(written(tmp_path, f"{number}.txt", f"text {number}"), None) for number in range(30)]
    with closing(load_ahead([*files, (tmp_path / "gone.txt", None)], SETTINGS)) as reading:
        read = list(reading)
    assert [one.title for one in read[:-1] if isinstance(one, Document)] == [str(number) for number in range(30)]
    assert read[-1] == Unread(str(tmp_path / "gone.txt"), "gone.txt: there is no such file: check the path")
    before = children()
    with closing(load_ahead(files, SETTINGS)) as reading:
        next(reading)
        assert children() != before
    assert children() == before


def test_what_the_waiting_caller_raises_ends_a_load_in_the_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.load.ahead.LoadingProcess", partial(LoadingProcess, module=FAULTY))
    before = children()
    waits = 0

    def give_up() -> None:
        nonlocal waits
        waits += 1
        if waits > 10 and children() != before:
            raise InterruptedError

    files = [(written(tmp_path, "bad.txt", "sleepy"), None)]
    with pytest.raises(InterruptedError), closing(load_ahead(files, SETTINGS, give_up)) as reading:
        next(reading)
    assert children() == before


def children() -> set[str]:
    """The processes of this one that are there, zombies included."""
    stats = [stat.read_text() for stat in Path("/proc").glob("[0-9]*/stat")]
    return {stat.split()[0] for stat in stats if int(stat.rsplit(")")[-1].split()[1]) == os.getpid()}


@pytest.mark.parametrize("fault", ["sleepy", "fine"])
def test_the_process_ends_when_its_parent_is_killed(fault: str, tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", fault)
    script = (
        "import sys; sys.path[:] = sys.argv[2:]\n"
        "from pathlib import Path; from ingest.config import load_settings\n"
        "from ingest.load.process import LoadingProcess\n"
        f"process = LoadingProcess(load_settings().load, {FAULTY!r})\n"
        "process._start()\n"
        "print(process.pid, process._folder.name, flush=True)\n"
        "list(process.read(Path(sys.argv[1]))); import time; time.sleep(100)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(path), *sys.path], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid, folder = parent.stdout.readline().split()
    time.sleep(1)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    for _ in range(200):
        if not Path(folder).exists() and not alive(int(pid)):
            return
        time.sleep(0.1)
    pytest.fail("the process or its folder is left")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[-1].split()[0] != "Z"
    except FileNotFoundError:
        return False
