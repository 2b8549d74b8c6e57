"""The default key: heading path + text."""

from __future__ import annotations

import re

from ingest.keyinfo.extractor import headed
from ingest.types import Unit

# Loaders put the address of a link behind its text: "the form (https://example.com/form)".
_ADDRESS = re.compile(r"\s*[（(](?:https?|ftp)://[^\s()（）]*(?:\([^\s()]*\)[^\s()（）]*)*[)）]")


def without_addresses(text: str) -> str:
    """Leave out the addresses that stand in brackets behind the text of a link: nobody asks for them in words.

    >>> without_addresses("请填写申请表 (https://example.com/form?id=3)后提交。")
    '请填写申请表后提交。'
    """
    return _ADDRESS.sub("", text)


def context(unit: Unit) -> list[str]:
    """Put the headings above a unit in front of its text, outermost first.

    >>> context(Unit(1, "sentence", 0, 3, "十天。", ("员工手册", "年假")))
    ['员工手册 年假 十天。']
    """
    return [headed(unit, without_addresses(unit.text))]
