"""The FastAPI application: routes put together, and lifetimes."""

from __future__ import annotations

import contextlib
import gc
import logging
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.middleware.cors import CORSMiddleware
from starlette.staticfiles import StaticFiles

from ingest.errors import KeyRAGError
from rag import __version__
from rag.api import chat, documents, info, job_routes, key_routes, knowledge_bases, openai
from rag.api.answers import Answers
from rag.api.errors import add_errors
from rag.api.guard import Guard
from rag.api.jobs import Jobs
from rag.api.keys import ApiKeys
from rag.api.port import serve
from rag.api.telemetry import Telemetry
from rag.api.worker import Worker
from rag.api.worker_process import WorkerProcess
from rag.service import KeyRAG

_WEB = Path(__file__).resolve().parent.parent / "web"


def create_app(service: KeyRAG, *, jobs_apart: bool = False) -> FastAPI:
    """Build the application around a service.

    :param jobs_apart: work on jobs in a process of its own, not in a thread of this one.
    """
    settings = service.settings.server
    jobs = Jobs(service.settings.data / "uploads")
    worker = WorkerProcess(service.settings, jobs) if jobs_apart else Worker(service, jobs)
    answers = Answers(service.settings)
    telemetry = Telemetry(settings.telemetry) if settings.telemetry else None

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        worker.start()
        yield
        answers.close()
        await service.disconnect()
        worker.stop()
        service.close()
        if telemetry:
            telemetry.close()

    # The usual page of documentation loads its scripts from an outside host; /openapi.json has it all.
    app = FastAPI(title="KeyRAG", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    keys = ApiKeys(service.settings.data / "keys.json")
    app.state.service, app.state.jobs, app.state.answers, app.state.keys = service, jobs, answers, keys
    for part in (info, knowledge_bases, documents, chat, job_routes, key_routes, openai):
        app.include_router(part.router)
    add_errors(app)
    app.mount("/web", StaticFiles(directory=_WEB), name="web")

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(_WEB / "index.html")

    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
            expose_headers=["X-Request-ID", "Retry-After", "Location"],
        )
    app.add_middleware(Guard, settings=settings, keys=keys, telemetry=telemetry)
    return app


def run(service: KeyRAG, announce: Callable[[str], None]) -> None:
    """Serve until interrupted; see :func:`rag.api.port.serve`."""

    def opened(address: str) -> None:
        announce(address)
        threading.Thread(target=_load_models, args=(service,), name="keyrag-models", daemon=True).start()

    _log_requests()
    serve(create_app(service, jobs_apart=True), service, opened)


def _log_requests() -> None:
    """Write a line of JSON for each request to standard error."""
    log = logging.getLogger("keyrag.access")
    if not log.handlers:
        log.addHandler(logging.StreamHandler(sys.stderr))
    log.setLevel(logging.INFO)
    log.propagate = False


def _load_models(service: KeyRAG) -> None:
    """Load the models while the port is open already; /readyz and every request tell what is wrong with them."""
    with contextlib.suppress(KeyRAGError):
        service.warm_up()
    gc.collect()
    gc.freeze()  # what is there now stays: looking through it again and again for garbage stopped every answer
