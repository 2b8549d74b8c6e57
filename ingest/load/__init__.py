"""Read a file into a document: blocks of text with their headings and pages. Nothing is ever fetched.

:func:`load` reads in this process; :func:`ingest.load.ahead.load_ahead` does in one that may crash.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ingest.errors import LoadError
from ingest.load.clean import clean, clean_code
from ingest.load.registry import CONTAINERS, FORMATS, OLD_FORMATS, Format, supported_suffixes
from ingest.settings import LoadSettings
from ingest.types import Block, Document

__all__ = ["container_of", "document_id", "label", "load", "parts", "supported_suffixes"]

# Between an archive and the name of a file in it, as in "letters.zip!/2025/offer.docx".
_INSIDE = "!/"

# Names that programs put in when nobody gave a title.
_NO_TITLE = re.compile(
    r"(?:\(?(?:untitled|anonymous|unspecified|unknown|none|null|title|无标题|未命名)\)?\s*\d*"
    r"|(?:document|doc|book|sheet|presentation|slide|文档|工作簿|演示文稿|幻灯片)\s*\d*"
    r"|microsoft (?:word|excel|powerpoint)\b.*|word document|powerpoint (?:presentation|演示文稿)"
    r"|.*\.(?:docx?|pdf|xlsx?|pptx?|tex|dvi|indd|wps|html?|md|txt)|[\W\d_]*|.{200,})",
    re.IGNORECASE | re.DOTALL,
)


def document_id(source: str) -> str:
    """Give the stable id of a source: the same path always gets the same 16 hex digits."""
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def container_of(source: str) -> str | None:
    """Give the archive that a document's source lies in, None if it is a file of its own.

    >>> container_of("/home/li/letters.zip!/2025/offer.docx")
    '/home/li/letters.zip'
    """
    archive, inside, _ = source.partition(_INSIDE)
    return archive if inside and Path(archive).suffix.lower() in CONTAINERS else None


def label(source: str) -> str:
    """Name a source in an error: without the folders that lead to it.

    >>> label("/home/li/letters.zip!/2025/offer.docx"), label("/home/li/offer.docx")
    ('letters.zip!/2025/offer.docx', 'offer.docx')
    """
    archive = container_of(source)
    outer = Path(archive or source).name
    return _printable(outer + source[len(archive) :] if archive else outer)


def parts(
    path: Path, *, source: str, settings: LoadSettings, only: str | None = None
) -> Iterator[tuple[str, Path | LoadError]]:
    """Give the files to load as documents: those inside an archive, each known by its place in it, else the file.

    The files of an archive are unpacked one at a time and are gone when the next is asked for.

    :param only: what the one wanted file of an archive is known by; others are not unpacked.
    :raises LoadError: if an archive can't be read as such.
    """
    container = CONTAINERS.get(path.suffix.lower())
    if container is None or not path.is_file():
        yield source, path
        return
    name = label(source)
    _digest(path, name, settings.max_file_mb)
    found = False
    try:
        for inside, part in container.loader()(path, settings, only and only.removeprefix(source + _INSIDE)):
            found = True
            known_as = f"{source}{_INSIDE}{inside}"
            yield known_as, LoadError(f"{label(known_as)}: {part}") if isinstance(part, LoadError) else part
    except LoadError as error:
        raise LoadError(str(error).replace(f"{path.name}: ", f"{name}: ", 1)) from error
    if not found and only is None:
        known = ", ".join(sorted(FORMATS))
        raise LoadError(f"{name}: holds no file that can be read: formats are {known}")


def load(
    path: Path,
    *,
    source: str | None = None,
    title: str | None = None,
    settings: LoadSettings,
) -> Document:
    """Read ``path`` into a document.

    :param source: what the document is known by, by default its resolved path; loading the same source again
        replaces its older version.
    :param title: by default the title the file gives itself, else its name without the suffix.
    :raises LoadError: one line with the file's name, what is wrong and the way out; for an archive, whose
        files :func:`parts` gives.
    """
    path = Path(path)
    known_as = Path(source or path)
    name = label(str(known_as))
    file_format = _format(path, name)
    digest = _digest(path, name, settings.max_file_mb)
    try:
        loaded = file_format.loader()(path, settings)
    except LoadError as error:  # loaders name the path that they were given
        raise LoadError(str(error).replace(f"{path.name}: ", f"{name}: ", 1)) from error
    except OSError as error:
        raise LoadError(f"{name}: can't be read ({error.strerror or 'damaged'}): check the file") from error
    except MemoryError as error:
        raise LoadError(
            f"{name}: needs over {settings.max_memory_mb} MB of memory to read: split it or raise load.max_memory_mb"
        ) from error
    if loaded.pages and loaded.pages > settings.max_pages:
        raise LoadError(
            f"{name}: has {loaded.pages} pages, over {settings.max_pages}: split it or raise load.max_pages"
        )
    blocks = tuple(block for raw in loaded.blocks if (block := _cleaned(raw)).text)
    if not blocks:
        raise LoadError(f"{name}: holds no text: check that it is the right file")
    own = clean(loaded.title or "")
    title = clean(title or "") or (own if not _NO_TITLE.fullmatch(own) else _printable(known_as.stem))
    source = _printable(source or str(path.resolve()))
    return Document(
        doc_id=document_id(source),
        title=title,
        source=source,
        media_type=file_format.media_type,
        sha256=digest,
        blocks=tuple(_without_title(block, title) for block in blocks),
        pages=loaded.pages,
        warnings=tuple(clean(warning) for warning in loaded.warnings),
    )


def _printable(name: str) -> str:
    """A file name that is no UTF-8, or holds line breaks, as one line of proper text."""
    return clean(os.fsencode(name).decode("utf-8", "replace"))


def _format(path: Path, name: str) -> Format:
    if not path.exists():
        raise LoadError(f"{name}: there is no such file: check the path")
    if not path.is_file():
        raise LoadError(f"{name}: is no regular file: name the files inside a folder")
    file_format = FORMATS.get(path.suffix.lower())
    if way_out := OLD_FORMATS.get(path.suffix.lower()):
        raise LoadError(f"{name}: is of an old binary format that can't be read: {way_out}")
    if path.suffix.lower() in CONTAINERS:
        raise LoadError(f"{name}: is an archive inside another file: unpack it first")
    if file_format is None:
        suffix = _printable(path.suffix) or "without suffix"
        known = ", ".join(supported_suffixes())
        raise LoadError(f"{name}: format {suffix} can't be read: convert it to one of {known}")
    return file_format


def _digest(path: Path, name: str, max_mb: float) -> str:
    """Give the hex SHA-256 of a file that is neither empty nor too large."""
    try:
        size = path.stat().st_size
        if not size:
            raise LoadError(f"{name}: is empty: save or download it again")
        if size > max_mb * 1_000_000:
            raise LoadError(f"{name}: has {size / 1e6:.1f} MB, over {max_mb:g}: split it or raise load.max_file_mb")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise LoadError(f"{name}: can't be opened ({error.strerror}): check its permissions") from error


def _cleaned(block: Block) -> Block:
    text = clean_code(block.text) if block.kind == "code" else clean(block.text)
    path = tuple(heading for raw in block.heading_path if (heading := clean(raw)))
    return replace(block, text=text, heading_path=path)


def _without_title(block: Block, title: str) -> Block:
    """A first heading that is the title would stand twice in every path."""
    if block.heading_path[:1] != (title,):
        return block
    return replace(block, heading_path=block.heading_path[1:])
