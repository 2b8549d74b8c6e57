"""The process that works on jobs, started by :mod:`rag.api.worker_process`.

Its standard input gives the settings as one line of JSON, then a line whenever a job was submitted; where it ends, the
process that serves has ended, and so does this one. It also ends when there has been no work for a while.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from ingest.settings import Settings
from rag.api.jobs import Jobs
from rag.api.worker import Worker
from rag.service import KeyRAG

# The embedding model stays loaded for so long after the last job.
_LINGER_SECONDS = 300.0
# A worker that is told to stop leaves its job at the next step; one that hangs is not waited for.
_STOP_SECONDS = 8.0


def main() -> None:
    """Work on the jobs of the data folder that the settings name."""
    os.dup2(2, 1)  # what a library prints belongs into the log of the service
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    settings = Settings.model_validate_json(sys.stdin.readline())
    jobs = Jobs(settings.data / "uploads")
    service = KeyRAG(settings)
    worker = Worker(service, jobs)
    threading.Thread(target=_listen, args=(worker, jobs), name="keyrag-listen", daemon=True).start()
    worker.run(_LINGER_SECONDS)
    service.close()
    jobs.close()


def _listen(worker: Worker, jobs: Jobs) -> None:
    for _ in sys.stdin:
        jobs.wake()
    worker.stop()
    threading.Event().wait(_STOP_SECONDS)
    os._exit(1)
