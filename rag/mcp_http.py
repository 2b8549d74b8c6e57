"""The MCP server over streamable HTTP, behind the API keys of the HTTP service."""

from __future__ import annotations

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.api.errors import error_response
from rag.api.guard import Guard
from rag.api.keys import ApiKeys
from rag.api.port import serve
from rag.mcp import mcp_server
from rag.service import KeyRAG

PATH = "/mcp"
_KEY_NEEDED = HTTPException(
    401, "an API key is needed: send 'Authorization: Bearer KEY'", {"WWW-Authenticate": "Bearer"}
)


def mcp_app(service: KeyRAG) -> ASGIApp:
    """Build the application that answers at ``/mcp``; each request stands alone, there are no sessions to lose."""
    settings = service.settings.server
    app = mcp_server(service).streamable_http_app(streamable_http_path=PATH, stateless_http=True, host=settings.host)

    async def with_caller(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["keyrag.caller"] is None:
            await error_response(_KEY_NEEDED)(scope, receive, send)
        else:
            await app(scope, receive, send)

    return Guard(with_caller, settings, ApiKeys(service.settings.data / "keys.json"), telemetry=None)


def serve_http(service: KeyRAG, announce: Callable[[str], None]) -> None:
    """Serve until interrupted; see :func:`rag.api.port.serve`."""
    serve(mcp_app(service), service, lambda address: announce(address + PATH))
