"""Markdown and HTML."""

from __future__ import annotations

from pathlib import Path

from bs4 import BeautifulSoup, Tag
from markdown_it import MarkdownIt

from ingest.load.headings import HeadingPath
from ingest.load.registry import Loaded
from ingest.load.table import row_blocks
from ingest.load.text import decoded
from ingest.types import Block, BlockKind

_NOISE = ("script", "style", "noscript", "template", "nav", "footer", "aside", "form", "iframe", "svg", "button")
_BLOCKS = ("h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "table", "pre", "blockquote", "dt", "dd", "figcaption")


def markdown(path: Path) -> Loaded:
    """Read Markdown by way of its HTML, raw HTML in it included as text; links and images are not followed."""
    rendered = MarkdownIt("commonmark").enable("table").render(_without_front_matter(decoded(path)))
    return _read(BeautifulSoup(rendered, "lxml"))


def _without_front_matter(text: str) -> str:
    if text.startswith("---\n") and (end := text.find("\n---", 4)) > 0:
        return text[end + 4 :]
    return text


def html(path: Path) -> Loaded:
    """Read the main content of a page: no navigation, scripts, forms, headers or footers."""
    soup = BeautifulSoup(decoded(path), "lxml")
    for noise in soup.find_all([*_NOISE, "header"]):
        # A header inside the article may hold its title.
        if noise.name != "header" or noise.find("h1") is None:
            noise.decompose()
    return _read(soup)


def _read(soup: BeautifulSoup) -> Loaded:
    root = soup.find("main") or soup.find("article") or soup.body or soup
    named = soup.title.get_text() if soup.title else None
    first = root.find("h1") if isinstance(root, Tag) else None
    title = first.get_text() if isinstance(first, Tag) else named
    headings = HeadingPath()
    blocks: list[Block] = []
    for tag in root.find_all(_BLOCKS) if isinstance(root, Tag) else []:
        if any(parent.name in ("table", "pre") for parent in tag.parents):
            continue
        if tag.name == "table":
            rows = [[cell.get_text(" ") for cell in row.find_all(["td", "th"])] for row in tag.find_all("tr")]
            blocks += row_blocks(rows, headings.path)
            continue
        text = _own_text(tag)
        if not text:
            continue
        if tag.name[0] == "h" and tag.name[1:].isdigit():
            blocks.append(Block(text, "heading", headings.enter(int(tag.name[1]), text)))
        else:
            kind: BlockKind = "list" if tag.name in ("li", "dd") else "code" if tag.name == "pre" else "paragraph"
            blocks.append(Block(text, kind, headings.path))
    if not blocks and (text := root.get_text(" ").strip()):
        blocks = [Block(line) for line in root.get_text("\n").splitlines() if line.strip()]
    return Loaded(blocks, title)


def _own_text(tag: Tag) -> str:
    """Give the text of a block without that of the blocks inside it, which come on their own."""
    pieces = []
    for text in tag.find_all(string=True):
        inner = next(parent for parent in text.parents if parent is tag or parent.name in _BLOCKS)
        if inner is tag:
            pieces.append(str(text))
    return " ".join("".join(pieces).split())
