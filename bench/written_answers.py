"""What the language model writes for questions of four sets, and what the checks make of it.

    python -m bench.written_answers FOLDER DIR... [--questions N]

Answers to N unanswerable, N fine and N/2 cross questions of every set are written once and kept in FOLDER, one
JSON line each with the text that the model was given; further runs only check them again, in a minute. Told by set:

- of unanswerable questions the share refused, of refusals the share that is right, contains and F1 of the others,
  for several values of ``answer.insist_evidence`` and of ``answer.min_answerable``, the other as configured;
- of right answers the share that is marked as ungrounded (false alarms);
- of the same, checked against the same text without the sentences that hold the fact, the share marked;
- of the same with one digit changed, the share in which that is named as a fault.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import mean
from typing import Any

from bench.grounding import NUMBER
from ingest.config import load_settings
from ingest.models.chat import load_chat
from ingest.models.embeddings import load_embeddings
from ingest.settings import AnswerSettings, Settings
from rag.answer import Answer, Trace
from rag.answerable import answerable
from rag.answerer import Answerer
from rag.checks.grounding import Grounding, grounding
from rag.checks.refusal import refuses
from rag.checks.unheld import unheld_names
from rag.cite import cite
from rag.evaluate.datasets import Dataset, Query, read_dataset
from rag.evaluate.metrics import contains, lcs_f1, normalised
from rag.evaluate.systems import KeyRAGSystem
from rag.lead_in import without_lead_in
from rag.pack import Packed, Passage, Span

_NEVER = 2.0
_INSIST = (0.5, 0.6, 0.7, 0.8, 0.9, _NEVER)
_ANSWERABLE = (0.0, 0.3, 0.4, 0.5, 0.55, 0.6, 0.7)
Line = dict[str, Any]


def _chosen(dataset: Dataset, count: int) -> Iterator[Query]:
    """Give questions of every kind, spread over the set."""
    for kind, wanted in (("unanswerable", count), ("fine", count), ("cross", count // 2)):
        queries = [query for query in dataset.queries if query.kind == kind]
        yield from queries[:: max(1, len(queries) // max(wanted, 1))][:wanted]


def write(dataset: Dataset, settings: Settings, count: int, file: Path) -> None:
    """Write the answers that the file does not have yet."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    done = {json.loads(line)["qid"] for line in lines}
    wanted = [query for query in _chosen(dataset, count) if query.qid not in done]
    if not wanted:
        return
    # Whatever the model's word every question is answered, and every refusal asked about once more, so that any
    # threshold can be told from what was written.
    asks_all = settings.answer.model_copy(update={"insist_evidence": 0.0, "min_answerable": 0.0})
    settings = settings.model_copy(update={"answer": asks_all})
    embeddings = load_embeddings(settings.embedding, settings.models_folder)
    chat = load_chat(settings.chat, settings.models_folder)
    with tempfile.TemporaryDirectory() as temporary:
        system = KeyRAGSystem(dataset.documents, embeddings, settings, Path(temporary), lambda _: None)
        traces: list[Trace] = []
        answerer = Answerer(system.retriever, system.store, chat, settings, record=traces.append)
        for n, query in enumerate(wanted, 1):
            answer = next(event for event in answerer.answer(query.question) if isinstance(event, Answer))
            trace = traces.pop()
            assert trace.sources is not None
            line = {
                "qid": query.qid,
                "kind": query.kind,
                "question": query.question,
                "facts": query.facts,
                "evidence": answer.evidence,
                "language": trace.sources.language,
                "first": next((attempt.first for attempt in trace.attempts if attempt.purpose == "judge"), None),
                "attempts": [(attempt.purpose, attempt.text) for attempt in trace.attempts],
                "passages": [asdict(_plain(passage)) for passage in trace.sources.packed.passages],
            }
            with file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
            print(f"\r{dataset.name}: {n} of {len(wanted)}", end="", flush=True)
        print()


def _plain(passage: Passage) -> Passage:
    return replace(passage, spans=tuple(replace(span, copies=()) for span in passage.spans))


def _packed(line: Line) -> Packed:
    passages = []
    for fields in line["passages"]:
        spans = tuple(Span(**{**span, "copies": ()}) for span in fields["spans"])
        passages.append(Passage(**{**fields, "heading_path": tuple(fields["heading_path"]), "spans": spans}))
    return Packed(tuple(passages))


def _checked(line: Line, text: str, packed: Packed) -> Grounding:
    return grounding(text, cite(text, line["question"], packed), packed, line["question"])


