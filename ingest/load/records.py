"""Tables and records in plain text: CSV, TSV, JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path

from ingest.config import LoadSettings
from ingest.errors import LoadError
from ingest.load.clean import clean
from ingest.load.encoding import decoded
from ingest.load.registry import Loaded
from ingest.load.table import row_blocks
from ingest.types import Block

_SEPARATORS = ",\t;|"
_SAMPLE_ROWS = 20


def csv_file(path: Path, settings: LoadSettings) -> Loaded:
    """Read comma-separated values; semicolons, tabs and bars are recognised too."""
    return _separated(path, ",")


def tsv_file(path: Path, settings: LoadSettings) -> Loaded:
    """Read tab-separated values."""
    return _separated(path, "\t")


def _separated(path: Path, usual: str) -> Loaded:
    found = decoded(path)
    text = found.text.replace("\x00", "")
    separator = max(_SEPARATORS, key=lambda one: (_agreement(text, one), one == usual))
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise LoadError(f"{path.name}: is not a table ({error}): check its quotation marks") from error
    return Loaded(row_blocks(rows), warnings=found.warnings)


def _agreement(text: str, separator: str) -> int:
    """Give how many of the first rows have the same number of cells, at least two."""
    lines = text[:20_000].splitlines()[:_SAMPLE_ROWS]
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator))
    except csv.Error:
        return 0
    return max((count for cells, count in widths.items() if cells > 1), default=0)


def jsonl(path: Path, settings: LoadSettings) -> Loaded:
    """Read one record a line: ``text`` under the heading ``title``, other objects as rows of a table.

    :raises LoadError: naming the first line that is not JSON.
    """
    found = decoded(path)
    blocks: list[Block] = []
    for number, line in enumerate(found.text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise LoadError(
                f"{path.name}: line {number} is not JSON: write one object a line, such as "
                '{"title": "...", "text": "..."}'
            ) from error
        blocks += _record(record)
    return Loaded(blocks, warnings=found.warnings)


def _record(record: object) -> list[Block]:
    if not isinstance(record, dict):
        return [Block(_scalar(record))]
    body = record.get("text")
    if not isinstance(body, str):
        fields = {str(name): _scalar(value) for name, value in record.items()}
        return row_blocks([list(fields), list(fields.values())])
    title = record.get("title")
    title = clean(title) if isinstance(title, str) else ""
    path = (title,) if title else ()
    heading = [Block(title, "heading")] if title else []
    return heading + [Block(line, "paragraph", path) for line in body.splitlines() if line.strip()]


def _scalar(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
