"""Rich Text Format."""

from __future__ import annotations

import re
from pathlib import Path

from striprtf.striprtf import rtf_to_text

from ingest.errors import LoadError
from ingest.load.hidden import HiddenText
from ingest.load.links import behind
from ingest.load.registry import Loaded
from ingest.load.table import row_blocks
from ingest.load.text import numbered_blocks, paragraphs
from ingest.settings import LoadSettings
from ingest.types import Block

_HIDDEN = re.compile(r"\\v1?(?![a-z0-9])([^{}]*?)(?=\\v0|\}|\\plain\b)")
_TITLE = re.compile(r"\\title ([^{}]+)\}")
_LINK = re.compile(r'HYPERLINK\s+"([^"{}\\]+)"')
_BRACE = re.compile(r"(?<!\\)[{}]")
_SHOWN = re.compile(r"\\fldrslt\b")


def rtf(path: Path, settings: LoadSettings) -> Loaded:
    """Read paragraphs and table rows; headings show by their numbering alone."""
    raw = path.read_bytes()
    if not raw.lstrip().startswith(b"{\\rtf"):
        raise LoadError(f"{path.name}: is no RTF document: give it the right suffix")
    source = raw.decode("latin-1")
    hidden = HiddenText(settings)
    for stretch in _HIDDEN.findall(source):
        hidden.note(_text(path.name, "{\\rtf1" + stretch + "}"))
    if not hidden.keep:
        source = _HIDDEN.sub("", source)
    title = _TITLE.search(source)
    blocks = _blocks(_text(path.name, _with_addresses(source)))
    named = _text(path.name, "{\\rtf1 " + title.group(1) + "}") if title else None
    return Loaded(blocks, named, warnings=hidden.warnings)


def _text(name: str, source: str) -> str:
    try:
        text: str = rtf_to_text(source, errors="ignore")
    except (ValueError, LookupError, TypeError, OverflowError) as error:
        raise LoadError(f"{name}: is a damaged RTF document: open it in a word processor and save it anew") from error
    return text


def _with_addresses(source: str) -> str:
    """Write the address of every link behind the text that is shown for it."""
    pieces, done = [], 0
    for link in _LINK.finditer(source):
        shown = _SHOWN.search(source, link.end())
        if shown is None or link.start() < done or not (address := behind("link", link.group(1))):
            continue
        end = _group_end(source, shown.end())
        pieces += [source[done : link.start()], source[link.end() : end], address]
        done = end
    return "".join((*pieces, source[done:]))


def _group_end(source: str, start: int) -> int:
    """Give the place of the brace that closes the group around ``start``."""
    depth = 0
    for brace in _BRACE.finditer(source, start):
        depth += 1 if brace.group() == "{" else -1
        if depth < 0:
            return brace.start()
    return len(source)


def _blocks(text: str) -> list[Block]:
    """Part text from tables, whose cells end in a bar."""
    blocks: list[Block] = []
    lines = text.split("\n")
    start = 0
    while start < len(lines):
        is_table = lines[start].endswith("|")
        end = start + 1
        while end < len(lines) and lines[end].endswith("|") == is_table:
            end += 1
        if is_table:
            path = (*blocks[-1].heading_path, blocks[-1].text) if blocks and blocks[-1].kind == "heading" else ()
            path = path or (blocks[-1].heading_path if blocks else ())
            blocks += row_blocks([line.split("|")[:-1] for line in lines[start:end]], path)
        else:
            blocks += numbered_blocks(list(paragraphs("\n".join(lines[start:end]))))
        start = end
    return blocks
