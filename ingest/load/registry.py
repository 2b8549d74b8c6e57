"""Which function reads which suffix; a new format is a small file and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from ingest.errors import LoadError
from ingest.settings import LoadSettings
from ingest.types import Block


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a loader gives: blocks in reading order, title and page count where the format has them."""

    blocks: list[Block]
    title: str | None = None
    pages: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    media_type: str
    module: str
    function: str

    def loader(self) -> Callable[[Path, LoadSettings], Loaded]:
        """Import the loader now: its libraries cost start-up time."""
        module = import_module(f"ingest.load.{self.module}")
        function: Callable[[Path, LoadSettings], Loaded] = getattr(module, self.function)
        return function


@dataclass(frozen=True, slots=True)
class Container:
    """A file of files, each a document of its own; its loader gives all of them, or those of one name."""

    module: str
    function: str

    def loader(self) -> Callable[[Path, LoadSettings, str | None], Iterator[tuple[str, Path | LoadError]]]:
        """Import the function that gives the name and the unpacked file, or what is wrong with it, of each part."""
        module = import_module(f"ingest.load.{self.module}")
        function: Callable[[Path, LoadSettings, str | None], Iterator[tuple[str, Path | LoadError]]] = getattr(
            module, self.function
        )
        return function


_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
FORMATS: dict[str, Format] = {
    ".bmp": Format("image/bmp", "image", "image"),
    ".csv": Format("text/csv", "records", "csv_file"),
    ".docx": Format(f"{_OFFICE}.wordprocessingml.document", "word", "docx"),
    ".eml": Format("message/rfc822", "mail", "eml"),
    ".epub": Format("application/epub+zip", "epub", "epub"),
    ".htm": Format("text/html", "markup", "html"),
    ".html": Format("text/html", "markup", "html"),
    ".jpeg": Format("image/jpeg", "image", "image"),
    ".jpg": Format("image/jpeg", "image", "image"),
    ".json": Format("application/json", "objects", "json_file"),
    ".jsonl": Format("application/jsonl", "objects", "jsonl"),
    ".markdown": Format("text/markdown", "markup", "markdown"),
    ".md": Format("text/markdown", "markup", "markdown"),
    ".msg": Format("application/vnd.ms-outlook", "mail", "msg"),
    ".odp": Format(f"{_OPEN}.presentation", "opendocument", "odp"),
    ".ods": Format(f"{_OPEN}.spreadsheet", "opendocument", "ods"),
    ".odt": Format(f"{_OPEN}.text", "opendocument", "odt"),
    ".org": Format("text/org", "outline", "org"),
    ".pdf": Format("application/pdf", "pdf", "pdf"),
    ".png": Format("image/png", "image", "image"),
    ".pptx": Format(f"{_OFFICE}.presentationml.presentation", "slides", "pptx"),
    ".rst": Format("text/x-rst", "outline", "rst"),
    ".rtf": Format("application/rtf", "rtf", "rtf"),
    ".text": Format("text/plain", "text", "text"),
    ".tif": Format("image/tiff", "image", "image"),
    ".tiff": Format("image/tiff", "image", "image"),
    ".tsv": Format("text/tab-separated-values", "records", "tsv_file"),
    ".txt": Format("text/plain", "text", "text"),
    ".webp": Format("image/webp", "image", "image"),
    ".xhtml": Format("text/html", "markup", "html"),
    ".xlsx": Format(f"{_OFFICE}.spreadsheetml.sheet", "sheets", "xlsx"),
    ".xml": Format("application/xml", "xml_text", "xml"),
}
CONTAINERS: dict[str, Container] = {
    ".mbox": Container("containers", "mbox"),
    ".zip": Container("containers", "zip_file"),
}
_SAVE = "open it in Microsoft Office or LibreOffice and save it as"
OLD_FORMATS = {".doc": f"{_SAVE} .docx", ".ppt": f"{_SAVE} .pptx", ".xls": f"{_SAVE} .xlsx", ".wps": f"{_SAVE} .docx"}


def supported_suffixes() -> tuple[str, ...]:
    """List the suffixes that can be read, in lower case with their dot, sorted."""
    return tuple(sorted((*FORMATS, *CONTAINERS)))
