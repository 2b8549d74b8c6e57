from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ingest.config import load_settings
from ingest.errors import KeyRAGError
from ingest.split import Splitter
from ingest.split.nsp import NextSentence
from ingest.split.training import Step, make_pairs, train_segmenter
from ingest.types import Document
from tests.small import HashedEmbeddings, document
from tests.tiny_bert import tiny_bert

WORDS = "年假病假工资差旅住宿机票打印机食堂宿舍合同保险培训"


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("encoder"), WORDS + "第段句的，。0123456789")


def documents(count: int = 12) -> list[Document]:
    return [
        document(f"文{n}", *(f"{WORDS[n : n + 2]}的第{p}段，第{n}句的{WORDS[n]}。" * 2 for p in range(8)))
        for n in range(count)
    ]


def test_half_of_the_pairs_follow_each_other_and_half_of_the_others_are_from_the_same_document() -> None:
    pairs = make_pairs(documents(), 80, 200)
    assert pairs == make_pairs(documents(), 80, 200)
    assert len(pairs) == 80 and sum(pair.is_next for pair in pairs) == 40
    texts = {one.doc_id: "".join(block.text for block in one.blocks) for one in documents()}
    for pair in pairs:
        if pair.is_next:
            assert pair.before + pair.after in texts[pair.doc_id]
    others = [pair for pair in pairs if not pair.is_next]
    assert sum(pair.after in texts[pair.doc_id] for pair in others) == pytest.approx(len(others) / 2, abs=1)
    assert all(pair.near == (pair.after in texts[pair.doc_id]) for pair in pairs)


def test_gaps_between_sentences_make_up_for_those_between_paragraphs_that_are_wanting() -> None:
    articles = [document(f"{n}", *(f"第{n}章第{p}段。" + f"{WORDS}{p}。" * 9 for p in range(8))) for n in range(12)]
    between_paragraphs = [pair.after.startswith("第") for pair in make_pairs(articles, 240, 200) if pair.is_next]
    assert len(between_paragraphs) == 120 and between_paragraphs == [True] * 84 + [False] * 36


def test_a_segmenter_is_trained_written_without_pickle_and_cuts_documents(encoder: Path, tmp_path: Path) -> None:
    steps: list[Step] = []
    training = train_segmenter(
        documents(8),
        encoder,
        tmp_path / "nsp",
        HashedEmbeddings(),
        count=60,
        sentence_max_chars=200,
        progress=steps.append,
    )
    assert steps[-1].done == steps[-1].total == len(steps)
    assert training.pairs + training.held_out == 60
    assert 0.4 < training.always_next < 0.8 and 0 <= training.accuracy <= 1 and 0 <= training.embedding <= 1
    assert {path.suffix for path in training.folder.iterdir()} == {".json", ".safetensors"}

    pairs = [(WORDS[:6], WORDS[4:9]), (WORDS[9:], WORDS[:4] * 3)]
    cold, warm = (NextSentence(str(training.folder), t, 0.5).probabilities(pairs) for t in (1.0, 50.0))
    assert (np.abs(warm - 0.5) < np.abs(cold - 0.5)).all()
    alone = [NextSentence(str(training.folder), 1.0, 0.5).probabilities([pair])[0] for pair in pairs]
    np.testing.assert_allclose(cold, alone, atol=1e-3)

    def segments(ratio: float) -> int:
        limits = {"segment_min_tokens": 0, "segment_max_tokens": 2000, "method": "nsp", "merge_ratio": ratio}
        settings = load_settings(overrides={"split": {**limits, "nsp_model": str(training.folder)}})
        units = Splitter(settings.split, HashedEmbeddings()).split(documents()[0])
        return sum(unit.level == "segment" for unit in units)

    assert (segments(0.0), segments(0.999)) == (1, 8)


def test_too_few_documents_are_told(encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyRAGError, match="name more or longer documents"):
        train_segmenter(documents(1), encoder, tmp_path / "no", HashedEmbeddings(), count=100, sentence_max_chars=200)


def test_a_model_without_the_head_is_refused(encoder: Path) -> None:
    assert json.loads((encoder / "config.json").read_text())["architectures"] == ["BertModel"]
    with pytest.raises(KeyRAGError, match="no head for next-sentence prediction"):
        NextSentence(str(encoder), 1.0, 0.5)
