"""Links: the text keeps the address that it points at."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"https?://\S+|mailto:[^\s@]+@[^\s@]+", re.IGNORECASE)
_LONGEST = 500


def linked(text: str, target: str | None) -> str:
    """Put the address of a link behind its text, unless it is the text; only web and mail addresses count.

    >>> linked("差旅规定", "https://intra.example/travel"), linked("intra.example", "https://intra.example/")
    ('差旅规定 (https://intra.example/travel)', 'intra.example')
    """
    return text + behind(text, target)


def behind(text: str, target: str | None) -> str:
    """Give what stands behind the text of a link, "" if nothing does."""
    address = (target or "").strip()
    if not text.strip() or len(address) > _LONGEST or not _ADDRESS.fullmatch(address):
        return ""
    plain = re.sub(r"^mailto:|\?.*$", "", address) if address.lower().startswith("mailto:") else address
    return "" if _bare(plain) in _bare(text) else f" ({plain})"


def _bare(address: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?|/$", "", address.strip().lower())
