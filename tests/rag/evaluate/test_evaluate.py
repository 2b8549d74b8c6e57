from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import KeyRAGError
from rag.evaluate.datasets import read_dataset
from rag.evaluate.run import best, evaluate_retrieval
from rag.evaluate.systems import Found, KeyRAGSystem, RememberedQuestions
from tests.small import SETTINGS, HashedEmbeddings

CORPUS = [
    {"doc_id": "leave", "title": "休假", "text": "员工每年有十天年假。\n病假需要医院的证明。"},
    {"doc_id": "travel", "title": "出差", "text": "出差住宿每晚五百元。"},
]
QUERIES = [
    {"qid": "1", "question": "年假有几天？", "kind": "fine", "facts": [["十天"]], "doc_ids": ["leave"]},
    {"qid": "2", "question": "住宿多少钱？", "kind": "fine", "facts": [["五百元"]], "doc_ids": ["travel"]},
    {
        "qid": "3",
        "question": "年假有几天？另外，病假要什么？",
        "kind": "cross",
        "facts": [["十天"], ["证明"]],
        "doc_ids": ["leave"],
    },
    {"qid": "4", "question": "谁是董事长？", "kind": "unanswerable", "facts": [], "doc_ids": []},
]
# Where the question sets stand on the developer's machine, if they do.
SETS = Path(os.environ.get("KEYRAG_QUESTION_SETS", Path(__file__).parents[3].parent / "shared" / "data" / "dev"))


def written(folder: Path, corpus: Sequence[Any] = CORPUS, queries: Sequence[Any] = QUERIES) -> Path:
    for name, lines in (("corpus", corpus), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return folder


class OneDocument:
    def __init__(self) -> None:
        self.name = "one document"
        self.details: dict[str, object] = {}

    def find(self, question: str) -> Found:
        return Found(("leave",), lambda budget: [("leave", "员工每年有十天年假。")])


def test_figures_are_summed_by_kind_and_unanswerable_questions_left_out(tmp_path: Path) -> None:
    seen = []
    figures = evaluate_retrieval(OneDocument(), read_dataset(written(tmp_path)), lambda: seen.append(1))
    assert set(figures) == {"fine", "cross"}
    assert figures["fine"]["n"] == 2
    assert figures["fine"]["facts@150"] == figures["fine"]["doc_recall@1"] == figures["fine"]["mrr@10"] == 0.5
    assert figures["cross"]["facts@1200"] == 0.5
    assert len(seen) == 4


def test_keyrag_finds_the_facts_of_a_small_set(tmp_path: Path) -> None:
    dataset = read_dataset(written(tmp_path))
    embeddings = RememberedQuestions(HashedEmbeddings())
    system = KeyRAGSystem(dataset.documents, embeddings, SETTINGS, tmp_path, lambda progress: None)
    figures = evaluate_retrieval(system, dataset)
    assert figures["fine"]["facts@150"] == figures["cross"]["facts@150"] == 1
    assert system.details["keys"] == 5


def test_a_question_is_embedded_once_for_all_systems() -> None:
    class Counting(HashedEmbeddings):
        asked = 0

        def embed_query(self, text: str) -> list[float]:
            self.asked += 1
            return super().embed_query(text)

    counting = Counting()
    remembered = RememberedQuestions(counting)
    assert remembered.embed_query("年假") == remembered.embed_query("年假")
    assert counting.asked == 1


def test_the_best_of_several_results_has_the_highest_mean_of_facts(tmp_path: Path) -> None:
    low = evaluate_retrieval(OneDocument(), read_dataset(written(tmp_path)))
    high = {kind: {**figures, "facts@600": 1.0} for kind, figures in low.items()}
    assert best([low, high, low]) == 1


def test_a_limit_keeps_questions_of_every_kind(tmp_path: Path) -> None:
    assert [query.qid for query in read_dataset(written(tmp_path), limit=1).queries] == ["1", "3", "4"]


def test_what_is_wrong_with_a_question_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyRAGError, match=r"corpus\.jsonl"):
        read_dataset(tmp_path / "none")
    with pytest.raises(KeyRAGError, match="lacks the field 'kind'"):
        read_dataset(written(tmp_path, queries=[{key: QUERIES[0][key] for key in ("qid", "question")}]))
    (tmp_path / "queries.jsonl").write_text("{broken")
    with pytest.raises(KeyRAGError, match="not JSON lines"):
        read_dataset(tmp_path)


@pytest.mark.parametrize("name", ["cmrc2018", "drcd", "xquad-zh", "xquad-en"])
def test_every_fact_of_a_question_set_stands_in_its_documents(name: str) -> None:
    if not (SETS / name / "queries.jsonl").exists():
        pytest.skip(f"question set {name} is not here")
    dataset = read_dataset(SETS / name)
    texts = {document.doc_id: "".join(document.text.split()) for document in dataset.documents}
    for query in dataset.queries:
        for fact in query.facts:
            assert any("".join(wording.split()) in texts[doc] for wording in fact for doc in query.doc_ids), query.qid


def test_retrieval_of_a_question_set_with_tiny_embeddings_is_carried_by_its_words(tmp_path: Path) -> None:
    if not (SETS / "xquad-zh" / "queries.jsonl").exists():
        pytest.skip("question set xquad-zh is not here")
    dataset = read_dataset(SETS / "xquad-zh", limit=60)
    system = KeyRAGSystem(dataset.documents, HashedEmbeddings(), SETTINGS, tmp_path, lambda progress: None)
    figures = evaluate_retrieval(system, dataset)
    assert figures["fine"]["facts@600"] > 0.9
