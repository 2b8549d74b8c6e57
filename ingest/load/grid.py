"""Unfold HTML tables: a cell that spans several places stands in each of them."""

from __future__ import annotations

from lxml import etree

from ingest.load.clean import clean, join_lines
from ingest.load.links import behind

INLINE = frozenset(
    (
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    )
)
_MOST_COLUMNS = 500
_MOST_SPAN_ROWS = 5000
# A row of more links than this would be addresses rather than text.
_MOST_LINKS = 2


def is_layout(table: etree._Element) -> bool:
    """Tell whether a table only arranges other content: it holds a table, headings or a single cell."""
    if table.get("role") in ("presentation", "none"):
        return True
    if any(table.find(f".//{tag}") is not None for tag in ("table", "h1", "h2", "h3")):
        return True
    return len(list(table.iter("td", "th"))) < 2


def html_rows(table: etree._Element) -> list[list[str]]:
    """Give the rows of a table as text, all spans unfolded; a caption comes first as a row of one cell.

    Links keep their addresses, but in rows of many links.
    """
    rows: list[list[str]] = []
    for caption in table.iter("caption"):
        rows.append([inner_text(caption)])
    hanging: dict[int, tuple[int, str]] = {}  # column -> rows still to fill, text
    for row in table.iter("tr"):
        cells: list[str] = []
        addresses = sum(1 for _ in row.iter("a")) <= _MOST_LINKS
        for cell in row.iterchildren("td", "th"):
            _fill(cells, hanging)
            text = inner_text(cell, addresses=addresses)
            down = min(_span(cell.get("rowspan")), _MOST_SPAN_ROWS)
            for _ in range(min(_span(cell.get("colspan")), _MOST_COLUMNS)):
                if len(cells) >= _MOST_COLUMNS:
                    break
                if down > 1:
                    hanging[len(cells)] = (down - 1, text)
                cells.append(text)
        _fill(cells, hanging)
        rows.append(cells)
    return rows


def _fill(cells: list[str], hanging: dict[int, tuple[int, str]]) -> None:
    """Put in the cells that hang down from the rows above."""
    while (column := len(cells)) in hanging:
        left, text = hanging.pop(column)
        if left > 1:
            hanging[column] = (left - 1, text)
        cells.append(text)


def _span(value: str | None) -> int:
    return max(int(value), 1) if value and value.isascii() and value.isdigit() and len(value) < 6 else 1


def inner_text(element: etree._Element, *, addresses: bool = True) -> str:
    """Give all text inside an element as one line, links with their addresses; only block elements part words."""
    pieces: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            pieces += ["" if node.tag in INLINE else " ", node.text or ""]
        elif node is not element:
            if node.tag == "a" and addresses:
                pieces.append(behind("".join(node.itertext()), node.get("href")))
            pieces += ["" if node.tag in INLINE else " ", node.tail or ""]
    return clean(join_lines("".join(pieces).strip().splitlines()))
