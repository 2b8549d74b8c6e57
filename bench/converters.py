"""Our reader of web pages beside well-known converters: python -m bench.converters

Every page holds sentences that must come out and some, of menus and banners, that must not. Given are the share of
the first that is found word for word, and of the second. Converters that are not installed are passed over.
"""

from __future__ import annotations

import importlib.util
import io
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.pages import PAGES
from ingest.config import load_settings
from ingest.load import load

Convert = Callable[[Path], str]


@dataclass(frozen=True)
class Score:
    kept: float
    noise: float
    seconds: float


def ours(path: Path) -> str:
    return load(path, settings=load_settings().load).text


def trafilatura(path: Path) -> str:
    import trafilatura as library

    return library.extract(path.read_bytes(), include_tables=True, include_links=True) or ""


def markitdown(path: Path) -> str:
    from markitdown import MarkItDown

    return MarkItDown().convert(io.BytesIO(path.read_bytes()), file_extension=path.suffix).text_content


def _bare(text: str) -> str:
    """Leave out what a format adds: marks of Markdown, space, the joints of rows."""
    return "".join(char for char in text if char.isalnum())


def score(convert: Convert, path: Path, keep: tuple[str, ...], drop: tuple[str, ...]) -> Score:
    began = time.perf_counter()
    found = _bare(convert(path))
    seconds = time.perf_counter() - began
    kept = sum(_bare(one) in found for one in keep) / len(keep)
    return Score(kept, sum(_bare(one) in found for one in drop) / max(len(drop), 1), seconds)


def main() -> None:
    converters: dict[str, Convert] = {"keyrag": ours}
    for name, convert in (("trafilatura", trafilatura), ("markitdown", markitdown)):
        if importlib.util.find_spec(name):
            converters[name] = convert
    print("| page |", " | ".join(f"{name}: kept / noise / s" for name in converters), "|")
    print("|---" * (len(converters) + 1) + "|")
    with tempfile.TemporaryDirectory() as folder:
        for page in PAGES:
            path = Path(folder) / page.name
            path.write_bytes(page.content)
            scores = [score(convert, path, page.keep, page.drop) for convert in converters.values()]
            cells = [f"{found.kept:.2f} / {found.noise:.2f} / {found.seconds:.2f}" for found in scores]
            print(f"| {page.name} |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
