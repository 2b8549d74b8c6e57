"""Look into a ZIP archive, which Office files are too, before a parser does."""

from __future__ import annotations

import zipfile
from pathlib import Path

from ingest.errors import LoadError
from ingest.load.damage import DAMAGE
from ingest.load.signature import looks_like

_LARGEST_MB = 1000
_RATIO_FREE_MB = 50
_RATIO = 100


def check_office_file(path: Path, main_part: str, program: str) -> None:
    """Refuse what is no Office file of this kind, and what unpacks to far more than it is.

    :param main_part: the part that tells the kind, such as word/document.xml.
    :param program: how an error names the kind, such as "Word document (.docx)".
    :raises LoadError: one line with the way out.
    """
    if main_part not in {part.filename for part in checked_parts(path, program)}:
        raise LoadError(f"{path.name}: is a ZIP archive but no {program}: give it the right suffix")


def checked_parts(path: Path, program: str) -> list[zipfile.ZipInfo]:
    """List what is in a ZIP archive that does not unpack to far more than it is.

    :param program: how an error names the kind of file.
    :raises LoadError: one line with the way out.
    """
    with path.open("rb") as file:
        head = file.read(32)
    if not head.startswith(b"PK"):
        real = looks_like(head)
        way_out = f"it is {real}" if real else "it is damaged or has the wrong suffix"
        raise LoadError(f"{path.name}: is no {program}, {way_out}: open it in its program and save it anew")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except DAMAGE as error:
        raise LoadError(f"{path.name}: is cut short or damaged: save or download it again") from error
    # ZipFile never unpacks more of a part than its declared size.
    unpacked = sum(part.file_size for part in parts) / 1e6
    packed = sum(part.compress_size for part in parts) / 1e6
    if unpacked > _LARGEST_MB or unpacked > _RATIO_FREE_MB + _RATIO * packed:
        raise LoadError(f"{path.name}: unpacks to {unpacked:.0f} MB, too much: split it")
    return parts
