"""The port that an application is served at: opened only where that is safe, told once it is open."""

from __future__ import annotations

from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from ingest.errors import KeyRAGError
from rag.api.guard import is_loopback
from rag.api.keys import ApiKeys
from rag.service import KeyRAG


def serve(app: ASGIApp, service: KeyRAG, announce: Callable[[str], None]) -> None:
    """Serve until interrupted, at the address that the settings name.

    :param announce: called with the address once the port is open.
    :raises KeyRAGError: if the address is open to the network and there are no keys, or it can't be bound.
    """
    server = service.settings.server
    keys = ApiKeys(service.settings.data / "keys.json")
    if not is_loopback(server.host) and not server.allow_unauthenticated and not keys.rows():
        raise KeyRAGError(
            f"{server.host} is open to the network: create a key with `keyrag keys create NAME` first, "
            "listen on 127.0.0.1, or let everybody in with --insecure (server.allow_unauthenticated)"
        )
    config = uvicorn.Config(app, host=server.host, port=server.port, log_level="warning", access_log=False)
    try:
        listening = config.bind_socket()
    except SystemExit as error:
        raise KeyRAGError(
            f"port {server.port} of {server.host} is taken or not allowed: choose another --port"
        ) from error
    listening.listen(config.backlog)
    host, port = listening.getsockname()[:2]
    announce(f"http://{host}:{port}")
    uvicorn.Server(config).run(sockets=[listening])
