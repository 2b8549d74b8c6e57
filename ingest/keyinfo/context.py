"""The default key: heading path + text."""

from __future__ import annotations

from ingest.types import Unit


def context(unit: Unit) -> list[str]:
    """Put the headings above a unit in front of its text, outermost first.

    >>> context(Unit(1, "sentence", 0, 3, "十天。", ("员工手册", "年假")))
    ['员工手册 年假 十天。']
    """
    return [" ".join((*unit.heading_path, unit.text))]
