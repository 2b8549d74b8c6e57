"""Tables: every row becomes a block that can be understood alone."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from ingest.errors import LoadError
from ingest.load.clean import clean
from ingest.load.registry import Loaded
from ingest.load.text import decoded
from ingest.types import Block

_CJK = re.compile(r"[\u3400-\u9fff]")


def row_blocks(
    rows: Sequence[Sequence[str]], heading_path: tuple[str, ...] = (), page: int | None = None
) -> list[Block]:
    """Put the names of the first row in front of the cells of the others.

    >>> [b.text for b in row_blocks([["型号", "价格"], ["X1", "299 元"]])]
    ['型号：X1；价格：299 元']
    """
    cleaned = [[clean(cell) for cell in row] for row in rows]
    cleaned = [row for row in cleaned if any(row)]
    if not cleaned:
        return []
    names, body = (cleaned[0], cleaned[1:]) if len(cleaned) > 1 else ([], cleaned)
    blocks = []
    for row in body:
        pairs = []
        for column, cell in enumerate(row):
            name = names[column] if column < len(names) else ""
            if cell:
                pairs.append((name, cell) if name and name != cell else ("", cell))
        pairs = list(dict.fromkeys(pairs))
        chinese = any(_CJK.search(name + cell) for name, cell in pairs)
        colon, semicolon = ("：", "；") if chinese else (": ", "; ")
        text = semicolon.join(f"{name}{colon}{cell}" if name else cell for name, cell in pairs)
        blocks.append(Block(text, "row", heading_path, page))
    return blocks


def csv_file(path: Path) -> Loaded:
    return _separated(path, ",")


def tsv_file(path: Path) -> Loaded:
    return _separated(path, "\t")


def _separated(path: Path, default: str) -> Loaded:
    text = decoded(path)
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(text[:4096], ",;\t|")
    except csv.Error:
        dialect = "excel" if default == "," else "excel-tab"
    try:
        rows = list(csv.reader(text.splitlines(), dialect))
    except csv.Error as error:
        raise LoadError(f"{path.name}: is not a table ({error})") from error
    return Loaded(row_blocks(rows))
