"""``keyrag serve``."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.app import app, err, settings
from rag.service import KeyRAG


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", metavar="H")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", metavar="P", min=0, max=65535)] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Listen on an open address without any key: everybody is let in.")
    ] = False,
) -> None:
    """Serve the web page, the native API and the OpenAI-compatible API.

    Example: `keyrag serve --port 8000`
    """
    from rag.api.server import run

    chosen = settings()
    given = {"host": host, "port": port, "allow_unauthenticated": insecure or None}
    changes = {name: value for name, value in given.items() if value is not None}
    chosen = chosen.model_copy(update={"server": chosen.server.model_copy(update=changes)})
    run(KeyRAG(chosen), announce=lambda address: err.print(f"KeyRAG listens on {address} (Ctrl-C ends)"))
