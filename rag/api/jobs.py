"""Uploads are jobs: kept on disk until they are done, so that a restart goes on where it was."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ingest.errors import BusyError, KeyRAGError
from ingest.pipeline import Progress, SourceFile
from rag.service import KeyRAG
from rag.wire import report_json

State = Literal["queued", "running", "done", "failed"]

_log = logging.getLogger(__name__)
# Wait before a knowledge base that another process writes to is tried again.
_BUSY_SECONDS = 2
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS jobs (number INTEGER PRIMARY KEY, job_id TEXT UNIQUE NOT NULL, job TEXT NOT NULL, "
    "state TEXT NOT NULL)"
)


@dataclass(frozen=True, slots=True)
class Job:
    """An upload on its way into a knowledge base; ``report`` is there when it is done."""

    job_id: str
    kb: str
    files: tuple[str, ...]
    state: State = "queued"
    documents: int = 0
    keys: int = 0
    error: str = ""
    report: dict[str, Any] | None = None

    @property
    def finished(self) -> bool:
        return self.state in ("done", "failed")

    def json(self) -> dict[str, Any]:
        fields = asdict(self)
        return {"id": fields.pop("job_id"), **fields, "files": list(self.files), "total": len(self.files)}


class Jobs:
    """One queue, one worker: a knowledge base has one writer, and embedding takes all cores anyway.

    A job whose state is not finished when the process starts is queued again.
    """

    def __init__(self, service: KeyRAG) -> None:
        self._service = service
        self._folder = service.settings.data / "uploads"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._changed = threading.Condition()
        self._stopping = False
        self._db = sqlite3.connect(self._folder / "jobs.sqlite", check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute(_SCHEMA)
        self._db.execute("UPDATE jobs SET state = 'queued' WHERE state = 'running'")
        self._worker = threading.Thread(target=self._work, name="keyrag-jobs", daemon=True)

    def start(self) -> None:
        self._worker.start()

    def stop(self) -> None:
        """Take no further job; one that is running ends or is taken up again at the next start."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._worker.join(timeout=5)

    def staging(self) -> Path:
        """Make a folder to put the files of a new job into."""
        folder = self._folder / uuid.uuid4().hex
        folder.mkdir()
        return folder

    def submit(self, kb: str, folder: Path, names: Sequence[str]) -> Job:
        """Queue the files 0, 1, ... of a staging folder, known by ``names``."""
        job = Job(folder.name, kb, tuple(names))
        with self._changed:
            self._db.execute(
                "INSERT INTO jobs (job_id, job, state) VALUES (?, ?, ?)", (job.job_id, _dumped(job), job.state)
            )
            self._changed.notify_all()
        return job

    def get(self, job_id: str) -> Job | None:
        with self._changed:
            row = self._db.execute("SELECT job, state FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
        return _loaded(*row) if row else None

    def waiting(self) -> int:
        """Count the jobs that are not finished."""
        with self._changed:
            row = self._db.execute("SELECT COUNT(*) FROM jobs WHERE state IN ('queued', 'running')").fetchone()
        return int(row[0])

    def follow(self, job_id: str, seconds: float = 15) -> Iterator[Job | None]:
        """Give a job whenever it has changed, until it is finished; None after every ``seconds`` without news."""
        seen = None
        while not self._stopping:
            job = self.get(job_id)
            if job is None:
                return
            if job != seen:
                seen = job
                yield job
                if job.finished:
                    return
                continue
            with self._changed:
                if not self._changed.wait(seconds):
                    yield None

    def _save(self, job: Job) -> None:
        with self._changed:
            self._db.execute(
                "UPDATE jobs SET job = ?, state = ? WHERE job_id = ?", (_dumped(job), job.state, job.job_id)
            )
            self._changed.notify_all()

    def _next(self) -> Job | None:
        with self._changed:
            while not self._stopping:
                row = self._db.execute(
                    "SELECT job, state FROM jobs WHERE state = 'queued' ORDER BY number LIMIT 1"
                ).fetchone()
                if row:
                    return _loaded(*row)
                self._changed.wait()
        return None

    def _work(self) -> None:
        while (job := self._next()) is not None:
            self._run(job)

    def _run(self, job: Job) -> None:
        self._save(replace(job, state="running"))
        folder = self._folder / job.job_id
        latest = replace(job, state="running")

        def progress(step: Progress) -> None:
            nonlocal latest
            latest = replace(latest, documents=step.documents, keys=step.keys)
            self._save(latest)

        try:
            files = [
                SourceFile(folder / f"{number}{Path(name).suffix.lower()}", name)
                for number, name in enumerate(job.files)
            ]
            report = self._service.ingest(job.kb, files, progress)
            self._keep_originals(job, folder)
            failed = report.count("failed") == len(report.files)
            error = report.files[0].reason if failed and report.files else ""
            state: State = "failed" if failed else "done"
            finished = replace(latest, state=state, report=report_json(report), error=error)
        except BusyError:  # the files stay staged and their turn comes again
            self._save(job)
            with self._changed:
                self._changed.wait(_BUSY_SECONDS)
            return
        except (KeyRAGError, OSError) as error:
            finished = replace(latest, state="failed", error=str(error))
        except Exception as error:  # noqa: BLE001 (one broken job must not end the worker)
            _log.exception("job %s failed", job.job_id)
            finished = replace(latest, state="failed", error=f"unexpected {type(error).__name__}: {error}")
        shutil.rmtree(folder, ignore_errors=True)
        self._save(finished)

    def _keep_originals(self, job: Job, folder: Path) -> None:
        """Keep uploaded files beside the index: pages are shown from them."""
        kb = self._service.kb(job.kb)
        for number, name in enumerate(job.files):
            staged = folder / f"{number}{Path(name).suffix.lower()}"
            if staged.exists():
                kb.keep_original(name, staged)


def _dumped(job: Job) -> str:
    return json.dumps(asdict(job), ensure_ascii=False)


def _loaded(text: str, state: State) -> Job:
    fields = json.loads(text)
    return Job(**{**fields, "files": tuple(fields["files"]), "state": state})
