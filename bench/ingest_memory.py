"""Memory over many documents, and what loading and splitting cost: python -m bench.ingest_memory [--documents 1000]

The first table gives the resident memory of this process and of the loading process while documents of several
formats are ingested. It measures loading, so its vectors are not computed but all the same. The second takes the real
embedding model and gives the seconds of each step, one after the other, for text and for born-digital PDF.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from langchain_core.embeddings import Embeddings

from bench import files, office_files
from bench.corpus import knowledge_base
from bench.pages import PAGES
from ingest.config import load_settings
from ingest.index.knowledge_base import open_knowledge_base
from ingest.keyinfo import keys
from ingest.load.process import LoadingProcess
from ingest.models.embeddings import load_embeddings
from ingest.pipeline import Pipeline, Progress, SourceFile
from ingest.settings import Settings
from ingest.split import Splitter
from ingest.types import Document, EmbeddingIdentity

_DIMENSION = 384
_STEP = 100


class SameVectors(Embeddings):
    """Gives every text one and the same vector."""

    _vector = [_DIMENSION**-0.5] * _DIMENSION

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self._vector] * len(texts)

    def embed_query(self, text: str) -> list[float]:
        return self._vector


def _megabytes(pid: int, field: str) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1e3 for line in status.splitlines() if line.startswith(field)), 0.0)


def _children() -> list[int]:
    stats = [stat.read_text() for stat in Path("/proc").glob("[0-9]*/stat")]
    return [int(stat.split()[0]) for stat in stats if int(stat.rsplit(")")[-1].split()[1]) == os.getpid()]


def _written(folder: Path, count: int) -> list[SourceFile]:
    """Write documents of five formats by turns, of the same text, but no two of the same bytes."""
    made: tuple[tuple[str, Callable[[], bytes]], ...] = (
        (".pdf", lambda: office_files.report_pdf(5)),
        (".docx", office_files.manual_docx),
        (".xlsx", office_files.price_list_xlsx),
        (".html", lambda: PAGES[0].content),
        (".eml", lambda: files.eml_bytes({"a.pdf": office_files.report_pdf(2)})),
    )
    contents = [(suffix, make()) for suffix, make in made]
    found = []
    for number in range(count):
        suffix, content = contents[number % len(contents)]
        path = folder / f"{number:04d}{suffix}"
        path.write_bytes(content)
        if content.startswith(b"PK"):
            with zipfile.ZipFile(path, "a") as archive:
                archive.writestr("number", str(number))
        else:  # a comment, in all of these formats, or a line behind the last part
            path.write_bytes(content + f"\n%<!--{number}-->".encode())
        found.append(SourceFile(path))
    return found


def memory(count: int, settings: Settings) -> None:
    print("| documents | this process, MB (peak) | loading process, MB (peak) |\n|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        identity = EmbeddingIdentity("same", _DIMENSION, None, None, 512)
        kb = open_knowledge_base(folder / "kb", identity, settings.index, create=True)
        shown = -1
        worker, peak = 0.0, 0.0

        def progress(step: Progress) -> None:
            nonlocal shown, worker, peak
            for pid in _children():
                worker, peak = _megabytes(pid, "VmRSS"), max(peak, _megabytes(pid, "VmHWM"))
            if step.documents // _STEP > shown:
                shown = step.documents // _STEP
                now, most = (_megabytes(os.getpid(), field) for field in ("VmRSS", "VmHWM"))
                print(f"| {step.documents} | {now:.0f} ({most:.0f}) | {worker:.0f} ({peak:.0f}) |", flush=True)

        report = Pipeline(kb, SameVectors(), settings, progress).ingest_files(_written(folder, count))
        print(f"{report.count('added')} added, {report.count('failed')} failed")


def shares(settings: Settings) -> None:
    embeddings = load_embeddings(settings.embedding, settings.models_folder)
    embeddings.embed_documents(["warm"])
    splitter = Splitter(settings.split, embeddings)
    # No sentence twice: the same text is embedded once.
    paragraphs = ["".join(f"第{n}条：{office_files.CHINESE[(n + i) % 6]}" for i in range(4)) for n in range(400)]
    kinds = {
        "text": ("a.txt", "\n".join(paragraphs).encode()),
        "born-digital PDF": ("a.pdf", office_files.report_pdf(100, chinese=True)),
    }
    print("| file | load, s | split and keys, s | embed, s | load and split, share | ingest at once, s |")
    print("|---|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as name, closing(LoadingProcess(settings.load)) as process:
        folder = Path(name)
        for kind, (file, content) in kinds.items():
            path = folder / file
            path.write_bytes(content)
            list(process.read(path))  # started and warm
            began = time.perf_counter()
            (document,) = (one for one in process.read(path) if isinstance(one, Document))
            loaded = time.perf_counter()
            texts = [key.text for key in keys(splitter.split(document), settings.keyinfo)]
            parted = time.perf_counter()
            embeddings.embed_documents(texts)
            embedded = time.perf_counter()
            fresh = load_embeddings(settings.embedding, settings.models_folder)  # remembers none of these texts
            kb = knowledge_base(folder / kind, fresh, settings)
            ingesting = time.perf_counter()
            Pipeline(kb, fresh, settings).ingest_files([SourceFile(path)])
            ended = time.perf_counter()
            share = (parted - began) / (embedded - began)
            print(
                f"| {kind}, {len(document.text):,} characters | {loaded - began:.2f} | {parted - loaded:.2f} "
                f"| {embedded - parted:.2f} | {share:.1%} | {ended - ingesting:.2f} |",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ingest_memory", description=__doc__)
    parser.add_argument("--documents", type=int, default=1000, help="0 leaves the first table out")
    arguments = parser.parse_args()
    settings = load_settings()
    if arguments.documents:
        memory(arguments.documents, settings)
        print()
    shares(settings)


if __name__ == "__main__":
    main()
