"""The figures of an evaluation as a table and as one HTML file."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from rag.evaluate.datasets import Kind
from rag.evaluate.run import Figures

Results = Mapping[str, Mapping[Kind, Figures]]

COLUMNS = (
    "n",
    "doc_recall@1",
    "doc_recall@5",
    "doc_recall@10",
    "mrr@10",
    "facts@150",
    "facts@300",
    "facts@600",
    "facts@1200",
    "ms",
    "contains",
    "f1",
    "refusal_recall",
    "refusal_precision",
    "refused",
    "first_token_ms",
    "total_ms",
    "tokens",
)
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1c1e21; background: #fff }
table { border-collapse: collapse } th, td { padding: .3rem .7rem; border-bottom: 1px solid #ddd; text-align: right }
th:first-child, td:first-child, th:nth-child(2), td:nth-child(2) { text-align: left }
td.best { font-weight: 700 }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #16181b } th, td { border-color: #333 } }
"""


def columns(results: Results) -> list[str]:
    """Give the columns that some system has a figure for, in order."""
    return [
        column
        for column in COLUMNS
        if any(column in figures for kinds in results.values() for figures in kinds.values())
    ]


def cell(column: str, value: float | int | None) -> str:
    """Write a figure: shares without the leading zero, counts and milliseconds short."""
    if value is None:
        return ""
    if column in ("n", "tokens") or column.endswith("_ms"):
        return f"{value:.0f}"
    if column == "ms":
        return f"{value:.1f}"
    return f"{value:.4f}".replace("0.", ".", 1) if value < 1 else f"{value:.3f}"


def rows(results: Results) -> list[tuple[str, str, list[str]]]:
    """Give (kind, system, cells) with the systems of one kind below one another."""
    kinds = list(dict.fromkeys(kind for system in results.values() for kind in system))
    shown = columns(results)
    return [
        (kind, name, [cell(column, figures[kind].get(column)) for column in shown])
        for kind in kinds
        for name, figures in results.items()
        if kind in figures
    ]


def _best(results: Results, kind: str, column: str) -> float | None:
    values = [float(f[kind][column]) for f in results.values() if kind in f and column in f[kind]]  # type: ignore[index]
    if len(values) < 2 or column in ("n", "tokens", "refused"):
        return None
    return min(values) if column == "ms" or column.endswith("_ms") else max(values)


def html_report(dataset: str, results: Results, facts: Sequence[str]) -> str:
    """Give a page that needs nothing else; the best figure of each kind is bold.

    :param facts: lines about the run: models, settings, machine.
    """
    shown = columns(results)
    head = "".join(f"<th>{html.escape(column)}</th>" for column in ("kind", "system", *shown))
    body = []
    for kind, name, cells in rows(results):
        marked = [
            f'<td class="best">{text}</td>'
            if text and text == cell(column, _best(results, kind, column))
            else f"<td>{text}</td>"
            for column, text in zip(shown, cells, strict=True)
        ]
        body.append(f"<tr><td>{kind}</td><td>{html.escape(name)}</td>{''.join(marked)}</tr>")
    about = "".join(f"<li>{html.escape(fact)}</li>" for fact in facts)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(dataset)}</title>'
        f"<style>{_STYLE}</style><h1>{html.escape(dataset)}</h1><ul>{about}</ul>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></html>\n"
    )
