"""Tell what a page hides from its readers by attributes and inline styles."""

from __future__ import annotations

import re

from lxml import etree

_NEVER_SHOWN = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0*)?\s*(?:;|$|!)"
    r"|font-size\s*:\s*0(?:\.0*)?(?:px|pt|em|rem|%)?\s*(?:;|$|!)|font-size\s*:\s*1(?:px|pt)\s*(?:;|$|!)"
    r"|(?:left|top|right|bottom|text-indent|margin-left|margin-top)\s*:\s*-\d{4,}(?:px|pt|em)?)",
    re.IGNORECASE,
)
_COLOR = re.compile(r"(?:^|;)\s*color\s*:\s*([^;!]+)", re.IGNORECASE)
_BACKGROUND = re.compile(r"(?:^|;)\s*background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
_WHITE = re.compile(
    r"(?:white|#fff(?:fff)?|#f[a-f]f[a-f]f[a-f]|rgba?\(\s*255\s*,\s*255\s*,\s*255\s*(?:,\s*1(?:\.0*)?\s*)?\))",
    re.IGNORECASE,
)
_TRANSPARENT = re.compile(r"transparent|rgba\([^)]*,\s*0(?:\.0*)?\s*\)", re.IGNORECASE)


def is_hidden(element: etree._Element) -> bool:
    """Tell whether an element is never shown, has type of no size, lies off the page or is white on white."""
    style = element.get("style") or ""
    if element.get("hidden") is not None or _NEVER_SHOWN.search(style):
        return True
    color = _COLOR.search(style)
    named = color.group(1).strip() if color else (element.get("color") or "" if element.tag == "font" else "")
    if not named:
        return False
    return _TRANSPARENT.fullmatch(named) is not None or (_WHITE.fullmatch(named) is not None and _on_white(element))


def _on_white(element: etree._Element) -> bool:
    """Tell whether nothing paints the ground of an element, as far as the page itself tells.

    A class may paint it by a rule in a style sheet, so it speaks against.
    """
    for one in (element, *element.iterancestors()):
        background = _BACKGROUND.search(one.get("style") or "")
        painted = background.group(1).strip() if background else one.get("bgcolor") or one.get("background")
        if painted and not _TRANSPARENT.fullmatch(painted):
            return _WHITE.fullmatch(painted) is not None
        if one.get("class") and one.tag not in ("html", "body"):
            return False
    return True
