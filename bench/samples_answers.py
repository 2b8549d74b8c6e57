"""Answers to the questions of `samples/questions.yaml`, in the words of the documents and in others.

    python -m bench.samples_answers FILE

Every question is answered once, whatever the evidence and the model's word, and kept in FILE, one JSON line each. Told
for several values of `answer.min_answerable`, by list: how many answerable questions are refused, and how many answered
rightly (a wording of every fact stands in the answer); how many unanswerable ones are refused; then what went wrong.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from ingest.config import load_settings
from ingest.files import files_in
from ingest.pipeline import SourceFile
from rag.answer import Answer
from rag.evaluate.metrics import contains
from rag.service import KeyRAG
from samples.demo import SAMPLES

_ANSWERABLE = (0.0, 0.3, 0.4, 0.5, 0.55, 0.6, 0.7)
Line = dict[str, Any]


def _asked(service: KeyRAG, question: str) -> Answer:
    return next(event for event in service.answer("samples", question) if isinstance(event, Answer))


def write(lists: dict[str, list[Line]], file: Path) -> None:
    """Write the answers that the file does not have yet; follow-ups are left out."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    done = {json.loads(line)["question"] for line in lines}
    with tempfile.TemporaryDirectory() as data:
        settings = load_settings(None, {"data": Path(data), "answer": {"min_evidence": 0.0, "min_answerable": 0.0}})
        service = KeyRAG(settings)
        service.ingest("samples", [SourceFile(one) for one in files_in([SAMPLES]) if one.name != "README.md"])
        for name, rows in lists.items():
            for row in rows:
                if "after" in row or row["question"] in done:
                    continue
                answer = _asked(service, row["question"])
                line = {
                    "list": name,
                    "question": row["question"],
                    "expect": row["expect"],
                    "evidence": answer.evidence,
                    "answerable": answer.answerable,
                    "answer": None if answer.refused else answer.text,
                }
                with file.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(line, ensure_ascii=False) + "\n")
                print(".", end="", flush=True)
    print()


def _final(line: Line, min_answerable: float) -> str | None:
    known = line["answerable"]
    return None if known is not None and known < min_answerable else line["answer"]


def _is_right(line: Line, min_answerable: float) -> bool:
    answer = _final(line, min_answerable)
    return answer is None if not line["expect"] else answer is not None and contains(answer, line["expect"]) == 1


def report(lines: Sequence[Line], shown: float) -> None:
    for name in dict.fromkeys(line["list"] for line in lines):
        there = [line for line in lines if line["list"] == name and line["expect"]]
        gone = [line for line in lines if line["list"] == name and not line["expect"]]
        for least in _ANSWERABLE:
            refused = sum(_final(line, least) is None for line in there)
            right = sum(_is_right(line, least) for line in there)
            says_no = sum(_is_right(line, least) for line in gone)
            print(f"{name}, answerable from {least:.2f}: refused {refused}, right {right} of {len(there)};", end="")
            print(f" unanswerable refused {says_no} of {len(gone)}")
    for line in lines:
        if not _is_right(line, shown):
            known = line["answerable"]
            judged = f"{line['evidence']:.2f} -> {known:.2f}" if known is not None else f"{line['evidence']:.2f}"
            print(f"  {line['question']}  [{judged}]  {line['answer'] or 'refused'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("written", metavar="FILE", type=Path, help="where answers are kept")
    arguments = parser.parse_args()
    write(yaml.safe_load((SAMPLES / "questions.yaml").read_text(encoding="utf-8")), arguments.written)
    lines = [json.loads(line) for line in arguments.written.read_text(encoding="utf-8").splitlines()]
    report(lines, load_settings().answer.min_answerable)


if __name__ == "__main__":
    main()
