"""Errors in OpenAI's shape, on all paths."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ingest.errors import BusyError, ClusterError, KeyRAGError, ModelError, NotFoundError
from rag.api.answers import LateError

_KINDS = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
_CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded"}


def error_response(error: HTTPException, param: str | None = None, code: str | None = None) -> JSONResponse:
    status = error.status_code
    content: dict[str, Any] = {
        "message": str(error.detail),
        "type": _KINDS.get(status, "server_error" if status >= 500 else "invalid_request_error"),
        "param": param,
        "code": code or _CODES.get(status),
    }
    return JSONResponse({"error": content}, status, dict(error.headers or {}))


def add_errors(app: FastAPI) -> None:
    """Make the application tell everything that goes wrong in that shape."""

    @app.exception_handler(NotFoundError)
    def not_found(request: Request, error: NotFoundError) -> JSONResponse:
        if request.url.path.startswith("/v1/"):
            return error_response(HTTPException(404, str(error)), "model", "model_not_found")
        return error_response(HTTPException(404, str(error)))

    @app.exception_handler(BusyError)
    def busy(request: Request, error: BusyError) -> JSONResponse:
        return error_response(HTTPException(409, str(error), {"Retry-After": "5"}))

    @app.exception_handler(ClusterError)
    @app.exception_handler(ModelError)
    def backend_fails(request: Request, error: KeyRAGError) -> JSONResponse:
        return error_response(HTTPException(502, str(error)))

    @app.exception_handler(LateError)
    def late(request: Request, error: LateError) -> JSONResponse:
        return error_response(HTTPException(504, str(error)))

    @app.exception_handler(KeyRAGError)
    def mendable(request: Request, error: KeyRAGError) -> JSONResponse:
        return error_response(HTTPException(400, str(error)))

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        return error_response(error)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        status = 400 if request.url.path.startswith("/v1/") else 422
        return error_response(HTTPException(status, f"{where or 'the request'}: {first['msg']}"), where or None)

    @app.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> JSONResponse:
        # Starlette logs the traceback; what it holds is nobody's business outside.
        return error_response(HTTPException(500, "something went wrong that nobody foresaw: see the service's log"))
