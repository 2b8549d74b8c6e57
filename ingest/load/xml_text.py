"""XML of any vocabulary: its text, with titles as headings and flat elements as rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from ingest.errors import LoadError
from ingest.load.clean import clean
from ingest.load.registry import Loaded
from ingest.load.table import row_blocks
from ingest.settings import LoadSettings
from ingest.types import Block

_TITLES = frozenset(("title", "head", "heading"))


def xml(path: Path, settings: LoadSettings) -> Loaded:
    """Read the text of a well-formed file. Entities, inclusions and style sheets are left alone.

    :raises LoadError: with the line where it is not well-formed.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(path.read_bytes(), parser)
    except etree.XMLSyntaxError as error:
        told = clean(error.msg or "no element")
        raise LoadError(f"{path.name}: is not well-formed XML ({told}): mend it or save it as text") from error
    blocks = list(_blocks(root, ()))
    title = next((clean("".join(child.itertext())) for child in root if _is_title(child)), None)
    return Loaded(blocks, title)


def _blocks(element: etree._Element, path: tuple[str, ...]) -> Iterator[Block]:
    """Walk by hand, as files may be nested deeper than Python calls."""
    waiting = [(element, path)]
    while waiting:
        element, path = waiting.pop()
        children = [child for child in element if isinstance(child.tag, str)]
        mixed = clean(element.text or "") or any(clean(child.tail or "") for child in element)
        if not children or mixed:
            yield Block(" ".join(element.itertext()) if not mixed else "".join(element.itertext()), "paragraph", path)
        elif not any(len(child) for child in children) and len({child.tag for child in children}) > 1:
            fields = [(_name(child), clean(child.text or "")) for child in children]
            fields += [(name, value) for name, value in element.attrib.items() if "}" not in name]
            yield from row_blocks([[name for name, _ in fields], [value for _, value in fields]], path)
        else:
            if _is_title(children[0]) and (title := clean("".join(children[0].itertext()))):
                yield Block(title, "heading", path)
                path, children = (*path, title), children[1:]
            waiting += [(child, path) for child in reversed(children)]


def _is_title(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and _name(element).lower() in _TITLES


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname
