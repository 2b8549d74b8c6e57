"""Keys for the parts of long sentences."""

from __future__ import annotations

import re

from ingest.keyinfo.context import without_addresses
from ingest.keyinfo.extractor import headed
from ingest.types import Unit

_CJK = re.compile(r"[\u3400-\u9fff]")
_AFTER_STOP = re.compile(r"(?<=[，；：])|(?<=[,;:])(?=\s)")
# Characters of a clause; a Chinese character says about as much as three letters.
_LENGTH = 50
_LETTERS = 3


def clauses(unit: Unit) -> list[str]:
    """Give each part of a long text, cut at commas, with the headings in front; none for a short one."""
    length = _LENGTH if _CJK.search(unit.text) else _LENGTH * _LETTERS
    parts = [""]
    for piece in _AFTER_STOP.split(without_addresses(unit.text)):
        if parts[-1] and len(parts[-1]) + len(piece) > length:
            parts.append("")
        parts[-1] += piece
    return [headed(unit, part.strip()) for part in parts] if len(parts) > 1 else []
