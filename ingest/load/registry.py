"""Which function reads which suffix; a new format is a small file and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from ingest.types import Block


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a loader gives: blocks in reading order, and the title and page count where the format has them."""

    blocks: list[Block]
    title: str | None = None
    pages: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    media_type: str
    module: str
    function: str

    def loader(self) -> Callable[[Path], Loaded]:
        """Import the loader now: its libraries cost start-up time."""
        return getattr(import_module(f"ingest.load.{self.module}"), self.function)


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: dict[str, Format] = {
    ".csv": Format("text/csv", "table", "csv_file"),
    ".docx": Format(_WORD, "office", "docx"),
    ".htm": Format("text/html", "markup", "html"),
    ".html": Format("text/html", "markup", "html"),
    ".markdown": Format("text/markdown", "markup", "markdown"),
    ".md": Format("text/markdown", "markup", "markdown"),
    ".pdf": Format("application/pdf", "pdf", "pdf"),
    ".text": Format("text/plain", "text", "text"),
    ".tsv": Format("text/tab-separated-values", "table", "tsv_file"),
    ".txt": Format("text/plain", "text", "text"),
    ".xlsx": Format(_EXCEL, "office", "xlsx"),
}


def supported_suffixes() -> tuple[str, ...]:
    return tuple(sorted(FORMATS))
