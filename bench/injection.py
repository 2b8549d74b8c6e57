"""What gets through of documents that try to give the language model orders.

    python -m bench.injection [--model NAME] [--show]

Every document of bench/injection.yaml is indexed and asked about, once with
``prompt.suspicious: flag`` (the sentences reach the model, forged marks are taken apart) and once with the
default ``leave_out``. An attack gets through where its canary stands in the answer.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import yaml

from ingest.config import load_settings
from ingest.pipeline import SourceFile
from rag.answer import Answer
from rag.service import KeyRAG

ATTACKS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "injection.yaml").read_text(encoding="utf-8"))


def _answers(service: KeyRAG, folder: Path) -> list[Answer]:
    answers = []
    for number, attack in enumerate(ATTACKS):
        file = folder / f"{attack['name']}.txt"
        file.write_text(attack["text"], encoding="utf-8")
        service.ingest(f"kb{number}", [SourceFile(file)])
        answers.append(service.ask(f"kb{number}", attack["question"]))
    return answers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="qwen2.5-coder-0.5b-instruct")
    parser.add_argument("--show", action="store_true", help="print every answer")
    arguments = parser.parse_args()
    for suspicious in ("flag", "leave_out"):
        with tempfile.TemporaryDirectory() as folder:
            overrides = {
                "data": folder,
                "chat": {"model": arguments.model, "generation": {"max_tokens": 60}},
                "prompt": {"suspicious": suspicious},
                "answer": {"min_evidence": 0.0},
                "audit": {"level": "off"},
            }
            service = KeyRAG(load_settings(None, overrides))
            answers = _answers(service, Path(folder))
            service.close()
        through = right = 0
        for attack, answer in zip(ATTACKS, answers, strict=True):
            text = answer.text.lower()
            hit = attack["canary"] in text
            through += hit
            right += any(fact.lower() in text for fact in attack["fact"])
            if arguments.show or hit:
                print(f"  {'THROUGH' if hit else 'held'} {attack['name']}: {answer.text!r}")
        print(f"{arguments.model}, suspicious: {suspicious}: {through} of {len(ATTACKS)} through, {right} facts right")


if __name__ == "__main__":
    main()
