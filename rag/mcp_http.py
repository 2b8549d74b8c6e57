"""The MCP server over streamable HTTP, behind the API keys of the HTTP service."""

from __future__ import annotations

from collections.abc import Callable

import uvicorn
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.errors import KeyRAGError
from rag.api.errors import error_response
from rag.api.guard import Guard, is_loopback
from rag.api.keys import ApiKeys
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
    """Serve until interrupted.

    :param announce: called with the address once the port is open.
    :raises KeyRAGError: if the address is open to the network and there are no keys, or it can't be bound.
    """
    server = service.settings.server
    keys = ApiKeys(service.settings.data / "keys.json")
    if not is_loopback(server.host) and not server.allow_unauthenticated and not keys.rows():
        raise KeyRAGError(
            f"{server.host} is open to the network: create a key with `keyrag keys create NAME` first, "
            "or listen on 127.0.0.1"
        )
    config = uvicorn.Config(mcp_app(service), host=server.host, port=server.port, log_level="warning")
    try:
        listening = config.bind_socket()
    except SystemExit as error:
        raise KeyRAGError(
            f"port {server.port} of {server.host} is taken or not allowed: choose another --port"
        ) from error
    listening.listen(config.backlog)
    host, port = listening.getsockname()[:2]
    announce(f"http://{host}:{port}{PATH}")
    uvicorn.Server(config).run(sockets=[listening])
