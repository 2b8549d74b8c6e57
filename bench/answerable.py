"""How well evidence, names and the model's word tell answerable from unanswerable questions, in cases of doubt.

    python -m bench.answerable FOLDER DIR... [--questions 25] [--fit]

N fine, N cross and 2N unanswerable questions of every set whose evidence lies between `answer.min_evidence` and
`answer.judge_evidence`. What the model says is kept in FOLDER, one JSON line a question, and asked once.
*Area* is that under the ROC curve; *kept* and *refused* are shares of the answerable and the unanswerable at several
values of `answer.min_answerable`. With --fit the weights of `rag/answerable.py`, learnt on all sets of a language, are
printed too, and how they do on each set when learnt on the others.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from ingest.config import load_settings
from ingest.models.chat import Chat, load_chat
from ingest.models.embeddings import load_embeddings
from ingest.settings import Settings
from rag.answerable import FITTED_ON, answerable, logits
from rag.checks.grounding import Grounding
from rag.checks.unheld import unheld_names
from rag.draft import Draft
from rag.evaluate.datasets import Dataset, Query, read_dataset
from rag.evaluate.systems import KeyRAGSystem, RememberedQuestions
from rag.parse import TEXT
from rag.sources import Finder, Sources

_THRESHOLDS = (0.3, 0.4, 0.5, 0.55, 0.6)
Line = dict[str, Any]


def _chosen(dataset: Dataset, finder: Finder, settings: Settings, count: int) -> Iterator[tuple[Query, Sources]]:
    """Give the questions whose evidence is in doubt, with what the model would read."""
    left = {"unanswerable": 2 * count, "fine": count, "cross": count}
    for query in random.Random(7).sample(dataset.queries, len(dataset.queries)):
        if left[query.kind]:
            sources = finder.find(query.question, (), TEXT, lambda *_: None)
            if settings.answer.min_evidence <= sources.evidence < settings.answer.judge_evidence:
                left[query.kind] -= 1
                yield query, sources


def _word(finder: Finder, chat: Chat, settings: Settings, sources: Sources) -> dict[str, float]:
    """Give the log probabilities of the words that the model may say."""

    def unchecked(text: str, sources: Sources) -> Grounding:
        raise AssertionError("nothing is answered here")

    judging = next(Draft(finder, settings, sources, {}, unchecked, shown=False).tries())
    if judging.purpose != "judge":
        raise SystemExit(f"only {FITTED_ON} is asked for its word, not {chat.name}")
    for chunk in chat.model.stream(judging.messages, **judging.options):
        judging.take(chunk)  # type: ignore[arg-type]
    return judging.first


def ask(dataset: Dataset, settings: Settings, count: int, file: Path) -> None:
    """Ask the model what the file does not have yet."""
    embeddings = RememberedQuestions(load_embeddings(settings.embedding, settings.models_folder))
    chat = load_chat(settings.chat, settings.models_folder)
    assert chat is not None
    done = {line["qid"] for line in _lines(file)}
    with tempfile.TemporaryDirectory() as temporary:
        system = KeyRAGSystem(dataset.documents, embeddings, settings, Path(temporary), lambda _: None)
        finder = Finder(system.retriever, system.store, chat, settings)
        for query, sources in _chosen(dataset, finder, settings, count):
            if query.qid not in done:
                said = _word(finder, chat, settings, sources)
                line = {
                    "qid": query.qid,
                    "kind": query.kind,
                    "language": sources.language,
                    "evidence": sources.evidence,
                    "unheld": unheld_names(sources.asked, sources.packed),
                    "first": said,
                }
                with file.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(line, ensure_ascii=False) + "\n")
                print(f"\r{dataset.name}: {len(_lines(file))}", end="", flush=True)
        print()


def _lines(file: Path) -> list[Line]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def _features(lines: Sequence[Line]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Give evidence and word as logits, names that are unheld, and whether the documents hold the answer."""
    features = [(*logits(line["evidence"], line["first"], line["language"]), bool(line["unheld"])) for line in lines]
    return np.array(features), np.array([line["kind"] != "unanswerable" for line in lines])


def report(name: str, lines: Sequence[Line]) -> None:
    features, there = _features(lines)
    likely = np.array(
        [answerable(line["evidence"], line["first"], line["language"], unheld=bool(line["unheld"])) for line in lines]
    )
    areas = [roc_auc_score(there, scores) for scores in (features[:, 0], features[:, 1], -features[:, 2], likely)]
    print(f"{name}: answerable {there.sum()}, unanswerable {(~there).sum()}", end="")
    print("   area: evidence {:.3f}, word {:.3f}, names {:.3f}, together {:.3f}".format(*areas), end="")
    _tell(likely, there)


def _tell(likely: NDArray[np.float64], there: NDArray[np.bool_]) -> None:
    told = [f"{t:g}: {(likely[there] >= t).mean():.3f} / {(likely[~there] < t).mean():.3f}" for t in _THRESHOLDS]
    print("   kept / refused at", ", ".join(told), flush=True)


def fit(sets: dict[str, list[Line]]) -> None:
    for language in ("zh", "en"):
        of = {name: _features(lines) for name, lines in sets.items() if lines[0]["language"] == language}
        for name in of if len(of) > 1 else ():
            model = _fitted([features for other, features in of.items() if other != name])
            print(f"{language}, learnt without {name}", end="")
            _tell(model.predict_proba(of[name][0])[:, 1], of[name][1])
        if of:
            model = _fitted(list(of.values()))
            print(f"{language}: weights {model.coef_[0].round(2)}, intercept {model.intercept_.round(2)}")


def _fitted(parts: Sequence[tuple[NDArray[np.float64], NDArray[np.bool_]]]) -> LogisticRegression:
    model = LogisticRegression(C=10, class_weight="balanced")
    return model.fit(np.vstack([features for features, _ in parts]), np.concatenate([there for _, there in parts]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kept", metavar="FOLDER", type=Path, help="where the model's words are kept")
    parser.add_argument("folders", metavar="DIR", type=Path, nargs="+")
    parser.add_argument("--questions", type=int, default=25, metavar="N", help="fine and cross questions, each")
    parser.add_argument("--fit", action="store_true")
    arguments = parser.parse_args()
    arguments.kept.mkdir(parents=True, exist_ok=True)
    settings = load_settings()
    sets = {}
    for folder in arguments.folders:
        dataset = read_dataset(folder)
        file = arguments.kept / f"{dataset.name}.jsonl"
        ask(dataset, settings, arguments.questions, file)
        sets[dataset.name] = _lines(file)
        report(dataset.name, sets[dataset.name])
    if arguments.fit:
        fit(sets)


if __name__ == "__main__":
    main()
