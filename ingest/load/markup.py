"""Markdown and HTML, by one walk over the tree. Links keep their addresses; they are never followed."""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree
from lxml import html as lxml_html
from markdown_it import MarkdownIt

from ingest.errors import LoadError
from ingest.load.boilerplate import Boilerplate, is_permalink
from ingest.load.clean import clean, has_cjk, join_lines
from ingest.load.encoding import decoded
from ingest.load.grid import INLINE, html_rows, inner_text, is_layout
from ingest.load.headings import HeadingPath
from ingest.load.hidden import HiddenText
from ingest.load.links import behind
from ingest.load.markup_hidden import is_hidden
from ingest.load.registry import Loaded
from ingest.load.table import row_blocks
from ingest.settings import LoadSettings
from ingest.types import Block, BlockKind

_BREAKS = re.compile(r"\x0b\s*\x0b")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title\s*:\s*(.+?)\s*$", re.MULTILINE)
# libxml2 drops what lies deeper than it follows, and says so by this error.
_TOO_DEEP = etree.ErrorTypes.ERR_RESOURCE_LIMIT
_NUMBER = re.compile(r"[0-9]{1,6}")
_COLONS = (":", "：")
_LONGEST_TERMS = 120


def markdown(path: Path, settings: LoadSettings) -> Loaded:
    """Read Markdown by way of its HTML; the front matter gives the title alone."""
    found = decoded(path)
    text = found.text
    title = None
    if front := _FRONT_MATTER.match(text):
        text = text[front.end() :]
        named = _FRONT_TITLE.search(front.group(1))
        title = named.group(1).strip("\"'") if named else None
    rendered = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)
    hidden = HiddenText(settings)
    blocks, own = read_html(path.name, rendered, hidden, whole=True)
    return Loaded(blocks, title or own, warnings=found.warnings + hidden.warnings)


def html(path: Path, settings: LoadSettings) -> Loaded:
    """Read the main content of a page: no navigation, scripts, forms, page headers or footers."""
    with path.open("rb") as file:
        declared = _META_CHARSET.search(file.read(4096))
    found = decoded(path, declared.group(1).decode("ascii", "ignore") if declared else None)
    hidden = HiddenText(settings)
    blocks, title = read_html(path.name, found.text, hidden, whole=False)
    return Loaded(blocks, title, warnings=found.warnings + hidden.warnings)


def read_html(name: str, text: str, hidden: HiddenText, *, whole: bool) -> tuple[list[Block], str | None]:
    """Give the blocks of a page and its title: its only first-level heading, else the one of its head.

    :param name: the file that an error names.
    :param whole: whether all of the page is content; else navigation, banners and the like are left out.
    """
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    raw = text.replace("\x00", "").encode("utf-8", "ignore")
    try:
        root = lxml_html.document_fromstring(raw, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError):
        return [], None  # nothing but white space, comments or noise
    if any(error.type == _TOO_DEEP for error in parser.error_log):
        raise LoadError(f"{name}: is nested too deep, over 250 levels: save its text as plain text")
    for mark in [link for link in root.iter("a") if is_permalink(link)]:
        mark.drop_tree()
    named = root.findtext(".//title")
    content = root if whole else _main(root)
    boilerplate = Boilerplate(content, marked=content is not root, whole=whole)
    blocks = _Walk(hidden, boilerplate).blocks_of(content)
    first = [block.text for block in blocks if block.kind == "heading" and not block.heading_path]
    tops = [inner_text(top, addresses=False) for top in content.iter("h1")]
    title = tops[0] if len(tops) == 1 and tops[0] in first else named
    return blocks, title


def _main(root: etree._Element) -> etree._Element:
    """Find the element that holds the content: <main>, or the only <article>, else everything."""
    for query in (".//main", ".//*[@role='main']", ".//article"):
        found = root.xpath(query)
        if len(found) == 1 and len("".join(found[0].itertext()).strip()) > 0:
            return found[0]
    return root


