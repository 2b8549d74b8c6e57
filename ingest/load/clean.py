"""Clean text and join lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Control characters, lone surrogates, private noise characters; line breaks and tabs are white space below.
_NOISE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\u00ad\u200b]")
_SPACE = re.compile(r"\s+")
_CJK = "\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
_CJK_GAP = re.compile(f"(?<=[{_CJK}])\n(?=[{_CJK}])")
_HYPHEN = re.compile(r"(?<=[a-z])-\n(?=[a-z])")


def clean(text: str) -> str:
    """Give text as one line: no control characters, single spaces."""
    return _SPACE.sub(" ", _NOISE.sub("", text)).strip()


def join_lines(lines: Sequence[str]) -> str:
    """Join the lines of a paragraph: no space between CJK characters, hyphenated words mended.

    >>> join_lines(["年假为", "十天", "multi-", "lingual text"])
    '年假为十天 multilingual text'
    """
    text = "\n".join(line.strip() for line in lines)
    return _HYPHEN.sub("", _CJK_GAP.sub("", text)).replace("\n", " ")
