"""Plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.load.clean import clean, join_lines, width
from ingest.load.encoding import decoded
from ingest.load.headings import CLAUSE, LIST_ITEM, HeadingPath, numbered_level, numbered_levels
from ingest.load.registry import Loaded
from ingest.settings import LoadSettings
from ingest.types import Block, BlockKind

_SENTENCE_END = tuple("。！？!?；;：:.”」』)）")
_INDENT = re.compile(r"^(?:\u3000|\t| {2,})")
_STAMP = re.compile(r"^\[?\d{4}[-/.年]|^\d{1,2}:\d\d|^\S{1,12}[：:]")
_FIRST_LINE = re.compile(r"\s*([^\r\n]+)(?:\r\n|\n|\r)[^\S\r\n]*(?:\r|\n)")
_NARROWEST, _WIDEST = 36, 120
_WIDEST_TITLE = 72


def text(path: Path, settings: LoadSettings) -> Loaded:
    """Read paragraphs; lines wrapped at a fixed width are joined, numbered headings make the path."""
    found = decoded(path)
    blocks = numbered_blocks(list(paragraphs(found.text)))
    title = _title(found.text) if len(blocks) > 1 and blocks[0].kind == "paragraph" else None
    if title:
        blocks[0] = Block(blocks[0].text, "heading")
    return Loaded(blocks, title=title, warnings=found.warnings)


def _title(whole: str) -> str | None:
    """Give the first line if it is set off like a title: short, no sentence, a blank line after it."""
    match = _FIRST_LINE.match(whole)
    line = match.group(1).strip() if match else ""
    written = 2 < width(line) <= _WIDEST_TITLE and not line.endswith((*_SENTENCE_END, "，", ","))
    return line if written and not _STAMP.match(line) else None


def numbered_blocks(texts: list[str]) -> list[Block]:
    """Make blocks of paragraphs whose headings show by numbering alone."""
    headings = HeadingPath()
    blocks = []
    for paragraph, level in zip(texts, numbered_levels(texts), strict=True):
        if level is not None:
            blocks.append(Block(paragraph, "heading", headings.enter(paragraph, level)))
        else:
            kind: BlockKind = "list" if LIST_ITEM.match(paragraph) else "paragraph"
            blocks.append(Block(paragraph, kind, headings.path))
    return blocks


def paragraphs(whole: str) -> Iterator[str]:
    """Give the paragraphs of a text, each as one line; lines wrapped at a fixed width are joined."""
    lines = re.split(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]", whole)
    full = _full_width(lines)
    current: list[str] = []
    for line in lines:
        if current and not _goes_on(current, line, full):
            yield clean(join_lines(current))
            current = []
        if line.strip():
            current.append(line.rstrip())
    if current:
        yield clean(join_lines(current))


def _full_width(lines: list[str]) -> int | None:
    """Give the width at which the lines were wrapped, None if every line is a paragraph."""
    written = [line.rstrip() for line in lines if line.strip()]
    widths = sorted(width(line) for line in written)
    if len(widths) < 2:
        return None
    widest = widths[int(0.95 * (len(widths) - 1))]
    full = [line for line in written if 0.75 * widest <= width(line) <= widest + 4]
    ended = sum(line.endswith(_SENTENCE_END) for line in full)
    wrapped = _NARROWEST <= widest <= _WIDEST and len(full) >= 0.4 * len(widths) and ended <= 0.6 * len(full)
    return widest if wrapped else None


def _goes_on(current: list[str], line: str, full: int | None) -> bool:
    """Tell whether ``line`` belongs to the paragraph of the lines before it."""
    last = current[-1]
    if full is None or not line.strip():
        return False
    if width(last) < 0.75 * full or (width(last) < 0.9 * full and last.endswith(_SENTENCE_END)):
        return False
    if numbered_level(line) is not None or LIST_ITEM.match(line) or CLAUSE.match(line) or _STAMP.match(line):
        return False
    if numbered_level(last) is not None and len(current) == 1:
        return False
    # An indented line begins a paragraph, unless the whole paragraph is indented.
    return not _INDENT.match(line) or (len(current) > 1 and _INDENT.match(last) is not None)
