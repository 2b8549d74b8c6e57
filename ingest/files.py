"""Which files an ingest reads: those named, and those of readable formats in folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from ingest.errors import KeyRAGError
from ingest.load import supported_suffixes


def files_in(paths: Iterable[Path], tell: Callable[[str], None] | None = None) -> list[Path]:
    """List the files to ingest: files as named, folders searched for supported formats, sorted.

    :param tell: takes a line about each folder that holds nothing that can be read, where other paths do.
    :raises KeyRAGError: if a path does not exist, or a folder holds nothing that can be read and ``tell`` is None
        or there is nothing else.
    """
    found: list[Path] = []
    problems: list[str] = []
    for path in paths:
        if path.is_dir():
            inside = readable_files(path)
            if not inside:
                problems.append(
                    f"folder {path} holds no file that can be read: formats are {', '.join(supported_suffixes())}"
                )
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise KeyRAGError(f"there is no file or folder {path}: check the path")
    for problem in problems:
        if tell is None or not found:
            raise KeyRAGError(problem)
        tell(problem)
    return list(dict.fromkeys(found))


def readable_files(folder: Path) -> list[Path]:
    """List the files of supported formats in a folder and below it, sorted, without hidden ones."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in supported_suffixes() and path.is_file() and not _hidden(path.relative_to(folder))
    )


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.parts)
