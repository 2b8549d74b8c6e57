"""Answers to questions about rows of tables: is the row in the prompt, with how many others, and is it read rightly?

    python -m bench.table_answers samples|tables [--ask]

The questions and documents are those of `bench/table_answers.yaml`, with the settings in force. Without --ask the
model is not called, not even to translate a question.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ingest.config import load_settings
from ingest.files import files_in
from ingest.pipeline import SourceFile
from rag.answer import Answer
from rag.service import KeyRAG
from rag.sources import Sources
from samples.demo import SAMPLES

_FILE = Path(__file__).with_suffix(".yaml")
_KB = "tables"


@dataclass(frozen=True)
class Asked:
    """What came of a question: the lines of its prompt, whether the row is the first hit, the answer if asked for."""

    row: dict[str, Any]
    lines: list[str]
    first: bool
    answer: Answer | None

    @property
    def held(self) -> bool:
        return any(_any(self.row["row"], line) and _any(self.row["expect"], line) for line in self.lines)

    @property
    def outcome(self) -> str:
        if self.answer is None or self.answer.refused:
            return "refused"
        return "right" if _any(self.row["expect"], self.answer.text) else "wrong"


def _any(wordings: Iterable[str], text: str) -> bool:
    return any(re.search(rf"(?<![\d.,]){re.escape(wording)}(?!\d)", text) for wording in wordings)


def _ask(service: KeyRAG, row: dict[str, Any], asks_model: bool) -> Asked:
    events = service.answer(_KB, row["question"])
    sources = next(event for event in events if isinstance(event, Sources))
    answer = next(event for event in events if isinstance(event, Answer)) if asks_model else None
    lines = sources.packed.text.splitlines()
    return Asked(row, lines, bool(sources.hits) and _any(row["row"], sources.hits[0].text), answer)


def _ingest(service: KeyRAG, name: str, documents: dict[str, str], folder: Path) -> None:
    files = [one for one in files_in([SAMPLES]) if one.name != "README.md"]
    if name == "tables":
        files = [folder / title for title in documents]
        for file in files:
            file.write_text(documents[file.name], encoding="utf-8")
    service.ingest(_KB, [SourceFile(file) for file in files])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list", choices=("samples", "tables"))
    parser.add_argument("--ask", action="store_true")
    options = parser.parse_args()
    known = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        overrides: dict[str, Any] = {"data": folder / "data"}
        if not options.ask:
            overrides["prompt"] = {"translate": None}
        service = KeyRAG(load_settings(None, overrides))
        _ingest(service, options.list, known["documents"], folder)
        asked = []
        for row in known[options.list]:
            asked.append(_ask(service, row, options.ask))
            if options.ask and asked[-1].answer:
                print(f"{asked[-1].outcome:<8}{row['question']} {asked[-1].answer.text!r}", flush=True)
    lines = sum(len(one.lines) for one in asked) / len(asked)
    print(f"{len(asked)} questions: row first {sum(one.first for one in asked)}, ", end="")
    print(f"in the prompt {sum(one.held for one in asked)}, lines a prompt {lines:.1f}")
    for one in asked:
        if not one.held:
            print(f"not in the prompt: {one.row['question']}")
    if options.ask:
        print(dict(Counter(one.outcome for one in asked)))


if __name__ == "__main__":
    main()
