"""Answers of KeyRAG and of the LangChain recipe at several context sizes, question by question.

    python -m bench.answers FOLDER DIR [--questions 150] [--unanswerable 40] [--sizes 500 1000]

Every question goes to all systems, one after the other, before the next is asked, so that what else the machine
does meets all of them alike; the model reads every prompt whole, although they often begin alike. Replies are kept
in FOLDER, one JSON line a question; a run that is ended goes on where it was, and one with nothing left to ask only
tells the figures. *Chance* is that of a gain like KeyRAG's over that system if both were equally good (one-sided,
signs flipped at random).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
from langchain_openai import ChatOpenAI

from ingest.config import load_settings
from ingest.models.chat import load_chat
from ingest.models.embeddings import load_embeddings
from ingest.settings import Settings
from rag.answerer import Answerer
from rag.evaluate.answers import AnswerFunction, keyrag_answers, recipe_answers
from rag.evaluate.baselines import baseline
from rag.evaluate.datasets import Dataset, Query, read_dataset
from rag.evaluate.metrics import contains, lcs_f1
from rag.evaluate.systems import KeyRAGSystem, RememberedQuestions
from rag.tune import chance

Line = dict[str, Any]


def chosen(dataset: Dataset, wanted: dict[str, int]) -> list[Query]:
    """Give so many questions of each kind, spread over the set, the kinds mixed in proportion."""
    placed = []
    for kind, count in wanted.items():
        queries = [query for query in dataset.queries if query.kind == kind]
        taken = [queries[i] for i in np.linspace(0, len(queries), min(count, len(queries)), endpoint=False, dtype=int)]
        placed += [((n + 0.5) / len(taken), query) for n, query in enumerate(taken)]
    return [query for _, query in sorted(placed, key=lambda pair: pair[0])]


def systems(dataset: Dataset, settings: Settings, sizes: Sequence[int], folder: Path) -> dict[str, AnswerFunction]:
    embeddings = RememberedQuestions(load_embeddings(settings.embedding, settings.models_folder))
    chat = load_chat(settings.chat, settings.models_folder)
    if chat is None or not isinstance(chat.model, ChatOpenAI):
        raise SystemExit("this asks a model server: set chat.backend to embedded or openai")
    if settings.chat.backend == "embedded":
        unremembered = {**(chat.model.extra_body or {}), "cache_prompt": False}
        chat = replace(chat, model=chat.model.model_copy(update={"extra_body": unremembered}))
    ours = KeyRAGSystem(dataset.documents, embeddings, settings, folder, lambda _: None)
    recipe = baseline("langchain", dataset.documents, embeddings)[0]
    answerer = Answerer(ours.retriever, ours.store, chat, settings)
    by_size = {f"langchain, {size}": recipe_answers(recipe, chat, settings, size) for size in sizes}
    return {"keyrag": keyrag_answers(answerer), **by_size}


def ask(dataset: Dataset, queries: Sequence[Query], sizes: Sequence[int], file: Path) -> None:
    """Ask what the file doesn't have yet."""
    done = {line["qid"] for line in _lines(file)}
    left = [query for query in queries if query.qid not in done]
    if not left:
        return
    with tempfile.TemporaryDirectory() as temporary:
        asked = systems(dataset, load_settings(), sizes, Path(temporary))
        for n, query in enumerate(left, 1):
            replies = {name: asdict(function(query.question)) for name, function in asked.items()}
            line = {"qid": query.qid, "kind": query.kind, "facts": query.facts, "replies": replies}
            with file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
            print(f"\r{dataset.name}: {n} of {len(left)}", end="", flush=True)
        print()


def _lines(file: Path) -> list[Line]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def report(lines: Sequence[Line]) -> None:
    names = list(lines[0]["replies"])
    refused_of_all = {name: sum(line["replies"][name]["refused"] for line in lines) for name in names}
    for kind in dict.fromkeys(line["kind"] for line in lines):
        of_kind = [line for line in lines if line["kind"] == kind]
        scores = {name: np.array([_score(line["replies"][name], line["facts"]) for line in of_kind]) for name in names}
        for name in names:
            replies = [line["replies"][name] for line in of_kind]
            refused = sum(reply["refused"] for reply in replies)
            told = [f"{kind} ({len(of_kind)}), {name}: refused {refused / len(replies):.3f}"]
            if kind == "unanswerable":
                told.append(f"of all refusals right {refused / max(refused_of_all[name], 1):.3f}")
            else:
                for at, figure in enumerate(("contains", "F1")):
                    told.append(f"{figure} {scores[name][:, at].mean():.3f}")
                    if name != "keyrag":
                        told.append(f"(chance {chance(scores['keyrag'][:, at] - scores[name][:, at]):.3f})")
            told.append(f"first token {median(reply['first_token_ms'] for reply in replies):.0f} ms")
            told.append(f"whole {median(reply['total_ms'] for reply in replies):.0f} ms")
            told.append(f"tokens {mean(reply['tokens'] for reply in replies):.0f}")
            print(" ".join(told))


def _score(reply: Line, facts: Sequence[Sequence[str]]) -> tuple[float, float]:
    return (contains(reply["text"], facts), lcs_f1(reply["text"], facts)) if facts else (0.0, 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kept", metavar="FOLDER", type=Path, help="where replies are kept")
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--questions", type=int, default=150, metavar="N", help="fine and cross questions, each")
    parser.add_argument("--unanswerable", type=int, default=40, metavar="N")
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 1000], help="characters of the recipe's context")
    arguments = parser.parse_args()
    arguments.kept.mkdir(parents=True, exist_ok=True)
    dataset = read_dataset(arguments.folder)
    queries = chosen(
        dataset,
        {"fine": arguments.questions, "cross": arguments.questions, "unanswerable": arguments.unanswerable},
    )
    file = arguments.kept / f"{dataset.name}.jsonl"
    ask(dataset, queries, arguments.sizes, file)
    report(_lines(file))


if __name__ == "__main__":
    main()
