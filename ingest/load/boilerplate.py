"""What is not the content of a web page: menus, banners, page headers and footers, links to where one is."""

from __future__ import annotations

import re

from lxml import etree

_NO_TEXT = frozenset(
    (
        "head",
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "footer",
        "aside",
        "form",
        "iframe",
        "object",
        "svg",
        "canvas",
        "button",
        "select",
        "textarea",
        "input",
        "dialog",
        "audio",
        "video",
        "map",
    )
)
_ROLES = frozenset(
    ("navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar", "dialog", "alert")
)
# Words that begin or end the class or id of what surrounds the content: "top-nav", "related-posts", "cookie_banner".
_WORDS = frozenset(
    (
        "menu",
        "sidebar",
        "breadcrumb",
        "breadcrumbs",
        "footer",
        "cookie",
        "cookies",
        "advertisement",
        "ads",
        "share",
        "social",
        "pagination",
        "related",
        "recommend",
        "recommended",
        "editsection",
        "reflist",
        "toc",
    )
)
# Documentation tools write such names in one word: navbar, navheader, docnav, relatedtopics.
_NAVIGATION = re.compile(
    r"nav(?:s|bar|box|igation|header|footer|links?|path|row|tabs?|buttons?)?|[a-z]{2,6}nav(?:bar)?"
    r"|related(?:topics?|links?|pages|articles|posts|body)"
)
_NAMES = frozenset(("site-header", "skip-link", "cookie-banner"))
_LARGEST = 0.4
_LINK_LIST_MOST = 40
_LETTER = re.compile(r"\w")


class Boilerplate:
    """Tells what of a page is not its content.

    :param root: the element that holds the content.
    :param marked: whether the page marks ``root`` as its content, whose headers and lists of links are then kept.
    :param whole: whether all of the page is content, but for elements that never hold text.
    """

    def __init__(self, root: etree._Element, *, marked: bool, whole: bool) -> None:
        self._length = _length(root)
        self._marked = marked
        self._whole = whole

    def holds(self, element: etree._Element, tag: str) -> bool:
        """Tell whether an element is to be left out with all that is in it."""
        if tag in _NO_TEXT:
            return True
        if self._whole:
            return False
        if tag == "header" and not self._marked and element.find(".//h1") is None:
            return True
        return (
            element.get("aria-hidden") == "true"
            or (element.get("role") or "") in _ROLES
            or (tag not in ("html", "body", "main", "article") and _is_named(element) and self._is_small(element))
            or (tag in ("ul", "ol", "div") and not self._marked and _is_menu(element))
        )

    def _is_small(self, element: etree._Element) -> bool:
        """Tell whether an element may be left out by its name: "with-sidebar" is a name for whole pages, too."""
        return _length(element) <= _LARGEST * self._length


def is_permalink(element: etree._Element) -> bool:
    """Tell whether an element is a mark ("¶", "#") behind a heading or term, by which its address can be copied."""
    return (
        element.tag == "a"
        and (element.get("href") or "").startswith("#")
        and not _LETTER.search("".join(element.itertext()))
    )


def _is_named(element: etree._Element) -> bool:
    names = {*(element.get("class") or "").lower().split(), (element.get("id") or "").lower()}
    words = {words[end] for name in names if (words := re.split(r"[-_]+", name)) for end in (0, -1)}
    return bool(names & _NAMES or words & _WORDS) or any(_NAVIGATION.fullmatch(word) for word in words)


def _length(element: etree._Element) -> int:
    return sum(len("".join(text.split())) for text in element.itertext(etree.Element))


def _is_menu(element: etree._Element) -> bool:
    """A list of nothing but short links, outside the main content, serves to find one's way."""
    links = list(element.iter("a"))
    if len(links) < 3 or any(element.find(f".//{tag}") is not None for tag in ("h1", "h2", "p", "table")):
        return False
    text = _length(element)
    return 0 < text < _LINK_LIST_MOST * len(links) and sum(map(_length, links)) >= 0.9 * text
