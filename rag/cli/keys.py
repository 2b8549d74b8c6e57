"""``keyrag keys``: API keys of the HTTP service."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.api.keys import ApiKeys
from rag.cli.app import JsonOption, app, out, print_json, settings
from rag.cli.display import table

group = typer.Typer(help="Create, list and revoke API keys of the HTTP service.", no_args_is_help=True)
app.add_typer(group, name="keys")


def _keys() -> ApiKeys:
    return ApiKeys(settings().data / "keys.json")


@group.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for.", metavar="NAME")], as_json: JsonOption = False
) -> None:
    """Create a key. It is shown this once; from now on the service asks every request for one."""
    key = _keys().create(name)
    if as_json:
        print_json({"name": name, "key": key})
    else:
        out.print(key)


@group.command("list")
def list_(as_json: JsonOption = False) -> None:
    """List the keys by name."""
    rows = _keys().rows()
    if as_json:
        print_json([{"name": row.name, "created_at": row.created_at} for row in rows])
        return
    listed = table("name", "created")
    for row in rows:
        listed.add_row(row.name, row.created_at)
    out.print(listed if rows else "There is none: the service answers on loopback without.")


@group.command()
def revoke(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Revoke a key."""
    _keys().revoke(name)
    out.print(f"revoked {name}")
