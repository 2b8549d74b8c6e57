"""What the service tells of itself: health, figures, settings in force, usage, and who the caller is."""

from __future__ import annotations

import asyncio
import re
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from ingest.errors import KeyRAGError
from rag import __version__
from rag.api import metrics
from rag.api.access import Admin, Caller, Queue, Reader, Service, TheAnswers
from rag.service import KeyRAG

router = APIRouter(tags=["service"])
# A probe is told that models are still loading after so many seconds.
_READY_SECONDS = 5
_PASSWORD = re.compile(r"(?<=://)[^/@\s]+@")


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "not ready"}})
async def readyz(request: Request) -> JSONResponse:
    """Ready when the models are loaded and the indexes open; asking loads them."""
    state = request.app.state
    loading: asyncio.Future[dict[str, Any]] | None = getattr(state, "loading", None)
    if loading is None or loading.done():
        loading = state.loading = asyncio.get_running_loop().run_in_executor(None, _loaded, state.service)
    done, _ = await asyncio.wait({loading}, timeout=_READY_SECONDS)
    found = loading.result() if done else {"status": "not ready", "reason": "the models are still loading"}
    return JSONResponse(found, 200 if found["status"] == "ready" else 503)


def _loaded(service: KeyRAG) -> dict[str, Any]:
    try:
        chat = service.chat
        _ = service.embeddings
    except KeyRAGError as error:
        return {"status": "not ready", "reason": str(error)}
    shut = {}
    for name in service.library.names():
        try:
            service.kb(name).view()
        except KeyRAGError as error:
            shut[name] = str(error)
    return {"status": "ready", "chat": chat.name if chat else None, **({"shut": shut} if shut else {})}


@router.get("/metrics", response_class=PlainTextResponse)
def metrics_text(jobs: Queue, answers: TheAnswers, caller: Reader) -> PlainTextResponse:
    metrics.JOBS_WAITING.set(jobs.waiting())
    metrics.ANSWERS_WRITING.set(answers.writing)
    metrics.ANSWERS_WAITING.set(answers.taken - answers.writing)
    return PlainTextResponse(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)


@router.get("/api/me")
def me(request: Request) -> dict[str, Any]:
    """Tell whether a key is needed, and what the one that was sent is for."""
    caller: Caller | None = request.scope.get("keyrag.caller")
    if caller is None:
        return {"keys_needed": True, "name": None, "role": None, "kbs": [], "labels": []}
    return {
        "keys_needed": bool(caller.id),
        "name": caller.name or None,
        "role": caller.role,
        "kbs": sorted(caller.kbs) if caller.kbs is not None else None,
        "labels": sorted(caller.labels) if caller.labels is not None else None,
    }


@router.get("/api/settings")
def settings(service: Service, caller: Admin) -> dict[str, Any]:
    """Show the settings in force; secrets are masked."""
    return {"version": __version__, "settings": _masked(service.settings.model_dump(mode="json"))}


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _masked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    return _PASSWORD.sub("***@", value) if isinstance(value, str) else value


@router.get("/api/usage")
def usage(service: Service, caller: Admin, days: Annotated[int, Query(ge=1, le=3650)] = 30) -> list[dict[str, Any]]:
    """Count questions, tokens and documents by day (UTC) and knowledge base, newest first."""
    return [asdict(used) for used in service.usage.since(days)]
