"""``keyrag keys``: API keys of the HTTP service."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.api.keys import ApiKeys, Role
from rag.cli.app import JsonOption, app, kb_names, out, print_json, settings
from rag.cli.display import table

group = typer.Typer(help="Create, list and revoke API keys of the HTTP service.", no_args_is_help=True)
app.add_typer(group, name="keys")


def _keys() -> ApiKeys:
    return ApiKeys(settings().data / "keys.json")


@group.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for.", metavar="NAME")],
    role: Annotated[
        Role, typer.Option(help="reader asks; editor adds and removes documents; admin does everything.")
    ] = "admin",
    kb: Annotated[
        list[str] | None,
        typer.Option(
            help="Knowledge base it may use, repeatable; without, all.", metavar="NAME", autocompletion=kb_names
        ),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(help="Label of documents it may read, repeatable; without, all.", metavar="LABEL"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Create a key. It is shown this once; from now on the service asks every request for one.

    Example: `keyrag keys create intranet --role reader --kb handbook --label public`
    """
    key = _keys().create(name, role, kb or (), label or ())
    if as_json:
        print_json({"name": name, "role": role, "kbs": kb or [], "labels": label or [], "key": key})
    else:
        out.print(key)


@group.command("list")
def list_(as_json: JsonOption = False) -> None:
    """List the keys by name.

    Example: `keyrag keys list`
    """
    rows = _keys().rows()
    if as_json:
        print_json([row.json() for row in rows])
        return
    listed = table("name", "role", "knowledge bases", "labels", "created")
    for row in rows:
        listed.add_row(row.name, row.role, ", ".join(row.kbs) or "all", ", ".join(row.labels) or "all", row.created_at)
    out.print(listed if rows else "There is none: the service answers on loopback without.")


@group.command()
def revoke(name: Annotated[str, typer.Argument(metavar="NAME")], as_json: JsonOption = False) -> None:
    """Revoke a key.

    Example: `keyrag keys revoke intranet`
    """
    _keys().revoke(name)
    if as_json:
        print_json({"revoked": name})
    else:
        out.print(f"revoked {name}")
