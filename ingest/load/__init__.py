"""Read a file into a document: blocks of text with their headings and pages. Nothing is ever fetched."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ingest.config import LoadSettings
from ingest.errors import LoadError
from ingest.load.clean import clean
from ingest.load.registry import FORMATS, supported_suffixes
from ingest.types import Block, Document

__all__ = ["load", "supported_suffixes"]


def load(path: Path, *, settings: LoadSettings, source: str | None = None) -> Document:
    """Read ``path`` into a document.

    :param source: what names the document for good, by default the resolved path; the same source replaces
        its older version.
    :raises LoadError: one line with the file's name, what is wrong and the way out.
    """
    name = path.name
    file_format = FORMATS.get(path.suffix.lower())
    if file_format is None:
        raise LoadError(
            f"{name}: format {path.suffix or 'without suffix'} can't be read; formats are {', '.join(FORMATS)}"
        )
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise LoadError(f"{name}: is not a file")
        if size > settings.max_file_mb * 1_000_000:
            raise LoadError(
                f"{name}: has {size / 1e6:.0f} MB, more than load.max_file_mb {settings.max_file_mb:g}: raise it"
            )
        if not size:
            raise LoadError(f"{name}: is empty")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise LoadError(f"{name}: can't be opened ({error.strerror})") from error
    loaded = file_format.loader()(path)
    blocks = [
        Block(text, block.kind, tuple(t for h in block.heading_path if (t := clean(h))), block.page)
        for block in loaded.blocks
        if (text := clean(block.text))
    ]
    if not blocks:
        raise LoadError(f"{name}: holds no text; scanned pages need text recognition first")
    title = clean(loaded.title or "") or path.stem
    source = source or str(path.resolve())
    return Document(
        doc_id=hashlib.sha256(source.encode()).hexdigest()[:16],
        title=title,
        source=source,
        media_type=file_format.media_type,
        sha256=digest,
        blocks=tuple(_without_title(block, title) for block in blocks),
        pages=loaded.pages,
        warnings=loaded.warnings,
    )


def _without_title(block: Block, title: str) -> Block:
    """A first heading that is the title would stand twice in every path."""
    if block.heading_path[:1] != (title,):
        return block
    return Block(block.text, block.kind, block.heading_path[1:], block.page)
