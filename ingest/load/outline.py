"""Plain-text markup whose headings show by their lines: reStructuredText and Org."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from ingest.load.clean import clean, join_lines, width
from ingest.load.encoding import decoded
from ingest.load.headings import LIST_ITEM, HeadingPath
from ingest.load.links import linked
from ingest.load.registry import Loaded
from ingest.settings import LoadSettings
from ingest.types import Block

Line = tuple[int | None, str]
Marks = tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]

_RULE = re.compile(r"([=\-`:.'\"~^_*+#])\1{2,}\s*$")
_RST_SILENT = re.compile(
    r"\.\. (?:image|figure|toctree|include|raw|contents|_|\|)|:[\w-]+:(?:\s|$)|\.\.\s*$|\.\. [^:]*$"
)
_RST_EMPHASIS = re.compile(r"``(.+?)``|\*\*(.+?)\*\*|(?<!\w)\*([^*\s][^*]*)\*|`([^`]+)`_{0,2}")
_RST_MARKS: Marks = (
    (re.compile(r"`([^`<]+?)\s*<([^`<>\s]+)>`__?"), lambda match: linked(match.group(1), match.group(2))),
    (re.compile(r":[\w:+-]+:`([^`<]+?)(?:\s*<[^`<>]*>)?`"), lambda match: match.group(1)),
    (_RST_EMPHASIS, lambda match: next(filter(None, match.groups()), "")),
    (re.compile(r"^\.\. [\w-]+::\s*"), lambda match: ""),
)
_ORG_HEADING = re.compile(r"(\*+)\s+(?:(?:TODO|DONE)\s+)?(.+?)(?:\s+:[\w:@]+:)?\s*$")
_ORG_TITLE = re.compile(r"#\+title:\s*(.+)", re.IGNORECASE)
_ORG_SILENT = re.compile(r"#\+|# |:[A-Z_]+:|\s+:[A-Z_]+:")
_ORG_MARKS: Marks = (
    (re.compile(r"\[\[([^\]]+)\]\[([^\]]+)\]\]"), lambda match: linked(match.group(2), match.group(1))),
    (re.compile(r"\[\[([^\]]+)\]\]"), lambda match: match.group(1)),
    (re.compile(r"(?<!\w)([*/_=~])(\S(?:[^\n]*?\S)?)\1(?!\w)"), lambda match: match.group(2)),
)


def rst(path: Path, settings: LoadSettings) -> Loaded:
    """Read reStructuredText as text; titles with a rule under them are headings. Nothing is included."""
    found = decoded(path)
    blocks = _blocks(_rst_lines(found.text.splitlines()), _RST_MARKS)
    title = blocks[0].text if blocks and blocks[0].kind == "heading" else None
    return Loaded(blocks, title, warnings=found.warnings)


def org(path: Path, settings: LoadSettings) -> Loaded:
    """Read Org text; stars make headings."""
    found = decoded(path)
    lines = found.text.splitlines()
    named = next((match.group(1) for line in lines[:50] if (match := _ORG_TITLE.match(line))), None)
    return Loaded(_blocks(_org_lines(lines), _ORG_MARKS), named, warnings=found.warnings)


def _rst_lines(lines: list[str]) -> Iterator[Line]:
    """Give lines with their heading level; a style of rule ranks by its first use."""
    styles: list[tuple[str, bool]] = []
    over = False
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        before = lines[number - 1] if number else ""
        if _RULE.match(line):
            over = not before.strip() and bool(following.strip())
            if not over and not before.strip():
                yield None, ""
        elif _RULE.match(following) and line.strip() and len(following.rstrip()) >= min(width(line.strip()), 4):
            style = (following[0], over)
            if style not in styles:
                styles.append(style)
            yield styles.index(style), line
            over = False
        else:
            yield None, "" if _RST_SILENT.match(line.strip()) else line


def _org_lines(lines: list[str]) -> Iterator[Line]:
    for line in lines:
        if match := _ORG_HEADING.match(line):
            yield len(match.group(1)), match.group(2)
        else:
            yield None, "" if _ORG_SILENT.match(line) else line


def _blocks(lines: Iterator[Line], marks: Marks) -> list[Block]:
    headings = HeadingPath()
    blocks: list[Block] = []
    gathered: list[str] = []

    def flush() -> None:
        if text := _plain(join_lines(gathered), marks):
            blocks.append(Block(text, "list" if LIST_ITEM.match(text) else "paragraph", headings.path))
        gathered.clear()

    for level, line in lines:
        if level is not None:
            flush()
            text = _plain(line, marks)
            blocks.append(Block(text, "heading", headings.enter(text, level)))
        elif not line.strip() or LIST_ITEM.match(line):
            flush()
        if level is None and line.strip():
            gathered.append(line)
    flush()
    return blocks


def _plain(text: str, marks: Marks) -> str:
    for pattern, plain in marks:
        text = pattern.sub(plain, text)
    return clean(text)
