"""Jobs over HTTP: list, show, follow, cancel, try again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from anyio import sleep, to_thread
from fastapi import APIRouter, Query
from sse_starlette.sse import EventSourceResponse

from rag.api.access import Caller, Editor, Queue, allow
from rag.api.job import Job, State
from rag.api.jobs import Jobs

router = APIRouter(prefix="/api/jobs", tags=["jobs"])
# How often a job that is followed is looked at.
_LOOK_SECONDS = 0.25


def _mine(jobs: Jobs, caller: Caller, job_id: str) -> Job:
    job = jobs.get(job_id)
    allow(caller, job.kb)
    return job


@router.get("")
def list_jobs(
    jobs: Queue,
    caller: Editor,
    kb: str | None = None,
    state: State | None = None,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """List jobs, newest first."""
    total, page = jobs.page(_kbs(caller, kb), state, offset, limit)
    return {"total": total, "jobs": [job.json() for job in page]}


@router.get("/failures")
def list_failures(
    jobs: Queue,
    caller: Editor,
    kb: str | None = None,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """List the files that can't be read or were given up, with their reasons, newest first."""
    total, failures = jobs.failures(_kbs(caller, kb), offset, limit)
    return {"total": total, "failures": failures}


def _kbs(caller: Caller, kb: str | None) -> frozenset[str] | None:
    if kb is None:
        return caller.kbs
    allow(caller, kb)
    return frozenset({kb})


@router.get("/{job_id}")
def show_job(job_id: str, jobs: Queue, caller: Editor) -> dict[str, Any]:
    return _mine(jobs, caller, job_id).json()


@router.post("/{job_id}/cancel")
def cancel_job(job_id: str, jobs: Queue, caller: Editor) -> dict[str, Any]:
    """Cancel a job that is not finished; documents that are in stay in."""
    _mine(jobs, caller, job_id)
    return jobs.cancel(job_id).json()


@router.post("/{job_id}/retry", status_code=202)
def retry_job(job_id: str, jobs: Queue, caller: Editor) -> dict[str, Any]:
    """Queue a finished job again for the files that are not in."""
    _mine(jobs, caller, job_id)
    return jobs.retry(job_id).json()


@router.get("/{job_id}/events", response_class=EventSourceResponse)
def job_events(job_id: str, jobs: Queue, caller: Editor) -> EventSourceResponse:
    """Follow a job as server-sent events, named after its state, until it is finished."""
    _mine(jobs, caller, job_id)

    async def events() -> AsyncIterator[dict[str, str]]:
        seen = None
        while True:
            job = await to_thread.run_sync(jobs.get, job_id)
            if job != seen:
                seen = job
                yield {"event": job.state, "data": json.dumps(job.json(), ensure_ascii=False)}
            if job.finished:
                return
            await sleep(_LOOK_SECONDS)

    return EventSourceResponse(events(), headers={"Cache-Control": "no-store"})
