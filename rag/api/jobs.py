"""Long work is a job: kept on disk with its files until it is finished, so that a restart goes on where it was."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingest.errors import KeyRAGError, NotFoundError
from rag.api.job import STATES, Job, JobFile, Kind, State, page_in
from rag.database import Database

_NOT_IN = ("failed", "dead", "cancelled")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
  number INTEGER PRIMARY KEY, job_id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL, kb TEXT NOT NULL, labels TEXT,
  state TEXT NOT NULL DEFAULT 'queued', attempts INTEGER NOT NULL DEFAULT 0, not_before REAL NOT NULL DEFAULT 0,
  cancelling INTEGER NOT NULL DEFAULT 0, documents INTEGER NOT NULL DEFAULT 0, keys INTEGER NOT NULL DEFAULT 0,
  current TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '', created_at TEXT NOT NULL, started_at TEXT,
  finished_at TEXT);
CREATE INDEX IF NOT EXISTS jobs_state ON jobs (state, number);
CREATE TABLE IF NOT EXISTS job_files (
  job_id TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT '', attempts INTEGER NOT NULL DEFAULT 0, doc_id TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL DEFAULT '', keys INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '',
  warnings TEXT NOT NULL DEFAULT '[]', at TEXT, PRIMARY KEY (job_id, position)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS job_files_state ON job_files (state);
"""
NOW = "strftime('%Y-%m-%dT%H:%M:%SZ')"


