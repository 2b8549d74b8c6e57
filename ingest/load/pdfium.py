"""pdfium, the library that reads PDF text and draws pages: one door, since it must not be entered twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2 as pdfium

from ingest.errors import LoadError

# pdfium keeps global state and must not be entered by two threads at once.
_DOOR = threading.RLock()


@contextmanager
def opened(path: Path, name: str | None = None) -> Iterator[pdfium.PdfDocument]:
    """Open a PDF for the thread that holds the door; others wait.

    :param name: what errors call the file.
    :raises LoadError: if it is locked, damaged or without pages.
    """
    name = name or path.name
    with _DOOR:
        try:
            document = pdfium.PdfDocument(path, password="")
        except pdfium.PdfiumError as error:
            if "password" in str(error).lower():
                raise LoadError(f"{name}: is locked with a password: save a copy without one") from error
            raise LoadError(f"{name}: is a damaged PDF: save or download it again") from error
        try:
            if not len(document):
                raise LoadError(f"{name}: is a PDF without pages: save or download it again")
            yield document
        except pdfium.PdfiumError as error:
            raise LoadError(f"{name}: is a damaged PDF: save or download it again") from error
        finally:
            document.close()
