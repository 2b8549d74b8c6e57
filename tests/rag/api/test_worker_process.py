from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ingest.config import load_settings
from ingest.settings import Settings
from rag.api.job import Job
from rag.api.jobs import Jobs
from rag.api.server import create_app
from rag.api.worker_process import WorkerProcess
from rag.service import KeyRAG
from tests.conftest import MakeSettings
from tests.rag.api.calls import upload

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 120


@pytest.fixture
def settings(make_settings: MakeSettings, e5: Path) -> Settings:
    return make_settings()


@pytest.fixture
def jobs(settings: Settings) -> Iterator[Jobs]:
    made = Jobs(settings.data / "uploads")
    yield made
    made.close()


@pytest.fixture
def process(settings: Settings, jobs: Jobs) -> Iterator[WorkerProcess]:
    made = WorkerProcess(settings, jobs)
    made.start()
    yield made
    made.stop()


def submit(jobs: Jobs, *words: str, kb: str = "kb") -> Job:
    folder = jobs.staging()
    for word in words:
        (folder / f"{word}.md").write_text(f"# {word}\n\n{word} is a word of its own.\n", encoding="utf-8")
    return jobs.submit("upload", kb, [(f"{word}.md", str(folder / f"{word}.md")) for word in words], job_id=folder.name)


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def ended(jobs: Jobs, job: Job) -> Job:
    until(lambda: jobs.get(job.job_id).finished)
    return jobs.get(job.job_id)


def documents(settings: Settings, kb: str = "kb") -> set[str]:
    store = KeyRAG(settings).library.store(kb)
    try:
        return {row.title for row in store.documents()}
    finally:
        store.close()


def words(count: int) -> list[str]:
    return [f"word{number}" for number in range(count)]


def test_there_is_a_process_while_there_is_work_and_none_after_the_end(
    settings: Settings, jobs: Jobs, process: WorkerProcess
) -> None:
    assert process.pid is None
    assert ended(jobs, submit(jobs, "one")).state == "done"
    pid = process.pid
    assert pid is not None and os.getpriority(os.PRIO_PROCESS, pid) > os.getpriority(os.PRIO_PROCESS, 0)
    assert ended(jobs, submit(jobs, "two")).state == "done"
    assert process.pid == pid
    process.stop()
    assert process.pid is None and not Path(f"/proc/{pid}").exists()
    assert documents(settings) == {"one", "two"}


def test_a_process_that_is_killed_is_replaced_and_nothing_is_lost(
    settings: Settings, jobs: Jobs, process: WorkerProcess
) -> None:
    job = submit(jobs, *words(12))
    until(lambda: jobs.get(job.job_id).documents > 2)
    killed = process.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    assert ended(jobs, job).state == "done"
    assert process.pid != killed and documents(settings) == {*words(12)}


def test_a_process_that_can_not_be_started_is_told_of_and_tried_again(
    jobs: Jobs, process: WorkerProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/nowhere/python")
        job = submit(jobs, "one")
        until(lambda: "can't be started" in caplog.text)
    assert ended(jobs, job).state == "done"


def test_stopping_leaves_the_job_for_the_next_start(settings: Settings, jobs: Jobs, process: WorkerProcess) -> None:
    job = submit(jobs, *words(60))
    until(lambda: jobs.get(job.job_id).documents > 2)
    process.stop()
    left = jobs.get(job.job_id)
    assert (left.state, left.attempts, left.files[-1].attempts) == ("queued", 0, 0)
    again = WorkerProcess(settings, jobs)
    again.start()
    assert ended(jobs, job).state == "done"
    again.stop()
    assert documents(settings) == {*words(60)}


def test_the_process_ends_with_the_one_that_serves(settings: Settings, jobs: Jobs) -> None:
    serving = (
        "import sys, time\n"
        "from ingest.config import load_settings\n"
        "from rag.api.jobs import Jobs\n"
        "from rag.api.worker_process import WorkerProcess\n"
        "settings = load_settings(None, {'data': sys.argv[1], 'chat': {'backend': 'none'}})\n"
        "process = WorkerProcess(settings, Jobs(settings.data / 'uploads'))\n"
        "process.start()\n"
        "while True:\n"
        "    print(process.pid or '', flush=True)\n"
        "    time.sleep(0.1)\n"
    )
    job = submit(jobs, *words(60))
    command = [sys.executable, "-c", serving, str(settings.data)]
    parent = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = next(int(line) for line in parent.stdout if line.strip())
    until(lambda: jobs.get(job.job_id).documents > 2)
    parent.kill()
    until(lambda: not Path(f"/proc/{pid}").exists())
    parent.wait()
    parent.stdout.close()
    assert jobs.get(job.job_id).state == "queued"


def test_the_settings_in_force_count_whatever_the_environment_says(
    jobs: Jobs, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYRAG__EMBEDDING__MODEL", "no-such-model")
    assert load_settings().embedding.model == "no-such-model"
    process = WorkerProcess(settings, jobs)
    process.start()
    assert ended(jobs, submit(jobs, "one")).state == "done"
    process.stop()


def test_a_knowledge_base_that_was_deleted_and_made_anew_is_written_to(settings: Settings, e5: Path) -> None:
    with TestClient(create_app(KeyRAG(settings), jobs_apart=True)) as client:
        for word in ("one", "two"):
            assert upload(client, "kb", {f"{word}.md": f"# {word}\n\n{word} is a word.\n"})["state"] == "done"
            hits = client.post("/api/kbs/kb/search", json={"query": "is a word"}).json()["hits"]
            assert {hit["document"] for hit in hits} == {word}
            assert client.delete("/api/kbs/kb").status_code == 204
            assert client.post("/api/kbs", json={"name": "kb"}).status_code == 201


def test_a_knowledge_base_may_be_deleted_while_it_is_written_to(settings: Settings, e5: Path) -> None:
    service = KeyRAG(settings)
    with TestClient(create_app(service, jobs_apart=True)) as client:
        files = [("files", (f"{word}.md", f"# {word}\n\n{word} it is.\n".encode())) for word in words(80)]
        job_id = client.post("/api/kbs/kb/documents", files=files).json()["job_id"]
        until(lambda: client.get(f"/api/jobs/{job_id}").json()["documents"] > 3)
        assert client.delete("/api/kbs/kb").status_code == 204
        assert upload(client, "other", {"later.md": "# later\n\nlater it is.\n"})["state"] == "done"
        assert service.library.names() == ["other"]
