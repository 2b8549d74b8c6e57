"""``keyrag models``: the catalogue."""

from __future__ import annotations

from typing import Annotated

import typer

from ingest.errors import NotFoundError
from ingest.models import catalogue
from ingest.models.embeddings import prepare_e5
from rag.cli.app import JsonOption, app, out, print_json, settings
from rag.cli.display import table

group = typer.Typer(help="List and get models.", no_args_is_help=True)
app.add_typer(group, name="models")


@group.command("list")
def list_(as_json: JsonOption = False) -> None:
    """List the models that KeyRAG can get by itself.

    Example: `keyrag models list`
    """
    folder = settings().models_folder
    rows = [
        {
            "name": entry.name,
            "role": entry.role,
            "about": entry.about,
            "licence": entry.licence,
            "bytes": entry.bytes,
            "path": str(file) if (file := catalogue.cached(entry.name, folder)) else None,
        }
        for entry in catalogue.entries().values()
    ]
    if as_json:
        print_json(rows)
        return
    listed = table("name", "role", ">MB", "here", "about")
    for row in rows:
        here = "yes" if row["path"] else "-"
        listed.add_row(
            str(row["name"]), str(row["role"]), f"{int(str(row['bytes'])) / 1e6:.0f}", here, str(row["about"])
        )
    out.print(listed)


@group.command()
def pull(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="By default those in use.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Get models, verify them and keep them for all later runs.

    Example: `keyrag models pull qwen2.5-coder-0.5b-instruct`
    """
    chosen = settings()
    in_use = [chosen.embedding.model, *([chosen.chat.model] if chosen.chat.backend == "embedded" else [])]
    wanted = names or [name for name in in_use if catalogue.find(name)]
    for name in wanted:
        if catalogue.find(name) is None:
            raise NotFoundError(f"there is no model {name!r} in the catalogue: see `keyrag models list`")
    rows = []
    for name in wanted:
        file = catalogue.pull(name, chosen.models_folder)
        if catalogue.entries()[name].role == "embedding":
            prepare_e5(file, file.parent, torch=chosen.embedding.backend == "torch")
        rows.append({"name": name, "path": str(file)})
        if not as_json:
            out.print(f"{name}: {file}")
    if as_json:
        print_json(rows)
