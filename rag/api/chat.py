"""Chat over HTTP as server-sent events, with sessions that the service keeps, and feedback."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sse_starlette.sse import EventSourceResponse

from ingest.errors import KeyRAGError
from ingest.index.library import kb_names
from rag.answer import Answer, Event, Sources, Token
from rag.api.access import Caller, Editor, Reader, Service, TheAnswers
from rag.api.answers import resumed, unless_gone
from rag.api.filter import Filter, scope_of
from rag.api.metrics import count_answer
from rag.api.strict import Strict
from rag.feedback import Rating
from rag.history import Turn
from rag.reply import Reply
from rag.service import KeyRAG
from rag.sessions import Session, session_markdown
from rag.wire import answer_json, checks_json, sources_json

router = APIRouter(prefix="/api/kbs/{kb}", tags=["chat"])
SessionName = Annotated[str, Field(min_length=1, max_length=128)]


class TurnBody(Strict):
    question: str
    answer: str


class ChatRequest(Strict):
    question: str
    session: SessionName | None = Field(None, description="Turns are kept under this name.")
    history: list[TurnBody] | None = Field(None, max_length=100, description="Turns, in place of a session.")
    filter: Filter | None = Field(None, description="What is searched for the answer; null searches all.")
    stage: str | None = Field(None, max_length=128, description="Stage of the conversation, for approved phrasings.")


class NewTitle(Strict):
    title: str = Field(min_length=1, max_length=200)


class NewFeedback(Strict):
    question: str = Field(max_length=4000)
    answer: str = Field(max_length=100_000)
    rating: Rating
    comment: str = Field("", max_length=4000)
    session: SessionName | None = None


@router.post("/chat", response_class=EventSourceResponse)
async def chat(
    kb: str, body: ChatRequest, request: Request, service: Service, answers: TheAnswers, caller: Reader
) -> EventSourceResponse:
    """Answer as server-sent events: sources, token..., checks, done; or error."""

    def reply() -> Reply:
        turns = _turns(service, kb, body, caller)
        return service.reply(
            kb,
            body.question,
            turns,
            scope=scope_of(caller, body.filter),
            stage=body.stage,
            session=body.session,
            caller=caller.name,
        )

    events = answers.run(reply)
    first = await unless_gone(request, anext(events))
    written = _sse(first, events, service, kb, body, caller, request)
    return EventSourceResponse(written, headers={"Cache-Control": "no-store"})


def _turns(service: KeyRAG, kb: str, body: ChatRequest, caller: Caller) -> list[Turn]:
    if body.history is not None:
        return [Turn(turn.question, turn.answer) for turn in body.history]
    if body.session is None:
        return []
    return service.sessions.turns(kb, body.session, service.settings.history.reach, caller.id)


async def _sse(
    first: Event | None,
    rest: AsyncIterator[Event],
    service: KeyRAG,
    kb: str,
    body: ChatRequest,
    caller: Caller,
    request: Request,
) -> AsyncIterator[dict[str, str]]:
    try:
        async for event in resumed(first, rest):
            if isinstance(event, Sources):
                yield _event("sources", sources_json(event))
            elif isinstance(event, Token):
                yield _event("token", {"text": event.text})
            elif isinstance(event, Answer):
                whole = answer_json(event)
                count_answer(service, kb, event, request.scope)
                if body.session is not None and body.history is None:
                    turn = Turn(body.question, event.text)
                    service.sessions.add(kb, body.session, turn, whole["citations"], caller.id)
                yield _event("checks", checks_json(event))
                yield _event("done", {**whole, "session": body.session})
    except KeyRAGError as error:
        yield _event("error", {"message": str(error)})


def _event(name: str, data: dict[str, Any]) -> dict[str, str]:
    return {"event": name, "data": json.dumps(data, ensure_ascii=False)}


@router.get("/sessions")
def list_sessions(kb: str, service: Service, caller: Reader) -> list[dict[str, Any]]:
    """List the caller's own conversations, the one used last first."""
    for name in kb_names(kb):
        service.library.path(name)
    return [session_json(session) for session in service.sessions.of(kb, caller.id)]


def session_json(session: Session) -> dict[str, Any]:
    return asdict(session)


@router.get("/sessions/{session}")
def show_session(kb: str, session: str, service: Service, caller: Reader) -> dict[str, Any]:
    found, turns = service.sessions.get(kb, session, caller.id)
    return {**session_json(found), "history": [asdict(turn) for turn in turns]}


@router.patch("/sessions/{session}")
def rename_session(kb: str, session: str, body: NewTitle, service: Service, caller: Reader) -> dict[str, Any]:
    service.sessions.rename(kb, session, body.title, caller.id)
    return session_json(service.sessions.get(kb, session, caller.id)[0])


@router.delete("/sessions/{session}", status_code=204)
def delete_session(kb: str, session: str, service: Service, caller: Reader) -> None:
    service.sessions.delete(kb, session, caller.id)


@router.get("/sessions/{session}/export", response_class=Response)
def export_session(
    kb: str, session: str, service: Service, caller: Reader, format: Literal["markdown", "json"] = "markdown"
) -> Response:
    """Give a conversation as a file to keep."""
    found, turns = service.sessions.get(kb, session, caller.id)
    if format == "json":
        headers = {"Content-Disposition": 'attachment; filename="conversation.json"'}
        return JSONResponse({**session_json(found), "history": [asdict(turn) for turn in turns]}, headers=headers)
    headers = {"Content-Disposition": 'attachment; filename="conversation.md"'}
    return Response(session_markdown(found, turns), media_type="text/markdown; charset=utf-8", headers=headers)


@router.post("/feedback", status_code=201)
def give_feedback(kb: str, body: NewFeedback, service: Service, caller: Reader) -> dict[str, str]:
    service.searched(kb)
    service.feedback.add(kb, body.question, body.answer, body.rating, body.comment, body.session, caller.id)
    return {"status": "kept"}


@router.get("/feedback")
def list_feedback(
    kb: str,
    service: Service,
    caller: Editor,
    rating: Rating | None = None,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """List what people thought of answers, newest first."""
    service.searched(kb)
    total, page = service.feedback.page(kb, rating, offset, limit)
    return {"total": total, "feedback": [asdict(judgement) for judgement in page]}
