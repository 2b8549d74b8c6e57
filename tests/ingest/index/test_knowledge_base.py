from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.errors import KeyRAGError, NotFoundError
from ingest.index import knowledge_base
from ingest.index.backend import SEARCHED
from ingest.index.knowledge_base import KnowledgeBase, open_knowledge_base
from ingest.index.terms import terms
from ingest.types import Block, Document, Unit
from tests.small import IDENTITY, SETTINGS, HashedEmbeddings, document, ingested, opened

HANDBOOK = document("员工手册", "年假十天。病假要医生证明。", "出差住宿每晚五百元。")
PRICES = document("价格表", "型号PPR-9087的价格是三十元。")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    kb = opened(tmp_path / "kb")
    ingested(kb, [HANDBOOK, PRICES])
    kb.close()
    return kb.folder


def found(kb: KnowledgeBase, question: str) -> set[str]:
    """Give the text of the best sentence by either search."""
    view = kb.view()
    vector = np.array(HashedEmbeddings().embed_query(question), np.float32)
    units = [*view.dense["sentence"].search(vector, 1).units, *view.lexical["sentence"].search(terms(question), 1)[0]]
    return {row.text for row in kb.store.units(units).values()}


def remove(folder: Path) -> None:
    for name in ("dense", "lexical"):
        shutil.rmtree(folder / name)


def tear(pattern: str, share: float) -> Callable[[Path], None]:
    def torn(folder: Path) -> None:
        files = [path for path in folder.glob(pattern) if path.is_file()]
        assert files
        for path in files:
            path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    return torn


@pytest.mark.parametrize(
    "damage",
    [
        remove,
        tear("dense/*/*", 0.5),
        tear("dense/sentence/rows.npy", 0),
        tear("lexical/*/meta.json", 0.5),
        tear("lexical/*/versions.*.json", 0.5),
        tear("lexical/*/*.store", 0.5),
        tear("lexical/*/*.term", 0),
        tear("lexical/*/*.idx", 0.5),
    ],
    ids=["gone", "dense", "rows", "meta", "versions", "store", "terms", "postings"],
)
def test_damaged_caches_are_made_anew(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder)
    kb = opened(folder)
    assert found(kb, "病假要医生证明。") == {"病假要医生证明。"}
    assert found(kb, "型号PPR-9087的价格是三十元。") == {"型号PPR-9087的价格是三十元。"}
    assert kb.faults() == []


def test_stale_caches_are_brought_up_to_date(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "before")
    kb = opened(folder)
    ingested(kb, [document("员工手册", "年假十五天。"), document("食堂", "午餐十二点开始。")])
    kb.delete("价格表")
    kb.close()
    for name in ("dense", "lexical"):
        shutil.rmtree(folder / name)
        shutil.copytree(tmp_path / "before" / name, folder / name)
    kb = opened(folder)
    assert found(kb, "午餐十二点开始。") == {"午餐十二点开始。"}
    assert "年假十天。" not in found(kb, "年假十天。")
    assert not {"型号PPR-9087的价格是三十元。"} & found(kb, "型号PPR-9087的价格是三十元。")
    assert kb.faults() == []


def test_two_openings_see_each_others_changes(folder: Path) -> None:
    reader, writer = opened(folder), opened(folder)
    assert found(reader, "午餐十二点开始。") != {"午餐十二点开始。"}
    before = reader.view()
    ingested(writer, [document("食堂", "午餐十二点开始。")])
    assert found(reader, "午餐十二点开始。") == {"午餐十二点开始。"}
    assert reader.view().generation == before.generation + 1
    writer.delete("食堂")
    assert found(reader, "午餐十二点开始。") != {"午餐十二点开始。"}
    assert len(before.dense["sentence"]) == 4  # the view taken before is as it was


def add(kb: KnowledgeBase, one: Document) -> None:
    """Add a document as a writer does that has not finished."""
    article = Unit(0, "article", 0, len(one.text), one.text, (one.title,))
    kb.commit(one, "settings", [article], [], np.zeros((0, IDENTITY.dimension), np.float32))


def test_while_documents_are_added_a_view_serves_on_until_the_writer_has_finished(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knowledge_base, "_LAG_SECONDS", 1000.0)
    reader, writer = opened(folder), opened(folder)
    first = reader.view()
    for number in range(3):
        add(writer, document(f"食堂{number}", "午餐十二点开始。"))
    assert reader.view() is first
    writer.save()
    assert reader.view().generation == first.generation + 3