def _answerable(line: Line) -> float | None:
    """Give how likely it is that the text answers the question, None where the model was not asked."""
    if line["first"] is None:
        return None
    unheld = bool(unheld_names(line["question"], _packed(line)))
    return answerable(line["evidence"], line["first"], line["language"], unheld=unheld)


def _final(line: Line, insist_evidence: float, min_answerable: float) -> str | None:
    """Give the answer, None for a refusal, as it would be with other thresholds."""
    if line["answerable"] is not None and line["answerable"] < min_answerable:
        return None
    insisted = [text for purpose, text in line["attempts"] if purpose == "insist"]
    first = [text for purpose, text in line["attempts"] if purpose not in ("judge", "insist")]
    if not first:
        return None
    if not refuses(first[-1]):
        return without_lead_in(first[-1].strip()) or None
    known = line["evidence"] if line["answerable"] is None else line["answerable"]
    if known < insist_evidence or not insisted or refuses(insisted[-1]):
        return None
    text = without_lead_in(insisted[-1].strip())
    return text if text and _checked(line, text, _packed(line)).grounded else None


def _without_fact(packed: Packed, facts: Sequence[Sequence[str]]) -> Packed:
    wordings = [normalised(wording) for fact in facts for wording in fact]
    passages = []
    for passage in packed.passages:
        spans = tuple(
            span for span in passage.spans if not any(wording in normalised(span.text) for wording in wordings)
        )
        if spans:
            passages.append(replace(passage, text="\n".join(span.text for span in spans), spans=spans))
    return Packed(tuple(passages))


def _other_digits(text: str, chance: random.Random) -> Iterator[str]:
    """Give the text with a digit changed, for each of its numbers."""
    for match in NUMBER.finditer(text):
        at = chance.choice([i for i in range(*match.span()) if text[i].isdigit()])
        yield text[:at] + chance.choice([digit for digit in "123456789" if digit != text[at]]) + text[at + 1 :]


def _tell(name: str, how: str, lines: Sequence[Line], insist_evidence: float, min_answerable: float) -> None:
    final = {line["qid"]: _final(line, insist_evidence, min_answerable) for line in lines}
    refused = [line["kind"] == "unanswerable" for line in lines if final[line["qid"]] is None]
    told = []
    for kind in ("fine", "cross", "unanswerable"):
        of_kind = [line for line in lines if line["kind"] == kind]
        if of_kind:
            texts = [(final[line["qid"]] or "", line["facts"]) for line in of_kind]
            told.append(f"{kind} refused {mean(final[line['qid']] is None for line in of_kind):.3f}")
            if kind != "unanswerable":
                told.append(f"contains {mean(contains(*pair) for pair in texts):.3f}")
                told.append(f"F1 {mean(lcs_f1(*pair) for pair in texts):.3f};")
    precision = mean(refused) if refused else 0.0
    print(f"{name}: {how}: {' '.join(told)} refusals right {precision:.3f}")


def report(name: str, lines: Sequence[Line], settings: AnswerSettings) -> None:
    for threshold in _ANSWERABLE:
        _tell(name, f"answerable from {threshold:.2f}", lines, settings.insist_evidence, threshold)
    for threshold in _INSIST:
        how = f"insist from {threshold:.1f}" if threshold < _NEVER else "insist never"
        _tell(name, how, lines, threshold, settings.min_answerable)
    chance = random.Random(0)
    marked, removed, digits = [], [], []
    for line in lines:
        text = _final(line, 0.0, 0.0)
        if text is None or not line["facts"] or contains(text, line["facts"]) < 1:
            continue
        packed = _packed(line)
        marked.append(not _checked(line, text, packed).grounded)
        removed.append(not _checked(line, text, _without_fact(packed, line["facts"])).grounded)
        digits += [not _checked(line, other, packed).exact for other in _other_digits(text, chance)]
    for what, flags in (
        ("right answers marked", marked),
        ("marked without the fact's sentences", removed),
        ("changed digits named", digits),
    ):
        print(f"{name}: {what}: {sum(flags)} of {len(flags)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("written", metavar="FOLDER", type=Path, help="where answers are kept")
    parser.add_argument("folders", metavar="DIR", nargs="+", type=Path)
    parser.add_argument("--questions", type=int, default=48, metavar="N", help="of each kind a set; half as many cross")
    arguments = parser.parse_args()
    arguments.written.mkdir(parents=True, exist_ok=True)
    settings = load_settings()
    for folder in arguments.folders:
        dataset = read_dataset(folder)
        file = arguments.written / f"{dataset.name}.jsonl"
        write(dataset, settings, arguments.questions, file)
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        report(dataset.name, [line | {"answerable": _answerable(line)} for line in lines], settings.answer)


if __name__ == "__main__":
    main()
