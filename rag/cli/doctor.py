"""``keyrag doctor``: is everything in place?"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass

import typer
from rich.markup import escape

from ingest.config import Settings
from ingest.errors import KeyRAGError
from ingest.models import catalogue
from rag.cli.app import JsonOption, app, out, print_json, settings
from rag.service import KeyRAG

_LOW_DISK_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    ok: bool
    detail: str


def _machine(chosen: Settings) -> list[Finding]:
    folder = next(path for path in (chosen.data, *chosen.data.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    writable = os.access(folder, os.W_OK)
    return [
        Finding("cores", True, str(os.cpu_count())),
        Finding("data folder", writable, f"{chosen.data}" + ("" if writable else ": not writable, set --data")),
        Finding("free disk", free > _LOW_DISK_BYTES, f"{free / 1e9:.1f} GB"),
    ]


def _models(chosen: Settings) -> list[Finding]:
    findings = []
    names = {"embedding model": chosen.embedding.model}
    if chosen.chat.backend == "embedded":
        names["chat model"] = chosen.chat.model
    for what, name in names.items():
        if catalogue.find(name):
            file = catalogue.cached(name, chosen.models_folder)
            findings.append(
                Finding(what, bool(file), f"{name}: " + (str(file) if file else "run `keyrag models pull`"))
            )
        else:
            findings.append(Finding(what, True, f"{name} (not of the catalogue, not checked)"))
    if chosen.chat.backend != "embedded":
        findings.append(Finding("chat model", True, f"{chosen.chat.backend}: {chosen.chat.model}"))
    return findings


def _knowledge_bases(service: KeyRAG) -> list[Finding]:
    findings = []
    for name in service.library.names():
        try:
            faults = service.kb(name).faults()
        except KeyRAGError as error:
            faults = [str(error)]
        findings.append(Finding(f"kb {name}", not faults, "; ".join(faults) or "sound"))
    return findings


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Look at the machine, the models and every knowledge base, and tell what to do."""
    chosen = settings()
    findings = _machine(chosen) + _models(chosen)
    if catalogue.find(chosen.embedding.model) is None or catalogue.cached(chosen.embedding.model, chosen.models_folder):
        findings += _knowledge_bases(KeyRAG(chosen))
    if as_json:
        print_json([{"what": f.what, "ok": f.ok, "detail": f.detail} for f in findings])
    else:
        for finding in findings:
            mark = "[green]ok[/]  " if finding.ok else "[red]look[/]"
            out.print(f"{mark} {finding.what}: {escape(finding.detail)}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)