@pytest.mark.parametrize(
    "change",
    [lambda kb: kb.delete("价格表"), lambda kb: add(kb, replace(PRICES, blocks=(Block("新的价格。"),)))],
    ids=["deleted", "replaced"],
)
def test_a_view_never_outlives_what_is_in_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[KnowledgeBase], None]
) -> None:
    monkeypatch.setattr(knowledge_base, "_LAG_SECONDS", 1000.0)
    reader, writer = opened(folder), opened(folder)
    first = reader.view()
    change(writer)
    assert reader.view().generation == first.generation + 1


def test_a_writer_that_died_holds_nothing_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge_base, "_LAG_SECONDS", 0.2)
    reader = opened(folder)
    first = reader.view()
    add(opened(folder), document("食堂", "午餐十二点开始。"))
    time.sleep(0.3)
    assert reader.view().generation == first.generation + 1


def test_a_view_holds_no_sentence_of_a_later_generation(folder: Path) -> None:
    kb = opened(folder)
    before = kb.view()
    known = before.parents[:, 0]
    ingested(kb, [document("食堂", "午餐十二点开始。")])
    later = kb.view().parents[:, 0]
    assert len(later) > len(known)
    assert before.held(later[::-1]).tolist() == known.tolist()


def test_segments_and_sentences_point_at_each_other(folder: Path) -> None:
    view = opened(folder).view()
    sentences = view.parents[:, 0]
    for segment in np.unique(view.parents[:, 1]):
        inside = view.sentences_of(np.array([segment, segment]))
        assert len(inside) == len(np.unique(inside))
        assert set(view.segments_of(inside)) == {segment}
    assert len(view.sentences_of(np.unique(view.parents[:, 1]))) == len(sentences)
    assert len(view.sentences_of(np.zeros(0, np.int64))) == 0


def test_a_deleted_document_is_gone_from_store_and_both_searches(folder: Path) -> None:
    kb = opened(folder)
    kb.delete("员工手册")
    view = kb.view()
    (version,) = kb.store.versions()
    for level in SEARCHED:
        assert view.dense[level].versions == {version}
        assert view.lexical[level].versions == {version}
        assert len(view.lexical[level].search(terms("年假病假出差住宿"), 10)[0]) == 0
    assert "员工手册" not in [row.title for row in kb.store.documents()]


def test_a_second_writer_is_told_to_wait(folder: Path) -> None:
    first, second = opened(folder), opened(folder)
    with first.writing(), pytest.raises(KeyRAGError, match="being written by another process"), second.writing():
        pass


def test_another_embedding_model_is_refused_by_name(folder: Path) -> None:
    with pytest.raises(KeyRAGError, match=r"hashed \(256\).*bge-small-zh \(512\).*keyrag kb rebuild"):
        open_knowledge_base(
            folder, replace(IDENTITY, model="bge-small-zh", dimension=512), SETTINGS.index, create=False
        )


def test_a_knowledge_base_that_is_not_there_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="keyrag ingest"):
        open_knowledge_base(tmp_path / "none", IDENTITY, SETTINGS.index, create=False)
    assert not (tmp_path / "none").exists()


_INGEST = """
import sys
from pathlib import Path
from tests.small import ingested, opened, document
kb = opened(Path(sys.argv[1]))
for number in range(1000):
    print(number, flush=True)
    ingested(kb, [document(f"文件{number}", *(f"第{line}行写着{number}。" for line in range(40)))])
"""


@pytest.mark.parametrize(("before", "delay"), [(0, 0.01), (1, 0.0), (2, 0.02), (3, 0.04)])
def test_a_killed_ingest_leaves_no_half_document(tmp_path: Path, before: int, delay: float) -> None:
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    process = subprocess.Popen(
        [sys.executable, "-c", _INGEST, str(tmp_path / "kb")], stdout=subprocess.PIPE, env=environment, cwd=root
    )
    assert process.stdout is not None
    while process.stdout.readline() != b"%d\n" % before:
        assert process.poll() is None
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()
    kb = opened(tmp_path / "kb")
    assert len(kb.store.documents()) >= before
    for row in kb.store.documents():
        levels = [unit.level for unit in kb.store.document_units(row.doc_id)]
        assert levels.count("sentence") == 40
        assert len(kb.store.document_keys(row.doc_id)) == 40 + levels.count("segment")
    assert kb.faults() == []
    report = ingested(kb, [document("之后", "杀死之后还能写。")])
    assert report.count("added") == 1
    assert found(kb, "杀死之后还能写。") == {"杀死之后还能写。"}
