"""Tables in plain text: CSV, TSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

from ingest.errors import LoadError
from ingest.load.encoding import decoded
from ingest.load.registry import Loaded
from ingest.load.table import row_blocks
from ingest.settings import LoadSettings

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
