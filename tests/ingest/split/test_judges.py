from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

from ingest.config import load_settings
from ingest.errors import KeyRAGError
from ingest.keyinfo import keys
from ingest.models.memo import Memo
from ingest.split import Splitter, shape
from ingest.split.cohesion import depth, window_likeness
from ingest.split.discourse import discourse
from ingest.split.gaps import Gap
from ingest.split.structure import runs
from ingest.types import Block, Document
from tests.small import SETTINGS, HashedEmbeddings, document


def bonds(*paragraphs: str) -> list[bool]:
    (run,) = runs(document("手册", *paragraphs), 200)
    return [bool(bond > 0) for bond in discourse([Gap(run, at) for at in range(1, len(run))])]


@pytest.mark.parametrize(
    ("before", "after", "together"),
    [
        ("公司实行弹性工作制", "因此上班时间可以调整", True),
        ("The office opens at nine", "However, the gate opens at eight", True),
        ("报销须提交下列单据：", "发票原件", True),
        ("The steps are as follows:", "Open the lid", True),
        ("张三于1990年创立公司", "他后来出任董事长", True),
        ("年假每年十天", "打印机在三楼走廊", False),
        ("Leave is ten days", "Printers stand on the third floor", False),
    ],
)
def test_words_tie_paragraphs(before: str, after: str, together: bool) -> None:
    assert bonds(before, after) == [together]


def test_the_items_of_an_enumeration_hold_together_with_what_stands_between_them() -> None:
    assert bonds("（一）提交申请", "申请表在前台领取", "（二）部门审批", "食堂在一楼") == [True, True, False]
    assert bonds("1. Open the lid", "2. Close it", "4. Leave") == [True, False]
    assert bonds("第十一条 休假", "第十二条 工资", "第十四条 附则") == [True, False]


def test_likeness_falls_where_the_vectors_change() -> None:
    vectors = np.repeat(np.eye(2, dtype=np.float32), 4, axis=0)
    likeness = window_likeness(vectors, 2)
    assert likeness.argmin() == 3 and likeness[3] == pytest.approx(0)
    assert depth(likeness).argmax() == 3


def test_depth_counts_both_sides_up_to_their_peaks() -> None:
    assert depth(np.array([0.9, 0.5, 0.7, 0.6], np.float32)).tolist() == pytest.approx([0, 0.6, 0, 0.1])


LEAVE = [f"员工的年假和病假由人事部门批准，假期第{n}天。" for n in range(8)]
PRINTER = [f"The printer prints pages on paper, page {n}." for n in range(8)]


def test_cohesion_cuts_a_long_paragraph_where_its_topic_changes() -> None:
    limits = {"method": "cohesion", "segment_min_tokens": 20, "segment_max_tokens": 200}
    splitter = Splitter(load_settings(overrides={"split": limits}).split, HashedEmbeddings())
    units = splitter.split(document("手册", "".join(LEAVE) + " ".join(PRINTER)))
    segments = [unit for unit in units if unit.level == "segment"]
    assert any(segment.text.startswith(PRINTER[0]) for segment in segments)


class Counting(Embeddings):
    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.texts += texts
        return HashedEmbeddings().embed_documents(texts)

    def embed_query(self, text: str) -> list[float]:
        return HashedEmbeddings().embed_query(text)


def test_what_cohesion_embeds_are_the_keys_of_the_sentences() -> None:
    counting = Counting()
    memo = Memo(counting)
    settings = load_settings(overrides={"split": {"method": "cohesion"}})
    given = Document(
        "d", "手册", "s", "text/plain", "0", tuple(Block(text, heading_path=("假期",)) for text in LEAVE * 4)
    )
    found = keys(Splitter(settings.split, memo).split(given), settings.keyinfo)
    assert counting.texts
    memo.embed_documents([key.text for key in found])
    assert len(counting.texts) == len(set(counting.texts)) == len({key.text for key in found})
    memo.forget()
    memo.embed_documents(counting.texts[:1])
    assert counting.texts[-1] == counting.texts[0]


def test_what_a_method_does_not_use_does_not_make_documents_new(tmp_path: Path) -> None:
    warm = SETTINGS.split.model_copy(update={"temperature": 2.0})
    assert shape(warm) == shape(SETTINGS.split)
    trained = warm.model_copy(update={"method": "nsp", "nsp_model": str(tmp_path)})
    (tmp_path / "model.safetensors").write_bytes(b"one")
    one = shape(trained)
    (tmp_path / "model.safetensors").write_bytes(b"two")
    assert one != shape(trained) != shape(warm)


@pytest.mark.parametrize(("model", "told"), [(None, "keyrag train segmenter"), ("/nowhere/model", "can't be loaded")])
def test_a_model_that_is_not_there_is_told_before_any_document(
    model: str | None, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    settings = load_settings(overrides={"split": {"method": "nsp", "nsp_model": model}})
    with pytest.raises(KeyRAGError, match=told):
        Splitter(settings.split, HashedEmbeddings())
