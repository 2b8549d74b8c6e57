"""The worker empties the queue of jobs, one after the other: embedding takes all cores anyway."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.errors import BusyError, KeyRAGError, NotFoundError
from ingest.load import container_of, document_id
from ingest.pipeline import Ingested, IngestReport, Progress, SourceFile
from rag.api.job import Job, JobFile
from rag.api.jobs import Jobs
from rag.service import KeyRAG

_log = logging.getLogger("keyrag.jobs")
# Files read in one go; what became of them is kept after each.
_BATCH = 100
# Wait before a knowledge base that another process writes to is tried again, and before another process's
# end is looked for.
_BUSY_SECONDS = 2.0
# Wait before the second attempt; the third waits four times as long.
_BACKOFF_SECONDS = 5.0
_DAY = 86_400
_NICE = 10
_REASON_CHARS = 2000


class _Interrupted(BaseException):
    """Leaves an ingest from inside its progress callback."""


class Worker:
    """Of several processes on one data folder only one works, the one that holds the lock.

    The operating system drops the lock with its process, so a job is running only while a process is behind it.
    What can't be read is failed at once. Whatever else goes wrong is tried again, each file alone then, so that
    one that ends the process every time is found out and given up without the others.
    """

    def __init__(self, service: KeyRAG, jobs: Jobs, backoff: float = _BACKOFF_SECONDS) -> None:
        self._service = service
        self._jobs = jobs
        self._backoff = backoff
        self._most = service.settings.server.job_attempts
        self._lock = FileLock(jobs.folder / ".worker.lock", thread_local=False)
        self._stopping = False
        self._thread = threading.Thread(target=self.run, name="keyrag-jobs", daemon=True)

    def start(self) -> None:
        """Work in a thread, until :meth:`stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Leave the job that is running for the next start, and end."""
        self._stopping = True
        self._jobs.wake()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def run(self, linger: float = math.inf) -> None:
        """Work in this thread until :meth:`stop`, or until nothing has waited for ``linger`` seconds.

        Time in which another process holds the queue counts as such.
        """
        # Questions come first: embedding runs in threads that inherit this one's priority.
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        began = time.monotonic()
        while not self._stopping:
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                if time.monotonic() - began > linger:
                    return
                self._rest(_BUSY_SECONDS)
                continue
            try:
                self._jobs.release_orphans()
                if self._empty(linger):
                    return
            finally:
                self._lock.release()

    def _empty(self, linger: float) -> bool:
        """Do all jobs; tell whether that was all for ``linger`` seconds."""
        cleaned, worked = 0.0, time.monotonic()
        while not self._stopping:
            if time.time() - cleaned > _DAY:
                self._jobs.forget(self._service.settings.server.keep_jobs_days)
                cleaned = time.time()
            with self._jobs.changed:  # nothing submitted between the claim and the rest goes unheard
                job = self._jobs.claim()
                if job is None:
                    self._jobs.changed.wait(_BUSY_SECONDS / 4)
            if job is not None:
                self._run(job)
            if job is not None or self._jobs.waiting():
                worked = time.monotonic()
            elif time.monotonic() - worked > linger:
                return True
        return False

    def _rest(self, seconds: float) -> None:
        with self._jobs.changed:
            self._jobs.changed.wait(seconds)

    def _run(self, job: Job) -> None:
        problem = ""
        waiting = [file for file in job.files if not file.state]
        fresh = [file for file in waiting if not file.attempts]
        batches = [[file] for file in waiting if file.attempts]
        batches += [fresh[start : start + _BATCH] for start in range(0, len(fresh), _BATCH)]
        try:
            for batch in batches:
                problem = self._attempt(job, batch) or problem
        except _Interrupted:
            if self._stopping:
                self._jobs.release(job.job_id, counted=False)
            else:
                self._jobs.finish(job.job_id, "cancelled")
            return
        except BusyError as error:  # its turn comes again, others go on
            self._jobs.release(job.job_id, _BUSY_SECONDS, str(error), counted=False)
            return
        if any(not file.state for file in self._jobs.get(job.job_id).files):
            self._jobs.release(job.job_id, self._backoff * 4 ** (job.attempts - 1), problem)
        else:
            self._end(job)

    def _attempt(self, job: Job, files: Sequence[JobFile]) -> str:
        """Work on some files; give what went wrong, if it may be tried again."""
        if files[0].attempts >= self._most:  # nobody lived to tell what went wrong the last time
            reason = f"{files[0].name}: given up, the process ended while reading it ({self._most} attempts)"
            self._jobs.settle(job.job_id, replace(files[0], state="dead", reason=reason))
            return reason
        self._jobs.count_attempt(job.job_id, files)
        try:
            self._batch(job, files)
        except (BusyError, _Interrupted):
            self._jobs.count_attempt(job.job_id, files, -1)
            raise
        except Exception as error:  # one broken file holds up neither the others nor the worker
            if self._jobs.cancelling(job.job_id):  # its knowledge base was taken away
                raise _Interrupted from error
            problem = self._told(job, error)
            for file in files:
                if file.attempts + 1 >= self._most:
                    self._jobs.settle(job.job_id, replace(file, state="dead", reason=problem))
            return problem
        return ""

    def _told(self, job: Job, error: Exception) -> str:
        if isinstance(error, KeyRAGError | OSError):
            _log.warning("job %s: %s", job.job_id, error)
            return str(error)
        _log.exception("job %s met an error that nobody foresaw", job.job_id)
        return f"unexpected {type(error).__name__}: {error}"

    def _end(self, job: Job) -> None:
        """Finish a job in the state that follows from its files."""
        files = self._jobs.get(job.job_id).files
        dead = next((file for file in files if file.state == "dead"), None)
        if dead is not None:
            self._jobs.finish(job.job_id, "dead", dead.reason)
        elif files and all(file.state == "failed" for file in files):
            self._jobs.finish(job.job_id, "failed", files[0].reason)
        else:
            self._jobs.finish(job.job_id, "done")

    def _batch(self, job: Job, files: Sequence[JobFile]) -> None:
        """Do the work for some files of a job, and keep what became of them."""
        already = self._jobs.get(job.job_id)
        done, keys = sum(bool(file.state) for file in already.files), already.keys

        def progress(step: Progress) -> None:
            if self._stopping or self._jobs.cancelling(job.job_id):
                raise _Interrupted
            self._jobs.progress(job.job_id, done + step.documents, keys + step.keys, step.current)

        progress(Progress(0, len(files), 0, 0, files[0].name if files else ""))
        if job.kind == "delete":
            self._delete(job, files)
            return
        if job.kind == "reindex":
            report = self._service.reindex(job.kb, [file.path for file in files], progress)
        else:
            before = self._narrowed(job, files)
            sources = [SourceFile(Path(file.path), file.name) for file in files]
            report = self._service.ingest(job.kb, sources, progress)
            self._label(job, report, before)
            if job.kind == "upload":
                self._keep_originals(job, files, report)
        self._settle(job, files, report)

    def _settle(self, job: Job, files: Sequence[JobFile], report: IngestReport) -> None:
        for file in files:
            made = [one for one in report.files if _came_of(one, file)]
            settled = replace(file, state="failed", reason=f"{file.name}: is no longer there: upload it again")
            if made:  # several for an archive: it is in if one of its files is
                shown = next((one for one in made if one.outcome != "failed"), made[0])
                settled = replace(
                    file,
                    state=shown.outcome,
                    doc_id=shown.doc_id,
                    title=shown.title,
                    keys=sum(one.keys for one in made),
                    reason="; ".join(one.reason for one in made if one.reason)[:_REASON_CHARS],
                    warnings=tuple(warning for one in made for warning in one.warnings),
                )
            self._jobs.settle(job.job_id, settled)
        self._service.usage.add(job.kb, documents=report.count("added") + report.count("replaced"))

    def _delete(self, job: Job, files: Sequence[JobFile]) -> None:
        for file in files:
            with contextlib.suppress(NotFoundError):  # gone already
                self._service.delete_document(job.kb, file.path)
            self._jobs.settle(job.job_id, replace(file, state="deleted", doc_id=file.path))

    def _narrowed(self, job: Job, files: Sequence[JobFile]) -> dict[str, frozenset[str]]:
        """Let nobody read a document who may not read both its old and its new version; give the old labels."""
        if job.labels is None:
            return {}
        store = self._service.kb(job.kb, create=True).store
        names = {file.name for file in files}
        inside = [row.doc_id for row in store.documents() if container_of(row.source) in names]
        before = store.labels([*map(document_id, names), *inside])
        for doc_id, labels in before.items():
            store.set_labels(doc_id, labels & set(job.labels))
        return before

    def _label(self, job: Job, report: IngestReport, before: dict[str, frozenset[str]]) -> None:
        if job.labels is None:
            return
        store = self._service.kb(job.kb).store
        for made in report.files:
            doc_id = made.doc_id or document_id(made.source)
            store.set_labels(doc_id, before.get(doc_id, ()) if made.outcome == "failed" else job.labels)

    def _keep_originals(self, job: Job, files: Sequence[JobFile], report: IngestReport) -> None:
        """Keep uploaded files beside the index: pages are shown from them."""
        kb = self._service.kb(job.kb)
        for file in files:
            made = [one for one in report.files if _came_of(one, file)]
            if Path(file.path).exists() and any(one.outcome not in ("failed", "duplicate") for one in made):
                kb.keep_original(file.name, Path(file.path))


def _came_of(made: Ingested, file: JobFile) -> bool:
    """Tell whether a document was made of a job's file, or of a file inside it."""
    return made.doc_id == file.path or file.name in (made.source, container_of(made.source))