class _Walk:
    """Gathers running text and lets it go as a block wherever one begins or ends."""

    def __init__(self, hidden: HiddenText, boilerplate: Boilerplate) -> None:
        self._hidden = hidden
        self._boilerplate = boilerplate
        self._headings = HeadingPath()
        self._blocks: list[Block] = []
        self._pieces: list[str] = []
        self._term = ""  # of a glossary, until its definition comes
        self._lists = 0
        self._number = ""
        self._numbers: list[int | None] = []  # of the next item of every open list, None where it has bullets

    def blocks_of(self, root: etree._Element) -> list[Block]:
        self._drop_hidden(root)
        walk = etree.iterwalk(root, events=("start", "end"))
        skipped = None
        for event, element in walk:
            tag = element.tag if isinstance(element.tag, str) else "noise"
            if event == "start":
                if element is not root and self._enter(element, tag):
                    walk.skip_subtree()
                    skipped = element
                else:
                    self._pieces.append(element.text or "")
            else:
                if element is not skipped:
                    self._leave(element, tag)
                if element is not root:
                    self._pieces.append(element.tail or "")
        self._flush()
        self._let_term_go()
        return self._blocks

    def _drop_hidden(self, root: etree._Element) -> None:
        """Take hidden text out of what is read whole: headings and tables of data."""
        for whole in root.iter("table", *_HEADINGS):
            if whole.tag == "table" and is_layout(whole):
                continue
            for element in [one for one in whole.iterdescendants(etree.Element) if is_hidden(one)]:
                self._hidden.note(inner_text(element))
                if not self._hidden.keep:
                    element.drop_tree()

    def _enter(self, element: etree._Element, tag: str) -> bool:
        """Begin an element; tell whether it is done with, its inside read or left out."""
        if tag == "noise" or self._boilerplate.holds(element, tag):
            return True
        if is_hidden(element):
            self._hidden.note(inner_text(element))
            if not self._hidden.keep:
                return True
        if tag == "br":
            self._pieces.append("\x0b")
        if tag in INLINE or tag in ("br", "img"):
            return False
        self._flush()
        if tag in ("pre", "table", *_HEADINGS):
            self._let_term_go()
        if tag == "table" and not is_layout(element):
            self._blocks += row_blocks(html_rows(element), self._headings.path, merged=True)
            return True
        if tag == "pre":
            code = "".join(element.itertext())
            self._blocks.append(Block(code, "code", self._headings.path))
            return True
        if tag in _HEADINGS:
            # An address in a heading would stand in the path of every block below it.
            text = inner_text(element, addresses=False)
            if text:
                self._blocks.append(Block(text, "heading", self._headings.enter(text, _HEADINGS[tag])))
            return True
        if tag in ("ul", "ol"):
            self._numbers.append(_first(element) if tag == "ol" else None)
        if tag in ("li", "dd"):
            self._lists += 1
            self._number = self._next_number(element)
        return False

    def _next_number(self, item: etree._Element) -> str:
        """Give what stands in front of an item of an ordered list."""
        if item.tag != "li" or not self._numbers or self._numbers[-1] is None:
            return ""
        own = item.get("value") or ""
        number = int(own) if _NUMBER.fullmatch(own) else self._numbers[-1]
        self._numbers[-1] = number + 1
        return f"{number}. "

    def _leave(self, element: etree._Element, tag: str) -> None:
        if tag == "a":
            self._pieces.append(behind("".join(element.itertext()), element.get("href")))
        if tag in INLINE or tag in ("br", "img"):
            return
        if tag == "dt":
            self._hold_term()
        self._flush()
        if tag == "dl":
            self._let_term_go()
        if tag in ("ul", "ol") and self._numbers:
            self._numbers.pop()
        if tag in ("li", "dd") and self._lists:
            self._lists -= 1
            self._number = ""

    def _hold_term(self) -> None:
        """Keep a term for its definition; several terms may share one."""
        text = _joined("".join(self._pieces))
        self._pieces = []
        if self._term and len(self._term) + len(text) > _LONGEST_TERMS:
            self._let_term_go()
        self._term = f"{self._term}, {text}" if self._term and text else self._term or text

    def _let_term_go(self) -> None:
        """Give a term that no text defines a block of its own."""
        if self._term:
            self._blocks.append(Block(self._term, "list", self._headings.path))
            self._term = ""

    def _flush(self) -> None:
        """Let the text gathered go; two line breaks (vertical tabs here) in a row part paragraphs."""
        kind: BlockKind = "list" if self._lists else "paragraph"
        for part in _BREAKS.split("".join(self._pieces)):
            if text := _joined(part):
                self._blocks.append(Block(self._number + self._defined(text), kind, self._headings.path))
                self._number = ""
        self._pieces = []

    def _defined(self, text: str) -> str:
        """Put the term that waits in front of its definition."""
        if not self._term:
            return text
        term, self._term = self._term, ""
        if term.endswith(_COLONS):
            return f"{term} {text}"
        return f"{term}{'：' if has_cjk(term + text) else ': '}{text}"


def _first(ordered: etree._Element) -> int:
    start = ordered.get("start") or ""
    return int(start) if _NUMBER.fullmatch(start) else 1


def _joined(text: str) -> str:
    return clean(join_lines(text.replace("\x0b", " ").strip().splitlines()))
