"""``keyrag audit``: how answers came about."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from ingest.errors import KeyRAGError
from rag.audit import Audit
from rag.cli.app import JsonOption, app, kb_names, out, print_json, settings
from rag.cli.display import table

group = typer.Typer(help="List and show the traces of answers.", no_args_is_help=True)
app.add_typer(group, name="audit")

_LONGEST_SHOWN = 60
_HITS_SHOWN = 5


def _audit() -> Audit:
    chosen = settings()
    path = chosen.data / "audit.sqlite"
    if not path.exists():
        raise KeyRAGError(
            f"there are no traces in {chosen.data}: ask something first, with audit.level full or redacted"
        )
    return Audit(path, chosen.audit)


@group.command("list")
def list_(
    kb: Annotated[
        str | None, typer.Option(help="Of this knowledge base.", metavar="NAME", autocompletion=kb_names)
    ] = None,
    since: Annotated[str | None, typer.Option(help="UTC, e.g. 2025-05-01.", metavar="TIME")] = None,
    until: Annotated[str | None, typer.Option(help="UTC, exclusive.", metavar="TIME")] = None,
    text: Annotated[str | None, typer.Option(help="With these words.", metavar="WORDS")] = None,
    limit: Annotated[int, typer.Option("-n", min=1, help="Newest traces.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List traces, newest first.

    Example: `keyrag audit list --since 2025-05-01 --text 年假`
    """
    rows = _audit().traces(kb=kb, since=since, until=until, text=text, limit=limit)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    listed = table(">id", "at", "kb", "caller", "mode", "question", "answer")
    for row in rows:
        mode = "refused" if row.refused else row.mode or "broken off"
        texts = (escape(_short(row.question)), escape(_short(row.answer)))
        listed.add_row(str(row.trace_id), row.at[:19], row.kb, row.caller or row.session or "", mode, *texts)
    out.print(listed if rows else "There is none.")


@group.command()
def show(
    trace_id: Annotated[int, typer.Argument(help="As `keyrag audit list` gives it.", metavar="ID")],
    as_json: JsonOption = False,
) -> None:
    """Show how an answer came about: question, prompt, what the model wrote, what was shown, checks, timings.

    Example: `keyrag audit show 12`
    """
    trace = _audit().get(trace_id)
    if as_json:
        print_json(trace)
        return
    for name in ("at", "kb", "session", "caller", "question"):
        if trace[name] is not None:
            out.print(f"[dim]{name}[/] {escape(str(trace[name]))}")
    sources = trace["sources"] or {"rewritten": None, "hits": []}
    if sources["rewritten"]:
        out.print(f"[dim]searched for[/] {escape(sources['rewritten'])}")
    for hit in sources["hits"][:_HITS_SHOWN]:
        out.print(f"[dim]hit[/] [cyan]{hit['score']:.2f}[/] {escape(str(hit['text']))}")
    for attempt in trace["attempts"]:
        out.rule(f"prompt ({attempt['purpose']})")
        if system := attempt.get("system"):  # not in traces of earlier versions
            out.print(f"[dim]{escape(system)}[/]")
        out.print(escape(attempt["prompt"]))
        out.rule("the model wrote")
        out.print(escape(attempt["text"]))
    out.rule("shown")
    shown = trace["shown"]
    out.print(escape(shown["text"]) if shown else "nothing: the answer was broken off")
    if shown:
        for checked in ((trace["raw"] or shown)["grounding"] or {"particulars": []})["particulars"]:
            out.print(f"[dim]{checked['kind']}[/] {escape(checked['text'])}: {checked['found']}")
        out.print(f"[dim]timings[/] {escape(str(shown['timings']))}")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_SHOWN else line[: _LONGEST_SHOWN - 1] + "…"
