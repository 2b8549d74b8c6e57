"""Clean text and join lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# Control characters, lone surrogates, noncharacters, soft hyphens and marks that only steer the display.
_NOISE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\ud800-\udfff\ufeff\ufffe\uffff\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2069]"
)
_SPACE = re.compile(r"\s+")
_LINE_SPACE = re.compile(r"[^\S\n\t ]")
# Radicals and ligatures that PDF fonts put in place of the characters they look like.
_LOOKALIKES = {
    code: plain
    for code in (*range(0x2F00, 0x2FD6), 0x2E9F, 0x2EF3, *range(0xFB00, 0xFB07))
    if (plain := unicodedata.normalize("NFKC", chr(code))) != chr(code)
}
CJK = "\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
# Chinese type is set without spaces; only a Latin word may stand off from it.
_CJK_BREAK = re.compile(f"(?<=[{CJK}])\n(?=[{CJK}\\d])|(?<=\\d)\n(?=[{CJK}])|(?<=[，。、；：！？（《“])\n")
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010]\n(?=[^\W\d_])")
_HAS_CJK = re.compile(f"[{CJK}]")


def clean(text: str) -> str:
    """Give text as one line: no control characters, single spaces."""
    return _SPACE.sub(" ", _NOISE.sub("", text).translate(_LOOKALIKES)).strip()


def clean_code(text: str) -> str:
    """Clean text whose line breaks and indentation count."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = (_LINE_SPACE.sub(" ", _NOISE.sub("", line)).rstrip() for line in text.split("\n"))
    return "\n".join(lines).strip("\n")


def has_cjk(text: str) -> bool:
    return _HAS_CJK.search(text) is not None


def join_lines(lines: Sequence[str]) -> str:
    """Join the lines of a paragraph: no space between CJK characters and figures, hyphenated words mended.

    >>> join_lines(["自2026", "年起，", "年假为", "十天"]), join_lines(["multi-", "lingual", "text"])
    ('自2026年起，年假为十天', 'multilingual text')
    """
    text = "\n".join(line.strip() for line in lines)
    text = _CJK_BREAK.sub("", text)
    return _HYPHEN.sub(_mended, text).replace("\n", " ")


def _mended(match: re.Match[str]) -> str:
    """A capital after the hyphen belongs to a compound ("Anglo-American"), else the word was only cut."""
    after = match.string[match.end()]
    return "-" if after.isupper() or has_cjk(after) else ""


def width(text: str) -> int:
    """Give the columns that text takes on a terminal: two for a CJK character, one for others."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
