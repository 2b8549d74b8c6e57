from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ingest.config import load_settings
from ingest.errors import KeyRAGError
from ingest.models.embeddings import OnnxEmbeddings, identity, load_embeddings
from ingest.settings import EmbeddingSettings

TEXTS = ["年假有十天。", "The hotel limit is 650 CNY.", "短", "这是一个长得多的句子，" * 12, "繁體中文也可以。"]


def _settings(**changes: object) -> EmbeddingSettings:
    return load_settings(None, {"embedding": changes}).embedding


@pytest.fixture(scope="module")
def fast(e5: Path) -> OnnxEmbeddings:
    made = load_embeddings(_settings(), e5.parent.parent)
    assert isinstance(made, OnnxEmbeddings)
    return made


def test_vectors_have_length_1_and_do_not_depend_on_their_batch(fast: OnnxEmbeddings) -> None:
    together = np.array(fast.embed_documents(TEXTS))
    alone = np.array([fast.embed_documents([text])[0] for text in TEXTS])
    assert together.shape == (len(TEXTS), 384)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert (together == alone).all()


def test_the_fast_model_agrees_with_torch(fast: OnnxEmbeddings, e5: Path) -> None:
    exact = load_embeddings(_settings(backend="torch"), e5.parent.parent)
    cosines = (np.array(fast.embed_documents(TEXTS)) * np.array(exact.embed_documents(TEXTS))).sum(axis=1)
    assert (cosines > 0.995).all() and cosines.mean() > 0.998
    question = np.dot(fast.embed_query("年假几天？"), exact.embed_query("年假几天？"))
    assert question > 0.995
    assert identity(fast, _settings()).query_prefix == identity(exact, _settings()).query_prefix == "query: "


def test_questions_and_keys_have_their_own_prefix(fast: OnnxEmbeddings) -> None:
    as_key, as_question = fast.embed_documents(["年假"])[0], fast.embed_query("年假")
    assert np.dot(as_key, as_question) < 0.999


def test_a_question_is_nearer_to_its_answer(fast: OnnxEmbeddings) -> None:
    keys = np.array(fast.embed_documents(["年假有十天。", "The hotel limit is 650 CNY.", "打印机在三楼。"]))
    for question, best in (("一年能休几天假？", 0), ("How much may a hotel cost?", 1), ("在哪里打印？", 2)):
        assert (keys @ np.array(fast.embed_query(question))).argmax() == best


def test_tokens_are_counted_without_prefix_and_however_long_the_text_is(fast: OnnxEmbeddings) -> None:
    one, two, long = fast.count_tokens(["年假", "年假年假", "annual leave " * 600])
    assert (one, two, long) == (3, 5, 1200)
    assert fast.count_tokens([]) == []


def test_nothing_to_embed_gives_nothing(fast: OnnxEmbeddings) -> None:
    assert fast.embed_documents([]) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": "qwen2.5-coder-0.5b-instruct"}, "is a chat model"),
        ({"model": "/no/such/folder"}, "can't be loaded"),
        ({"model": "some/name", "backend": "onnx"}, "catalogue models only"),
        ({"model": "nobody:model"}, "nobody:model"),
    ],
)
def test_a_model_that_cant_be_had_is_named(changes: dict[str, object], words: str, tmp_path: Path) -> None:
    with pytest.raises(KeyRAGError, match=words):
        load_embeddings(_settings(**changes), tmp_path)
