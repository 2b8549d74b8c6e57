"""Machine and software: cores, memory, disk, permissions, versions."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from ingest.settings import Settings
from rag.checkup.finding import Finding

_LOW_MEMORY_BYTES = 2_000_000_000
_LOW_DISK_BYTES = 2_000_000_000


def machine(settings: Settings) -> Iterator[Finding]:
    """Look at cores, memory, disks and the right to write."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Finding("machine", "cores", "ok", f"{cores}, {platform.system()} {platform.machine()}")
    if (free := _free_memory()) is not None:
        low = free < _LOW_MEMORY_BYTES
        mend = "end other programs, or take a smaller chat.model" if low else ""
        yield Finding("machine", "free memory", "note" if low else "ok", f"{free / 1e9:.1f} GB", mend)
    for what, folder in (("data folder", settings.data), ("model folder", settings.models_folder)):
        yield _folder(what, folder)


def _free_memory() -> int | None:
    """Give the bytes that programs can still take, None where the system doesn't tell."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)


def _folder(what: str, folder: Path) -> Finding:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    detail = f"{folder}, {free / 1e9:.1f} GB free"
    if not os.access(there, os.W_OK):
        return Finding("machine", what, "broken", f"{folder} can't be written", f"make {there} writable or set another")
    if free < _LOW_DISK_BYTES:
        return Finding("machine", what, "note", detail, "free disk space")
    return Finding("machine", what, "ok", detail)


def software() -> Iterator[Finding]:
    """Hold the installed libraries against what KeyRAG asks for, extras included."""
    yield Finding("software", "Python", "ok", f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    try:
        package = metadata.distribution("keyrag")
    except metadata.PackageNotFoundError:
        yield Finding("software", "keyrag", "note", "runs from a folder, is not installed", "pip install -e .")
        return
    wanted = [Requirement(text) for text in package.requires or []]
    faults = [fault for requirement in wanted if _applies(requirement, "") and (fault := _fault(requirement))]
    if faults:
        yield Finding("software", "libraries", "broken", "; ".join(faults), "pip install -U keyrag")
    else:
        yield Finding("software", "libraries", "ok", f"all that keyrag {package.version} asks for")
    for extra in sorted(set(package.metadata.get_all("Provides-Extra") or []) - {"dev"}):
        own = [r for r in wanted if _applies(r, extra) and not _applies(r, "")]
        faults = [fault for requirement in own if (fault := _fault(requirement))]
        mend = f"pip install 'keyrag[{extra}]' if you want it" if faults else ""
        yield Finding("software", f"extra {extra}", "note" if faults else "ok", "; ".join(faults) or "installed", mend)


def _applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _fault(requirement: Requirement) -> str | None:
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return f"{requirement.name} is missing"
    if not requirement.specifier.contains(version, prereleases=True):
        return f"{requirement.name} is {version}, should be {requirement.specifier}"
    return None
