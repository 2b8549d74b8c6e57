from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import KeyRAGError
from ingest.pipeline import IngestReport, Progress, SourceFile
from rag.api.job import Job, page_in
from rag.api.jobs import Jobs
from rag.api.worker import Worker
from rag.service import KeyRAG
from tests.conftest import MakeSettings

ROOT = Path(__file__).resolve().parents[3]
GOOD = "# {0}\n\n{0} is a word of its own.\n"


@pytest.fixture
def jobs(service: KeyRAG) -> Iterator[Jobs]:
    made = Jobs(service.settings.data / "uploads")
    yield made
    made.close()


@pytest.fixture
def start(service: KeyRAG, jobs: Jobs) -> Iterator[Callable[[], Worker]]:
    started: list[Worker] = []

    def _start() -> Worker:
        worker = Worker(service, jobs, backoff=0.05)
        started.append(worker)
        worker.start()
        return worker

    yield _start
    for worker in started:
        worker.stop()


def _submit(jobs: Jobs, *words: str, kb: str = "kb") -> Job:
    folder = jobs.staging()
    files = []
    for number, word in enumerate(words):
        staged = folder / f"{number}.md"
        staged.write_text(GOOD.format(word) if word else "", encoding="utf-8")
        files.append((f"{word or 'empty'}.md", str(staged)))
    return jobs.submit("upload", kb, files, job_id=folder.name)


def _ended(jobs: Jobs, job: Job) -> Job:
    for _ in range(1200):
        found = jobs.get(job.job_id)
        if found.finished:
            return found
        time.sleep(0.05)
    raise AssertionError(f"the job did not end: {found}")


def _failing_on(monkeypatch: pytest.MonkeyPatch, word: str, fail: Callable[[int], None]) -> list[int]:
    """Let ``fail`` happen, given how often it did before, whenever a file with ``word`` in its name is read."""
    times: list[int] = []
    ingest = KeyRAG.ingest

    def failing(self: KeyRAG, kb: str, files: Sequence[SourceFile], *rest: Any) -> IngestReport:
        if any(word in str(file.source) for file in files):
            times.append(len(files))
            fail(len(times))
        return ingest(self, kb, files, *rest)

    monkeypatch.setattr(KeyRAG, "ingest", failing)
    return times


