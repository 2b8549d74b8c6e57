"""The FastAPI application: routes put together, errors in one shape, keys checked, lifetimes."""

from __future__ import annotations

import contextlib
import ipaddress
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from ingest.errors import KeyRAGError, ModelError, NotFoundError
from rag import __version__
from rag.api import documents, metrics, native, openai
from rag.api.jobs import Jobs
from rag.api.keys import ApiKeys
from rag.service import KeyRAG

_OPEN_PATHS = frozenset({"/", "/healthz", "/readyz"})
_WEB = Path(__file__).resolve().parent.parent / "web"
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob:",
}


def create_app(service: KeyRAG) -> FastAPI:
    """Build the application around a service."""
    jobs = Jobs(service)
    keys = ApiKeys(service.settings.data / "keys.json")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        jobs.start()
        yield
        jobs.stop()
        service.close()

    # The usual page of documentation loads its scripts from an outside host; /openapi.json has it all.
    app = FastAPI(title="KeyRAG", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.service = service
    app.state.jobs = jobs
    app.include_router(native.router)
    app.include_router(documents.router)
    app.include_router(openai.router)
    _add_errors(app)

    @app.middleware("http")
    async def guard(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        began = time.perf_counter()
        open_to_all = request.url.path in _OPEN_PATHS or request.url.path.startswith("/web/")
        if not open_to_all and keys.rows() and not _allowed(keys, request):
            response: Response = _error(401, "an API key is needed: send 'Authorization: Bearer KEY'")
        else:
            response = await proceed(request)
        for name, value in _SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        metrics.count(request, response.status_code, time.perf_counter() - began)
        return response

    @app.get("/healthz", include_in_schema=False)
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", include_in_schema=False)
    def readyz() -> JSONResponse:
        """Ready when the models are loaded; asking loads them."""
        try:
            chat = service.chat
            _ = service.embeddings
        except KeyRAGError as error:
            return JSONResponse({"status": "not ready", "reason": str(error)}, 503)
        return JSONResponse({"status": "ready", "chat": chat.name if chat else None})

    @app.get("/metrics", include_in_schema=False)
    def metrics_text() -> PlainTextResponse:
        metrics.JOBS_WAITING.set(jobs.waiting())
        return PlainTextResponse(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)

    app.mount("/web", StaticFiles(directory=_WEB), name="web")

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(_WEB / "index.html")

    return app


def _allowed(keys: ApiKeys, request: Request) -> bool:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and keys.name_of(key.strip()) is not None


def _error(status: int, message: str) -> JSONResponse:
    """Give an error in OpenAI's shape, which the native API shares."""
    kind = {401: "authentication_error", 404: "not_found_error"}.get(status, "invalid_request_error")
    kind = "server_error" if status >= 500 else kind
    content = {"error": {"message": message, "type": kind, "param": None, "code": None}}
    return JSONResponse(content, status)


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(NotFoundError)
    def not_found(request: Request, error: NotFoundError) -> JSONResponse:
        return _error(404, str(error))

    @app.exception_handler(ModelError)
    def model_fails(request: Request, error: ModelError) -> JSONResponse:
        return _error(502, str(error))

    @app.exception_handler(KeyRAGError)
    def mendable(request: Request, error: KeyRAGError) -> JSONResponse:
        return _error(400, str(error))

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        return _error(error.status_code, str(error.detail))

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        return _error(422, f"{where or 'the request'}: {first['msg']}")


def run(service: KeyRAG, announce: Callable[[str], None]) -> None:
    """Serve until interrupted.

    :param announce: called with the address once the port is open.
    :raises KeyRAGError: if the address is open to the network and there are no keys, or it can't be bound.
    """
    server = service.settings.server
    if not _is_loopback(server.host) and not ApiKeys(service.settings.data / "keys.json").rows():
        raise KeyRAGError(
            f"{server.host} is open to the network: create a key with `keyrag keys create NAME` first, "
            "or listen on 127.0.0.1"
        )
    config = uvicorn.Config(create_app(service), host=server.host, port=server.port, log_level="warning")
    try:
        listening = config.bind_socket()
    except SystemExit as error:
        raise KeyRAGError(
            f"port {server.port} of {server.host} is taken or not allowed: choose another --port"
        ) from error
    listening.listen(config.backlog)
    host, port = listening.getsockname()[:2]
    announce(f"http://{host}:{port}")
    threading.Thread(target=_load_models, args=(service,), name="keyrag-models", daemon=True).start()
    uvicorn.Server(config).run(sockets=[listening])


def _load_models(service: KeyRAG) -> None:
    """Load the models while the port is open already; /readyz and every request tell what is wrong with them."""
    with contextlib.suppress(KeyRAGError):
        _ = service.embeddings, service.chat


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
