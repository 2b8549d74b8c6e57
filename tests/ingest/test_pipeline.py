from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import KeyRAGError
from ingest.pipeline import Pipeline, Progress, SourceFile, files_in
from tests.small import SETTINGS, HashedEmbeddings, document, opened


def test_a_folder_gives_its_readable_files_in_order(tmp_path: Path) -> None:
    for name in ("b.md", "a.txt", "photo.raw", ".hidden.md", "~$lock.docx", "sub/c.html", ".git/d.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [p.name for p in files_in([tmp_path])] == ["a.txt", "b.md", "c.html"]
    assert [p.name for p in files_in([tmp_path / "b.md", tmp_path])] == ["b.md", "a.txt", "c.html"]


def test_a_path_that_is_not_there_or_holds_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyRAGError, match="gone"):
        files_in([tmp_path / "gone"])
    with pytest.raises(KeyRAGError, match="holds no file"):
        files_in([tmp_path])


def test_progress_counts_documents_and_keys_up_to_the_end(tmp_path: Path) -> None:
    steps: list[Progress] = []
    documents = [document(f"文件{n}", "第一句。第二句。", "第三句。") for n in range(5)]
    report = Pipeline(opened(tmp_path / "kb"), HashedEmbeddings(), SETTINGS, steps.append).ingest_documents(
        documents, 5
    )
    assert report.count("added") == 5
    assert steps[-1].documents == steps[-1].total == 5
    assert steps[-1].keys == sum(file.keys for file in report.files) and steps[-1].waiting == 0
    assert [s.keys for s in steps] == sorted(s.keys for s in steps)


def test_a_file_known_by_another_name_replaces_what_was_known_by_it(tmp_path: Path) -> None:
    kb = opened(tmp_path / "kb")
    pipeline = Pipeline(kb, HashedEmbeddings(), SETTINGS)
    for number, text in enumerate(("旧的一句话。", "新的一句话。")):
        file = tmp_path / f"{number}.txt"
        file.write_text(text, encoding="utf-8")
        pipeline.ingest_files([SourceFile(file, "notes.txt")])
    (row,) = kb.store.documents()
    assert (row.source, row.title) == ("notes.txt", "notes")
    assert kb.store.read(row.doc_id).text == "新的一句话。"


def test_a_failed_file_is_reported_by_the_name_it_is_known_by(tmp_path: Path) -> None:
    file = tmp_path / "0.pdf"
    file.write_bytes(b"%PDF-1.4 nothing")
    report = Pipeline(opened(tmp_path / "kb"), HashedEmbeddings(), SETTINGS).ingest_files(
        [SourceFile(file, "plan.pdf")]
    )
    assert report.count("failed") == 1 and report.files[0].reason.startswith("plan.pdf: ")


def test_changed_settings_split_a_document_anew(tmp_path: Path) -> None:
    kb = opened(tmp_path / "kb")
    text = "，".join(f"这是第{n}个分句" for n in range(40)) + "。"
    Pipeline(kb, HashedEmbeddings(), SETTINGS).ingest_documents([document("长句", text)], 1)
    before = kb.store.counts()["sentences"]
    shorter = SETTINGS.model_copy(update={"split": SETTINGS.split.model_copy(update={"sentence_max_chars": 40})})
    report = Pipeline(kb, HashedEmbeddings(), shorter).ingest_documents([document("长句", text)], 1)
    assert report.count("replaced") == 1 and kb.store.counts()["sentences"] > before


def test_a_full_disk_is_one_clear_line_and_nothing_is_half_there(tmp_path: Path) -> None:
    kb = opened(tmp_path / "kb")
    pipeline = Pipeline(kb, HashedEmbeddings(), SETTINGS)
    pipeline.ingest_documents([document("甲", "一句话。")], 1)
    # SQLite's own way to a full disk: no page more than there is.
    kb.store._db.execute("PRAGMA max_page_count = 1")
    long = document("乙", *(f"第{n}段的一句话，写得足够长。" * 20 for n in range(50)))
    with pytest.raises(KeyRAGError, match="free disk space"):
        pipeline.ingest_documents([long], 1)
    kb.store._db.execute("PRAGMA max_page_count = 1000000")
    assert [row.title for row in kb.store.documents()] == ["甲"] and kb.faults() == []
