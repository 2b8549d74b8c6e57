"""``keyrag doctor``: is everything in place?"""

from __future__ import annotations

from dataclasses import asdict
from itertools import chain, groupby

import typer

from rag.checkup.knowledge import knowledge_bases
from rag.checkup.machine import machine, software
from rag.checkup.models import models
from rag.checkup.serving import serving
from rag.cli.app import JsonOption, app, out, print_json, settings
from rag.cli.display import shown
from rag.service import KeyRAG

_MARKS = {"ok": "[green]ok  [/]", "note": "[yellow]note[/]", "broken": "[red]MEND[/]"}


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Look at the machine, the models and every knowledge base, and tell what to do.

    Files of models are read whole; nothing is downloaded. The exit status is 1 if something is broken.

    Example: `keyrag doctor --json`
    """
    chosen = settings()
    service = KeyRAG(chosen)
    findings = chain(machine(chosen), software(), models(service), knowledge_bases(service), serving(chosen))
    seen = []
    for section, inside in groupby(findings, key=lambda finding: finding.section):
        if not as_json:
            out.print(f"[bold]{section}[/]")
        for finding in inside:
            seen.append(finding)
            if not as_json:
                out.print(f"  {_MARKS[finding.state]} {shown(finding.what)}: {shown(finding.detail)}")
                if finding.mend:
                    out.print(f"       → {shown(finding.mend)}")
    broken = sum(finding.state == "broken" for finding in seen)
    if as_json:
        print_json([{**asdict(finding), "ok": finding.state != "broken"} for finding in seen])
    else:
        out.print("Everything is in place." if not broken else f"{broken} to mend.")
    if broken:
        raise typer.Exit(1)
