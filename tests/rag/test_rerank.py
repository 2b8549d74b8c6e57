from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import KeyRAGError
from ingest.index.knowledge_base import KnowledgeBase
from ingest.settings import RetrieveSettings
from rag.fuse import Fused
from rag.rerank import reranked
from rag.retrieve import Retriever
from tests.small import SETTINGS, HashedEmbeddings, document, ingested, opened
from tests.tiny_bert import tiny_bert

SENTENCES = (
    "员工每年有十天年假。",
    "年假要提前一周申请。",
    "未休的年假可以顺延到次年三月。",
    "病假需要医院的证明。",
    "病假期间工资照发百分之八十。",
    "出差住宿标准是每晚五百元。",
    "高铁可以坐二等座。",
)
QUESTION = "年假要提前多久申请？"


def cross_encoder(folder: Path, labels: int = 1) -> str:
    """Write a tiny cross-encoder with random weights."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    tiny_bert(folder, "".join(sorted(set("".join((*SENTENCES, QUESTION))))))
    config = BertConfig.from_pretrained(folder)
    config.num_labels = labels
    config.initializer_range = 0.5
    torch.manual_seed(2)
    BertForSequenceClassification(config).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return cross_encoder(tmp_path_factory.mktemp("cross-encoder"))


@pytest.fixture
def kb(tmp_path: Path) -> KnowledgeBase:
    kb = opened(tmp_path / "handbooks")
    ingested(kb, [document("员工手册", "".join(SENTENCES[:5]), "".join(SENTENCES[5:]))])
    return kb


def settings(model: str | None, depth: int = 20) -> RetrieveSettings:
    rerank = SETTINGS.retrieve.rerank.model_copy(update={"model": model, "depth": depth})
    return SETTINGS.retrieve.model_copy(update={"rerank": rerank})


def test_the_best_sentences_come_in_the_order_of_the_cross_encoder(kb: KnowledgeBase, model: str) -> None:
    plain = Retriever(kb, HashedEmbeddings(), settings(None)).retrieve(QUESTION, 7)
    hits = Retriever(kb, HashedEmbeddings(), settings(model, 4)).retrieve(QUESTION, 7)
    assert [hit.why.rerank for hit in plain] == [None] * 7
    judged = [hit.why.rerank for hit in hits]
    assert judged[4:] == [None] * 3
    best = [share for share in judged[:4] if share is not None]
    assert best == sorted(best, reverse=True) and len(set(best)) == 4 and 0 < best[-1] < best[0] < 1
    assert [hit.text for hit in hits] != [hit.text for hit in plain]
    assert {hit.text for hit in hits[:4]} == {hit.text for hit in plain[:4]}
    assert [hit.text for hit in hits[4:]] == [hit.text for hit in plain[4:]]
    assert [(hit.why.fused, hit.score) for hit in hits] == [(hit.why.fused, hit.score) for hit in plain]


def test_what_the_question_quotes_comes_first_whatever_the_cross_encoder_says(kb: KnowledgeBase, model: str) -> None:
    searching = Retriever(kb, HashedEmbeddings(), settings(model))
    for sentence in SENTENCES:
        assert searching.retrieve(sentence, 3)[0].text == sentence


def test_of_several_parts_each_has_its_best_sentence_in_front() -> None:
    fused = Fused(np.array([5, 4, 3, 2, 1], np.float32), *[np.zeros(5, np.float32)] * 3)
    logits = np.array([[9, 8, 7, 0], [-5, -6, -4, 1]], np.float32)
    assert reranked(fused, logits).scores.tolist() == [5, 3, 2, 4, 1]


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=8), st.integers(0, 3))
def test_the_same_scores_are_dealt_out_again(logits: list[int], tail: int) -> None:
    scores = np.sort(np.random.default_rng(len(logits)).random(len(logits) + tail).astype(np.float32))[::-1]
    fused = Fused(scores.copy(), *[np.zeros_like(scores)] * 3)
    dealt = reranked(fused, np.array([logits], np.float32)).scores
    assert sorted(dealt) == sorted(scores) and (dealt[len(logits) :] == scores[len(logits) :]).all()
    by_score = np.array(logits)[np.argsort(-dealt[: len(logits)], kind="stable")]
    assert (np.diff(by_score) <= 0).all()


def test_a_model_that_is_not_there_is_named_in_one_line(kb: KnowledgeBase, tmp_path: Path) -> None:
    with pytest.raises(KeyRAGError, match=r"retrieve\.rerank\.model .* can't be loaded") as caught:
        Retriever(kb, HashedEmbeddings(), settings(str(tmp_path / "none")))
    assert "\n" not in str(caught.value)


def test_a_classifier_with_two_scores_is_refused(kb: KnowledgeBase, tmp_path: Path) -> None:
    with pytest.raises(KeyRAGError, match="gives 2 scores"):
        Retriever(kb, HashedEmbeddings(), settings(cross_encoder(tmp_path / "two", 2)))