def test_what_fails_for_a_while_is_tried_again(
    jobs: Jobs, start: Callable[[], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(time: int) -> None:
        if time < 3:
            raise OSError("the disk is away")

    times = _failing_on(monkeypatch, "bad", fail)
    start()
    ended = _ended(jobs, _submit(jobs, "good", "bad"))
    assert (ended.state, ended.attempts, [file.state for file in ended.files]) == ("done", 3, ["added", "added"])
    assert times == [2, 1, 1]  # together at first, then alone
    assert not (jobs.folder / ended.job_id).exists()


def test_a_file_that_never_gets_in_is_given_up_and_holds_up_nobody(
    service: KeyRAG, jobs: Jobs, start: Callable[[], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = True

    def fail(_: int) -> None:
        if broken:
            raise KeyRAGError("bad.md: page 7 can't be embedded: start the model server")

    _failing_on(monkeypatch, "bad", fail)
    start()
    first, second = _submit(jobs, "good", "bad", "empty", ""), _submit(jobs, "other")
    ended = _ended(jobs, first)
    assert _ended(jobs, second).state == "done"
    assert (ended.state, ended.documents) == ("dead", 2)
    assert [file.state for file in ended.files] == ["added", "dead", "added", "failed"]
    total, failures = jobs.failures(None)
    assert total == 2
    assert [(f["name"], f["state"], f["page"]) for f in failures] == [
        ("bad.md", "dead", 7),
        ("empty.md", "failed", None),
    ]
    assert "start the model server" in failures[0]["reason"] and "is empty" in failures[1]["reason"]
    assert jobs.failures(frozenset({"another"})) == (0, [])
    broken = False
    again = jobs.retry(first.job_id)
    assert (again.state, [file.state for file in again.files]) == ("queued", ["added", "", "added", ""])
    ended = _ended(jobs, first)
    assert [file.state for file in ended.files] == ["added", "added", "added", "failed"]
    with pytest.raises(KeyRAGError, match="nothing to try again"):
        jobs.retry(second.job_id)


def test_a_file_that_ends_the_process_every_time_is_found_out(make_settings: MakeSettings, e5: Path) -> None:
    """Each round is a process of its own that dies while it reads ``bad.md``; the last one lives."""
    service = KeyRAG(make_settings(server={"job_attempts": 2}))
    jobs = Jobs(service.settings.data / "uploads")
    job = _submit(jobs, "good", "bad", "better")
    deadly = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from ingest.config import load_settings\n"
        "from rag.api.jobs import Jobs\n"
        "from rag.api.worker import Worker\n"
        "from rag.service import KeyRAG\n"
        "def ingest(self, kb, files, progress=None):\n"
        "    if any('bad' in file.source for file in files):\n"
        "        os.kill(os.getpid(), 9)\n"
        "    return was(self, kb, files, progress)\n"
        "was, KeyRAG.ingest = KeyRAG.ingest, ingest\n"
        "given = {'data': sys.argv[1], 'chat': {'backend': 'none'}, 'server': {'job_attempts': 2}}\n"
        "settings = load_settings(None, given)\n"
        "jobs = Jobs(settings.data / 'uploads')\n"
        "worker = Worker(KeyRAG(settings), jobs, backoff=0)\n"
        "worker.run()\n"
    )
    killed = 0
    for _ in range(2):
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", deadly, str(service.settings.data)]
        killed += subprocess.run(command, env=environment, timeout=120).returncode == -signal.SIGKILL
    assert killed == 2
    assert jobs.get(job.job_id).state == "running"  # no process is behind it until the next one looks
    worker = Worker(service, jobs, backoff=0.05)
    worker.start()
    ended = _ended(jobs, job)
    worker.stop()
    assert [file.state for file in ended.files] == ["added", "dead", "added"]
    assert ended.state == "dead" and "the process ended while reading it" in ended.error


def test_cancelling_a_job_that_is_queued_ends_it_at_once(jobs: Jobs) -> None:
    job = jobs.cancel(_submit(jobs, "one").job_id)
    assert (job.state, job.files[0].state) == ("cancelled", "cancelled")
    assert jobs.claim() is None
    with pytest.raises(KeyRAGError, match="nothing to cancel"):
        jobs.cancel(job.job_id)
    assert jobs.retry(job.job_id).state == "queued"


def test_cancelling_stops_inside_a_document(
    service: KeyRAG, jobs: Jobs, start: Callable[[], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, steps = threading.Event(), 0

    def endless(self: KeyRAG, kb: str, files: Sequence[SourceFile], progress: Callable[[Progress], None]) -> None:
        nonlocal steps
        while True:
            steps += 1
            progress(Progress(0, 1, steps, 0, "a very long document"))
            reading.set()
            time.sleep(0.01)

    monkeypatch.setattr(KeyRAG, "ingest", endless)
    start()
    job = _submit(jobs, "long")
    assert reading.wait(20)
    running = jobs.get(job.job_id)
    assert (running.state, running.current) == ("running", "a very long document")
    jobs.cancel(job.job_id)
    assert _ended(jobs, job).state == "cancelled"
    before = steps
    time.sleep(0.1)
    assert steps == before


def test_stopping_leaves_the_job_for_the_next_start(
    service: KeyRAG, jobs: Jobs, start: Callable[[], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = threading.Event()
    with monkeypatch.context() as patched:

        def slow(self: KeyRAG, kb: str, files: Sequence[SourceFile], progress: Callable[[Progress], None]) -> None:
            while True:
                reading.set()
                progress(Progress(0, 1, 0, 0, ""))
                time.sleep(0.01)

        patched.setattr(KeyRAG, "ingest", slow)
        worker = start()
        job = _submit(jobs, "one", "two")
        assert reading.wait(20)
        worker.stop()
    left = jobs.get(job.job_id)
    assert (left.state, left.attempts, left.files[0].attempts) == ("queued", 0, 0)
    start()
    assert _ended(jobs, job).state == "done"


def test_one_worker_works_and_another_takes_over(service: KeyRAG, jobs: Jobs, start: Callable[[], Worker]) -> None:
    first = start()
    _ended(jobs, _submit(jobs, "one"))
    second = start()
    _ended(jobs, _submit(jobs, "two"))
    first.stop()
    assert _ended(jobs, _submit(jobs, "three")).state == "done"
    second.stop()


def test_a_worker_that_another_leaves_no_work_ends_in_time(
    service: KeyRAG, jobs: Jobs, start: Callable[[], Worker]
) -> None:
    start()
    _ended(jobs, _submit(jobs, "one"))
    spare = threading.Thread(target=Worker(service, jobs).run, args=(0.0,), daemon=True)
    spare.start()
    spare.join(20)
    assert not spare.is_alive()


def test_the_jobs_of_a_deleted_knowledge_base_are_forgotten(jobs: Jobs) -> None:
    job, other = _submit(jobs, "one"), _submit(jobs, "two", kb="other")
    jobs.forget_kb("kb")
    assert [found.job_id for found in jobs.page(None)[1]] == [other.job_id]
    assert not (jobs.folder / job.job_id).exists() and (jobs.folder / other.job_id).exists()


def test_old_jobs_are_forgotten_with_their_files(jobs: Jobs) -> None:
    job = jobs.cancel(_submit(jobs, "one").job_id)
    jobs.forget(days=1)
    assert jobs.page(None, "cancelled")[0] == 1
    jobs.forget(days=-1)
    assert jobs.page(None)[0] == 0 and not (jobs.folder / job.job_id).exists()


@pytest.mark.parametrize(("reason", "page"), [("a.pdf: page 12 is torn", 12), ("第 3 页", 3), ("a.md: is empty", None)])
def test_a_reason_may_name_a_page(reason: str, page: int | None) -> None:
    assert page_in(reason) == page
