"""EPUB: the chapters of a book in reading order."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from ingest.errors import LoadError
from ingest.load.archive import check_office_file
from ingest.load.clean import clean
from ingest.load.damage import DAMAGE
from ingest.load.encoding import decoded_bytes
from ingest.load.hidden import HiddenText
from ingest.load.markup import read_html
from ingest.load.registry import Loaded
from ingest.settings import LoadSettings
from ingest.types import Block

_CONTAINER = "META-INF/container.xml"
_LOCKS = "META-INF/encryption.xml"
# Fonts alone are often scrambled; that does not keep anybody from reading.
_FONT_LOCKS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_VOID = "area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr"
# An HTML parser takes <title/> for a beginning.
_CLOSED = re.compile(rf"<(?!(?:{_VOID})\b)([a-zA-Z][\w:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)/>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Package:
    title: str | None
    chapters: tuple[str, ...]
    contents: str | None


def epub(path: Path, settings: LoadSettings) -> Loaded:
    """Read the chapters in the order of the spine; the table of contents names those without a heading.

    :raises LoadError: also if the book is protected (DRM).
    """
    check_office_file(path, _CONTAINER, "EPUB book (.epub)")
    hidden = HiddenText(settings)
    try:
        with zipfile.ZipFile(path) as book:
            if _is_locked(book):
                raise LoadError(f"{path.name}: is protected against copying (DRM): use a copy without protection")
            package = _package(book)
            titles = dict(_titles(book, package.contents)) if package.contents else {}
            blocks = list(_chapters(path.name, book, package, titles, hidden))
    except DAMAGE as error:
        raise LoadError(f"{path.name}: is damaged inside: download or convert it again") from error
    return Loaded(blocks, package.title, warnings=hidden.warnings)


def _xml(content: bytes) -> etree._Element:
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, recover=True))


def _is_locked(book: zipfile.ZipFile) -> bool:
    if _LOCKS not in book.namelist():
        return False
    methods = _xml(book.read(_LOCKS)).iter("{*}EncryptionMethod")
    return any(method.get("Algorithm") not in _FONT_LOCKS for method in methods)


def _package(book: zipfile.ZipFile) -> _Package:
    root = _xml(book.read(_CONTAINER)).find(".//{*}rootfile").get("full-path")
    package = _xml(book.read(root))
    items = {item.get("id"): item for item in package.iter("{*}item")}
    named = package.find(".//{http://purl.org/dc/elements/1.1/}title")
    spine = package.find("{*}spine")
    contents = next((item for item in items.values() if "nav" in (item.get("properties") or "").split()), None)
    chapters = [items[ref.get("idref")] for ref in spine.iter("{*}itemref") if ref.get("idref") in items]
    read = [item for item in chapters if item is not contents and "html" in (item.get("media-type") or "")]
    if contents is None:
        contents = items.get(spine.get("toc"))
    return _Package(
        named.text if named is not None else None,
        tuple(_resolved(root, item.get("href")) for item in read),
        _resolved(root, contents.get("href")) if contents is not None else None,
    )


def _resolved(base: str, href: str | None) -> str:
    """Give the place in the archive that a link from the file ``base`` points at."""
    target = unquote((href or "").split("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), target))


def _titles(book: zipfile.ZipFile, contents: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the path of titles of every chapter that the table of contents (EPUB 3 or 2) lists, first mention last."""
    root = _xml(book.read(contents))
    found: list[tuple[str, tuple[str, ...]]] = []
    nav = next((one for one in root.iter("{*}nav") if "toc" in "".join(one.attrib.values()).split()), None)
    points = root.iter("{*}navPoint") if nav is None else nav.iter("{*}li")
    for point in points:
        link = point.find("{*}content") if nav is None else point.find("{*}a")
        target = link.get("src" if nav is None else "href") if link is not None else None
        if target:
            above = [_label(one) for one in point.iterancestors("{*}navPoint", "{*}li")]
            found.append((_resolved(contents, target), (*reversed(above), _label(point))))
    return reversed(found)


def _label(point: etree._Element) -> str:
    name = next(point.iterchildren("{*}navLabel", "{*}a", "{*}span"), None)
    return clean("".join(name.itertext())) if name is not None else ""


def _chapters(
    name: str, book: zipfile.ZipFile, package: _Package, titles: dict[str, tuple[str, ...]], hidden: HiddenText
) -> Iterator[Block]:
    above: tuple[str, ...] = ()
    for chapter in package.chapters:
        found = decoded_bytes(book.read(chapter))
        if found is None:
            continue
        text = _CLOSED.sub(r"<\1\2></\1>", found.text)
        blocks, _ = read_html(f"{name}: {posixpath.basename(chapter)}", text, hidden, whole=True)
        titled = tuple(filter(None, titles.get(chapter, ())))
        has_own = bool(titled and blocks and blocks[0].kind == "heading" and _same(blocks[0].text, titled[-1]))
        if titled and blocks and not has_own:
            yield Block(titled[-1], "heading", titled[:-1])
        # A chapter that the contents don't name goes on under the one before, unless it has a heading.
        begins = titled or (blocks and blocks[0].kind == "heading")
        path = titled[:-1] if has_own else titled if begins else above
        above = titled if begins else above
        for block in blocks:
            yield replace(block, heading_path=path + block.heading_path)


def _same(heading: str, title: str) -> bool:
    return "".join(heading.split()).lower() == "".join(title.split()).lower()
