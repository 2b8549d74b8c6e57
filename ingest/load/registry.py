"""Which function reads which suffix; a new format is a small file and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from ingest.config import LoadSettings
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


_OFFICE = "application/vnd.openxmlformats-officedocument"
FORMATS: dict[str, Format] = {
    ".csv": Format("text/csv", "records", "csv_file"),
    ".docx": Format(f"{_OFFICE}.wordprocessingml.document", "word", "docx"),
    ".htm": Format("text/html", "markup", "html"),
    ".html": Format("text/html", "markup", "html"),
    ".jsonl": Format("application/jsonl", "records", "jsonl"),
    ".markdown": Format("text/markdown", "markup", "markdown"),
    ".md": Format("text/markdown", "markup", "markdown"),
    ".pdf": Format("application/pdf", "pdf", "pdf"),
    ".pptx": Format(f"{_OFFICE}.presentationml.presentation", "slides", "pptx"),
    ".text": Format("text/plain", "text", "text"),
    ".tsv": Format("text/tab-separated-values", "records", "tsv_file"),
    ".txt": Format("text/plain", "text", "text"),
    ".xlsx": Format(f"{_OFFICE}.spreadsheetml.sheet", "sheets", "xlsx"),
}


def supported_suffixes() -> tuple[str, ...]:
    """List the suffixes that can be read, in lower case with their dot, sorted."""
    return tuple(sorted(FORMATS))
