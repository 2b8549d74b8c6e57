"""ZIP archives and mailboxes: files of files, each a document of its own."""

from __future__ import annotations

import mailbox
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath

from ingest.errors import LoadError
from ingest.load.archive import checked_parts
from ingest.load.clean import clean
from ingest.load.damage import DAMAGE
from ingest.load.encoding import decoded_bytes
from ingest.load.registry import CONTAINERS, FORMATS, OLD_FORMATS
from ingest.settings import LoadSettings

_MOST_PARTS = 10_000
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
_CHUNK = 1 << 20

Part = tuple[str, Path | LoadError]


def zip_file(path: Path, settings: LoadSettings, only: str | None = None) -> Iterator[Part]:
    """Give the files of a ZIP archive that have a supported format, by their names inside it.

    :param only: unpack the files of this name and no others.

    Names are labels: nothing is written anywhere but into a temporary file. As in a folder, hidden files and
    those of other formats are passed over; an archive in the archive is not opened.
    """
    infos = checked_parts(path, "ZIP archive (.zip)")
    if len(infos) > _MOST_PARTS:
        raise LoadError(f"{path.name}: holds {len(infos)} files, over {_MOST_PARTS}: split it")
    readable = {*FORMATS, *CONTAINERS, *OLD_FORMATS}
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
        for info in infos:
            name = _name(info)
            suffix = PurePosixPath(name).suffix.lower()
            if info.is_dir() or suffix not in readable or _is_hidden(name) or (only is not None and name != only):
                continue
            target = Path(folder) / f"part{suffix}"
            yield name, _unpacked(archive, info, target, settings)
            target.unlink(missing_ok=True)


def _unpacked(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, settings: LoadSettings
) -> Path | LoadError:
    if info.flag_bits & _ENCRYPTED:
        return LoadError("is locked with a password: unpack the archive first")
    if info.file_size > settings.max_file_mb * 1_000_000:
        return LoadError(
            f"has {info.file_size / 1e6:.1f} MB, over {settings.max_file_mb:g}: split it or raise load.max_file_mb"
        )
    try:
        with archive.open(info) as packed, target.open("wb") as file:
            while chunk := packed.read(_CHUNK):
                file.write(chunk)
    except DAMAGE as error:
        return LoadError(f"is damaged in the archive ({' '.join(str(error).split())}): pack it again")
    return target


def _name(info: zipfile.ZipInfo) -> str:
    """Give the name as its maker wrote it: old programs write bytes of their own code page."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:  # a name from the field for Unicode names
            raw = b""
        if any(byte > 0x7F for byte in raw) and (found := decoded_bytes(raw)) is not None:
            name = found.text
    steps = [step for step in re.split(r"[/\\]", name) if step not in ("", ".", "..")]
    return clean("/".join(steps))


def _is_hidden(name: str) -> bool:
    return any(step.startswith((".", "~$")) or step == "__MACOSX" for step in name.split("/"))


def mbox(path: Path, settings: LoadSettings, only: str | None = None) -> Iterator[Part]:
    """Give the messages of a mailbox, known by their number; only the one named, if one is."""
    with path.open("rb") as file:
        if not file.read(5).startswith(b"From "):
            raise LoadError(f"{path.name}: is no mailbox: it must begin with a line 'From ...'")
    with closing(mailbox.mbox(path, create=False)) as box, tempfile.TemporaryDirectory() as folder:
        for number, key in enumerate(box.iterkeys(), 1):
            if number > _MOST_PARTS:
                raise LoadError(f"{path.name}: holds over {_MOST_PARTS} messages: split it")
            name = f"{number}.eml"
            if only is not None and name != only:
                continue
            target = Path(folder) / "message.eml"
            target.write_bytes(box.get_bytes(key))
            yield name, target
