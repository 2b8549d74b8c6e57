from __future__ import annotations

from pathlib import Path

import pytest

from bench.files import zipped
from ingest.errors import KeyRAGError
from ingest.index.knowledge_base import KnowledgeBase
from ingest.pipeline import Pipeline, Progress, SourceFile
from tests.small import SETTINGS, HashedEmbeddings, document, opened


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


class _Counting(HashedEmbeddings):
    """Remembers which texts it embedded."""

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.embedded += texts
        return super().embed_documents(texts)


def _files(folder: Path, **texts: str) -> list[SourceFile]:
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return [SourceFile(folder / f"{name}.txt") for name in texts]


def _vectors(kb: KnowledgeBase) -> dict[str, list[float]]:
    rows = kb.store.documents()
    return {text: v.tolist() for row in rows for text, v in kb.store.key_vectors(row.doc_id).items()}


def test_a_new_version_embeds_only_what_changed(tmp_path: Path) -> None:
    kb, counting = opened(tmp_path / "kb"), _Counting()
    pipeline = Pipeline(kb, counting, SETTINGS)
    paragraphs = [f"第{n}条规定的内容是编号{n}。" * 12 for n in range(6)]
    pipeline.ingest_files(_files(tmp_path, rules="\n\n".join(paragraphs)))
    counting.embedded.clear()
    paragraphs[2] = "第二条已经改过了，现在说的是别的事情。" * 8
    report = pipeline.ingest_files(_files(tmp_path, rules="\n\n".join(paragraphs)))
    (file,) = report.files
    assert file.outcome == "replaced" and 0 < file.embedded < file.keys
    assert file.embedded == len(counting.embedded) and all("已经改过" in text for text in counting.embedded)
    fresh = opened(tmp_path / "fresh")
    Pipeline(fresh, HashedEmbeddings(), SETTINGS).ingest_files([SourceFile(tmp_path / "rules.txt")])
    assert _vectors(kb) == _vectors(fresh)


def test_a_file_of_the_same_bytes_is_reported_and_not_indexed_twice(tmp_path: Path) -> None:
    kb = opened(tmp_path / "kb")
    pipeline = Pipeline(kb, HashedEmbeddings(), SETTINGS)
    report = pipeline.ingest_files(_files(tmp_path, one="年假十天。", two="年假十天。"))
    assert [file.outcome for file in report.files] == ["duplicate", "added"] and "one" in report.files[0].reason
    again = pipeline.ingest_files(_files(tmp_path, one="年假十天。", three="年假十天。"))
    assert sorted(file.outcome for file in again.files) == ["duplicate", "unchanged"]
    assert len(kb.store.documents()) == 1


def test_a_file_that_becomes_the_same_as_another_is_replaced_all_the_same(tmp_path: Path) -> None:
    kb = opened(tmp_path / "kb")
    pipeline = Pipeline(kb, HashedEmbeddings(), SETTINGS)
    pipeline.ingest_files(_files(tmp_path, one="年假十天。", two="病假五天。"))
    report = pipeline.ingest_files(_files(tmp_path, one="年假十天。", two="年假十天。"))
    assert {file.title: file.outcome for file in report.files} == {"one": "unchanged", "two": "replaced"}


def test_a_moved_file_is_no_duplicate_and_needs_no_embedding(tmp_path: Path) -> None:
    kb, counting = opened(tmp_path / "kb"), _Counting()
    pipeline = Pipeline(kb, counting, SETTINGS)
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    pipeline.ingest_files(_files(tmp_path / "old", plan="第一句。第二句。"))
    counting.embedded.clear()
    moved = (tmp_path / "old" / "plan.txt").rename(tmp_path / "new" / "plan.txt")
    (file,) = pipeline.ingest_files([SourceFile(moved)]).files
    assert (file.outcome, file.embedded, counting.embedded) == ("added", 0, [])


def test_a_nearly_identical_document_is_reported(tmp_path: Path) -> None:
    text = "".join(f"第{n}条：员工应当遵守第{n * 7}号规定并按时提交第{n * 3}号表格。\n" for n in range(60))
    pipeline = Pipeline(opened(tmp_path / "kb"), HashedEmbeddings(), SETTINGS)
    report = pipeline.ingest_files(
        _files(tmp_path, first=text, second=text + "新增一条。", other="完全不同的内容。" * 9)
    )
    warned = {file.title: file.warnings for file in report.files}
    assert warned["first"] == warned["other"] == ()
    assert "nearly the same as first" in warned["second"][0]


def test_an_archive_gives_a_document_a_file_and_its_new_version_replaces_them(tmp_path: Path) -> None:
    kb = opened(tmp_path / "kb")
    pipeline = Pipeline(kb, HashedEmbeddings(), SETTINGS)
    archive = tmp_path / "letters.zip"
    archive.write_bytes(
        zipped({"a/offer.md": "# 报价\n\n单价三百元。", "b.txt": "第二封信。", "c.docx": b"PK", "d.exe": b"MZ"})
    )
    report = pipeline.ingest_files([SourceFile(archive)])
    assert sorted((file.outcome, file.source.removeprefix(str(tmp_path))) for file in report.files) == [
        ("added", "/letters.zip!/a/offer.md"),
        ("added", "/letters.zip!/b.txt"),
        ("failed", "/letters.zip!/c.docx"),
    ]
    archive.write_bytes(zipped({"a/offer.md": "# 报价\n\n单价三百元。", "e.txt": "第三封信。"}))
    report = pipeline.ingest_files([SourceFile(archive)])
    assert (report.count("unchanged"), report.count("added")) == (1, 1)
    assert {row.source.rsplit("/")[-1] for row in kb.store.documents()} == {"offer.md", "e.txt"}
    archive.write_bytes(b"PK nothing")
    assert pipeline.ingest_files([SourceFile(archive)]).count("failed") == 1 and len(kb.store.documents()) == 2
