"""The native API: knowledge bases, search, chat, jobs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette.sse import EventSourceResponse

from ingest.errors import KeyRAGError
from rag.answer import Answer, Event, Sources, Token
from rag.api.jobs import Jobs
from rag.api.metrics import count_answer
from rag.history import Turn
from rag.service import KeyRAG
from rag.wire import answer_json, checks_json, found_json, sources_json

router = APIRouter(prefix="/api")


def the_service(request: Request) -> KeyRAG:
    service: KeyRAG = request.app.state.service
    return service


def the_jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    return jobs


Service = Annotated[KeyRAG, Depends(the_service)]
Queue = Annotated[Jobs, Depends(the_jobs)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewKb(Strict):
    name: str = Field(max_length=64)


class SearchRequest(Strict):
    query: str
    k: int = Field(10, ge=1, le=1000)
    budget: int | None = Field(None, ge=1, description="Characters of packed text; null takes all hits.")


class TurnBody(Strict):
    question: str
    answer: str


class ChatRequest(Strict):
    question: str
    session: str | None = Field(None, max_length=128, description="Turns are kept under this name.")
    history: list[TurnBody] | None = Field(None, max_length=100, description="Turns, in place of a session.")


@router.get("/kbs")
def list_kbs(service: Service) -> list[dict[str, Any]]:
    listed = []
    for name in service.library.names():
        store = service.library.store(name)
        listed.append({"name": name, **store.counts()})
        store.close()
    return listed


@router.post("/kbs", status_code=201)
def create_kb(body: NewKb, service: Service) -> dict[str, Any]:
    if body.name in service.library.names():
        raise HTTPException(409, f"there is a knowledge base {body.name!r} already")
    return service.kb(body.name, create=True).stats()


@router.get("/kbs/{kb}")
def kb_stats(kb: str, service: Service) -> dict[str, Any]:
    return service.kb(kb).stats()


@router.delete("/kbs/{kb}", status_code=204)
def delete_kb(kb: str, service: Service) -> None:
    service.delete_kb(kb)


@router.post("/kbs/{kb}/search")
def search(kb: str, body: SearchRequest, service: Service) -> dict[str, Any]:
    return found_json(service.search(kb, body.query, body.k, body.budget))


@router.get("/kbs/{kb}/search")
def search_by_url(
    kb: str,
    query: str,
    service: Service,
    k: Annotated[int, Query(ge=1, le=1000)] = 10,
    budget: Annotated[int | None, Query(ge=1)] = None,
) -> dict[str, Any]:
    return found_json(service.search(kb, query, k, budget))


@router.post("/kbs/{kb}/chat")
def chat(kb: str, body: ChatRequest, service: Service) -> EventSourceResponse:
    """Answer as server-sent events: sources, token..., checks, done; or error."""
    if body.history is not None:
        turns = [Turn(turn.question, turn.answer) for turn in body.history]
    elif body.session:
        turns = service.sessions.turns(kb, body.session, service.settings.history.turns)
    else:
        turns = []
    events = service.answer(kb, body.question, turns)
    return EventSourceResponse(_sse(events, service, kb, body), headers={"Cache-Control": "no-store"})


def _sse(events: Iterator[Event], service: KeyRAG, kb: str, body: ChatRequest) -> Iterator[dict[str, str]]:
    try:
        for event in events:
            if isinstance(event, Sources):
                yield _event("sources", sources_json(event))
            elif isinstance(event, Token):
                yield _event("token", {"text": event.text})
            elif isinstance(event, Answer):
                count_answer(event)
                if body.session and body.history is None:
                    service.sessions.add(kb, body.session, Turn(body.question, event.text))
                yield _event("checks", checks_json(event))
                yield _event("done", answer_json(event))
    except KeyRAGError as error:
        yield _event("error", {"message": str(error)})


def _event(name: str, data: dict[str, Any]) -> dict[str, str]:
    return {"event": name, "data": json.dumps(data, ensure_ascii=False)}


@router.get("/jobs/{job_id}")
def job(job_id: str, jobs: Queue) -> dict[str, Any]:
    found = jobs.get(job_id)
    if found is None:
        raise HTTPException(404, f"there is no job {job_id!r}")
    return found.json()


@router.get("/jobs/{job_id}/events")
def job_events(job_id: str, jobs: Queue) -> EventSourceResponse:
    """Follow a job as server-sent events until it is done or failed."""
    if jobs.get(job_id) is None:
        raise HTTPException(404, f"there is no job {job_id!r}")

    def events() -> Iterator[dict[str, str]]:
        for state in jobs.follow(job_id):
            yield _event(state.state, state.json()) if state else {"comment": "waiting"}

    return EventSourceResponse(events())
