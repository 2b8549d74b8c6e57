"""``keyrag mcp``."""

from __future__ import annotations

from typing import Annotated

import typer

from ingest.errors import KeyRAGError
from rag.cli.app import app, err, settings
from rag.service import KeyRAG


@app.command()
def mcp(
    http: Annotated[bool, typer.Option("--http", help="Listen on HTTP in place of stdin and stdout.")] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", metavar="H")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", metavar="P", min=0, max=65535)] = None,
) -> None:
    """Serve search, ask and list as tools for MCP clients.

    A client starts `keyrag mcp` by itself and talks to it through stdin and stdout; with --http it is reached at
    http://H:P/mcp, with an API key once there is one.

    Example: `keyrag mcp --http --port 8001`
    """
    try:
        from rag.mcp import mcp_server
        from rag.mcp_http import serve_http
    except ModuleNotFoundError as error:
        raise KeyRAGError(f"{error.name} is missing: install it with pip install 'keyrag[mcp]'") from error
    chosen = settings()
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    if changes and not http:
        raise typer.BadParameter("--host and --port go with --http")
    chosen = chosen.model_copy(update={"server": chosen.server.model_copy(update=changes)})
    service = KeyRAG(chosen)
    if http:
        serve_http(service, announce=lambda address: err.print(f"KeyRAG's MCP server listens on {address}"))
    else:
        mcp_server(service).run("stdio")