class Jobs:
    """The queue, on disk; safe to share between threads and processes. A :class:`rag.api.worker.Worker` empties it.

    :param folder: holds ``jobs.sqlite`` and a folder of staged files for each job that needs it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._db = Database(folder / "jobs.sqlite", _SCHEMA)
        self.changed = threading.Condition()

    def close(self) -> None:
        self._db.close()

    def staging(self) -> Path:
        """Make a folder to put the files of a new job into; its name is the job's id."""
        folder = self.folder / uuid.uuid4().hex
        folder.mkdir()
        return folder

    def submit(
        self,
        kind: Kind,
        kb: str,
        files: Sequence[tuple[str, str]],
        labels: Sequence[str] | None = None,
        job_id: str | None = None,
    ) -> Job:
        """Queue a job for files given as (name, path); ``job_id`` is the name of its staging folder, if it has one."""
        job_id = job_id or uuid.uuid4().hex
        with self._db.transaction():
            self._db.write(
                f"INSERT INTO jobs (job_id, kind, kb, labels, created_at) VALUES (?, ?, ?, ?, {NOW})",
                (job_id, kind, kb, None if labels is None else json.dumps(list(labels), ensure_ascii=False)),
            )
            for position, (name, path) in enumerate(files):
                self._db.write(
                    "INSERT INTO job_files (job_id, position, name, path) VALUES (?, ?, ?, ?)",
                    (job_id, position, name, path),
                )
        self.wake()
        return self.get(job_id)

    def get(self, job_id: str) -> Job:
        """Give a job.

        :raises NotFoundError: if there is none of that id.
        """
        row = self._db.row("SELECT * FROM jobs WHERE job_id = ?", (job_id,))
        if row is None:
            raise NotFoundError(f"there is no job {job_id!r}: list them at /api/jobs")
        files = self._db.rows("SELECT * FROM job_files WHERE job_id = ? ORDER BY position", (job_id,))
        return _job(row, files)

    def page(
        self, kbs: frozenset[str] | None, state: State | None = None, offset: int = 0, limit: int = 100
    ) -> tuple[int, list[Job]]:
        """Count the jobs of these knowledge bases (None: all) in a state, and give a page of them, newest first."""
        where, values = _where(kbs, "jobs.state", [state] if state else STATES)
        count = self._db.rows(f"SELECT COUNT(*) FROM jobs WHERE {where}", values)[0][0]
        rows = self._db.rows(
            f"SELECT job_id FROM jobs WHERE {where} ORDER BY number DESC LIMIT ? OFFSET ?", [*values, limit, offset]
        )
        return count, [self.get(row["job_id"]) for row in rows]

    def failures(
        self, kbs: frozenset[str] | None, offset: int = 0, limit: int = 100
    ) -> tuple[int, list[dict[str, Any]]]:
        """Count the files that were given up, and give a page of them with their reasons, newest first."""
        where, values = _where(kbs, "job_files.state", ["failed", "dead"])
        joined = f"FROM job_files JOIN jobs USING (job_id) WHERE {where}"
        count = self._db.rows(f"SELECT COUNT(*) {joined}", values)[0][0]
        rows = self._db.rows(
            f"SELECT job_id, kb, name, job_files.state AS state, reason, job_files.attempts AS attempts, at {joined} "
            "ORDER BY number DESC, position LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )
        return count, [{**dict(row), "page": page_in(row["reason"])} for row in rows]

    def waiting(self) -> int:
        """Count the jobs that are not finished."""
        return int(self._db.rows("SELECT COUNT(*) FROM jobs WHERE state IN ('queued', 'running')")[0][0])

    def cancel(self, job_id: str) -> Job:
        """Cancel a job: at once if it is queued, else as soon as its worker hears of it. What is in stays in.

        :raises KeyRAGError: if it is finished.
        """
        job = self.get(job_id)
        if job.finished:
            raise KeyRAGError(f"job {job_id} is {job.state} already: there is nothing to cancel")
        self._db.write("UPDATE jobs SET cancelling = 1 WHERE job_id = ?", (job_id,))
        if self._db.write("UPDATE jobs SET state = 'running' WHERE job_id = ? AND state = 'queued'", (job_id,)):
            self.finish(job_id, "cancelled")
        return self.get(job_id)

    def cancelling(self, job_id: str) -> bool:
        row = self._db.row("SELECT cancelling FROM jobs WHERE job_id = ?", (job_id,))
        return row is None or bool(row[0])

    def retry(self, job_id: str) -> Job:
        """Queue a finished job again for the files that are not in.

        :raises KeyRAGError: if it is not finished, or all of its files are in.
        """
        job = self.get(job_id)
        if not job.finished:
            raise KeyRAGError(f"job {job_id} is {job.state}: wait until it is finished, or cancel it first")
        with self._db.transaction():
            again = self._db.write(
                "UPDATE job_files SET state = '', attempts = 0, reason = '' WHERE job_id = ? AND state IN (?, ?, ?)",
                (job_id, *_NOT_IN),
            )
            if not again:
                raise KeyRAGError(f"all files of job {job_id} are in: there is nothing to try again")
            self._db.write(
                "UPDATE jobs SET state = 'queued', attempts = 0, cancelling = 0, not_before = 0, error = '', "
                "finished_at = NULL WHERE job_id = ?",
                (job_id,),
            )
        self.wake()
        return self.get(job_id)

    def claim(self) -> Job | None:
        """Take the oldest job whose turn it is, which is running from now on."""
        with self._db.transaction():
            row = self._db.row(
                "SELECT job_id FROM jobs WHERE state = 'queued' AND not_before <= ? ORDER BY number LIMIT 1",
                (time.time(),),
            )
            if row is None:
                return None
            self._db.write(
                f"UPDATE jobs SET state = 'running', attempts = attempts + 1, started_at = COALESCE(started_at, {NOW}) "
                "WHERE job_id = ?",
                (row["job_id"],),
            )
        return self.get(row["job_id"])

    def release(self, job_id: str, seconds: float = 0, error: str = "", *, counted: bool = True) -> None:
        """Queue a running job again, to be claimed no sooner than in ``seconds``; ``counted`` keeps the attempt."""
        self._db.write(
            "UPDATE jobs SET state = 'queued', not_before = ?, error = ?, current = '', attempts = attempts - ? "
            "WHERE job_id = ? AND state = 'running'",
            (time.time() + seconds, error, 0 if counted else 1, job_id),
        )

    def release_orphans(self) -> None:
        """Queue again what is running without a process: to be called by the only worker before its first claim."""
        self._db.write("UPDATE jobs SET state = 'queued', current = '' WHERE state = 'running'")

    def progress(self, job_id: str, documents: int, keys: int, current: str) -> None:
        self._db.write(
            "UPDATE jobs SET documents = ?, keys = ?, current = ? WHERE job_id = ?", (documents, keys, current, job_id)
        )

    def count_attempt(self, job_id: str, files: Sequence[JobFile], by: int = 1) -> None:
        """Count an attempt at files before it is made: a file that ends the process is known by it."""
        with self._db.transaction():
            for file in files:
                self._db.write(
                    "UPDATE job_files SET attempts = attempts + ? WHERE job_id = ? AND position = ?",
                    (by, job_id, file.position),
                )

    def settle(self, job_id: str, file: JobFile) -> None:
        """Keep what became of a file."""
        self._db.write(
            f"UPDATE job_files SET state = ?, doc_id = ?, title = ?, keys = ?, reason = ?, warnings = ?, at = {NOW} "
            "WHERE job_id = ? AND position = ?",
            (
                file.state,
                file.doc_id,
                file.title,
                file.keys,
                file.reason,
                json.dumps(file.warnings, ensure_ascii=False),
                job_id,
                file.position,
            ),
        )

    def finish(self, job_id: str, state: State, error: str = "") -> None:
        """End a job; files that still wait are given up. Staged files that could be tried again are kept."""
        given_up = "cancelled" if state == "cancelled" else "dead"
        with self._db.transaction():
            self._db.write(
                f"UPDATE job_files SET state = ?, reason = ?, at = {NOW} WHERE job_id = ? AND state = ''",
                (given_up, error, job_id),
            )
            self._db.write(
                "UPDATE jobs SET state = ?, error = ?, current = '', cancelling = 0, documents = (SELECT COUNT(*) FROM "
                f"job_files f WHERE f.job_id = jobs.job_id AND f.state NOT IN (?, ?, ?)), finished_at = {NOW} "
                "WHERE job_id = ?",
                (state, error, *_NOT_IN, job_id),
            )
        if not any(file.state in _NOT_IN for file in self.get(job_id).files):
            shutil.rmtree(self.folder / job_id, ignore_errors=True)

    def forget(self, days: float) -> None:
        """Forget jobs that were finished more than ``days`` days ago, with the files that they keep."""
        old = self._db.rows(
            "SELECT job_id FROM jobs WHERE finished_at < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', ?)", (f"{-days:+} days",)
        )
        for row in old:
            self._remove(row["job_id"])

    def forget_kb(self, kb: str) -> None:
        """Cancel and forget the jobs of a knowledge base, which is no more."""
        self._db.write("UPDATE jobs SET cancelling = 1 WHERE kb = ?", (kb,))
        for row in self._db.rows("SELECT job_id FROM jobs WHERE kb = ? AND state != 'running'", (kb,)):
            self._remove(row["job_id"])

    def _remove(self, job_id: str) -> None:
        with self._db.transaction():
            self._db.write("DELETE FROM job_files WHERE job_id = ?", (job_id,))
            self._db.write("DELETE FROM jobs WHERE job_id = ?", (job_id,))
        shutil.rmtree(self.folder / job_id, ignore_errors=True)

    def wake(self) -> None:
        """Tell a worker of this process that there is something to do."""
        with self.changed:
            self.changed.notify_all()


def _where(kbs: frozenset[str] | None, column: str, states: Sequence[str]) -> tuple[str, list[str]]:
    where, values = f"{column} IN ({','.join('?' * len(states))})", list(states)
    if kbs is not None:
        where += f" AND kb IN ({','.join('?' * len(kbs))})"
        values += sorted(kbs)
    return where, values


def _job(row: sqlite3.Row, files: Sequence[sqlite3.Row]) -> Job:
    return Job(
        **{
            **{name: row[name] for name in Job.__slots__ if name not in ("files", "labels", "cancelling")},
            "labels": None if row["labels"] is None else tuple(json.loads(row["labels"])),
            "cancelling": bool(row["cancelling"]),
            "files": tuple(
                JobFile(
                    **{
                        **{name: file[name] for name in JobFile.__slots__},
                        "warnings": tuple(json.loads(file["warnings"])),
                    }
                )
                for file in files
            ),
        }
    )
