"""Plain text in any encoding."""

from __future__ import annotations

import re
from pathlib import Path

from charset_normalizer import from_bytes

from ingest.errors import LoadError
from ingest.load.headings import HeadingPath, numbered_level
from ingest.load.registry import Loaded
from ingest.types import Block

_CHINESE = ("gb18030", "big5")
# Characters of everyday Chinese: the right decoding has more of them.
_COMMON = frozenset("的一是不了在人有我他这这個个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下年在與為個們來國這對會說時產")
_LIST = re.compile(r"^\s*(?:[-*•·]|\d{1,2}[.)、])\s*\S")


def decoded(path: Path) -> str:
    """Decode a file: by its byte order mark, as UTF-8, as Chinese, else by its statistics.

    :raises LoadError: if it is no text.
    """
    raw = path.read_bytes()
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    try:
        if b"\x00" not in raw:
            return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    best, most = "", 0.0
    for encoding in _CHINESE:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        share = sum(char in _COMMON for char in text) / max(len(text), 1)
        if share > max(most, 0.03):
            best, most = text, share
    if best:
        return best
    guess = from_bytes(raw).best()
    if guess is None:
        raise LoadError(f"{path.name}: is not text in any encoding known: save it as UTF-8")
    return str(guess)


def text(path: Path) -> Loaded:
    """Read paragraphs, one a line or parted by empty lines; numbered headings make the path."""
    headings = HeadingPath()
    blocks = []
    for line in decoded(path).splitlines():
        level = numbered_level(line)
        if level is not None:
            blocks.append(Block(line.strip(), "heading", headings.enter(level, line.strip())))
        elif line.strip():
            blocks.append(Block(line.strip(), "list" if _LIST.match(line) else "paragraph", headings.path))
    return Loaded(blocks)
