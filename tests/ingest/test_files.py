from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import KeyRAGError
from ingest.files import files_in


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


def test_an_empty_folder_does_not_keep_the_others_from_being_read(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "full" / "a.txt").write_text("x")
    told: list[str] = []
    assert [p.name for p in files_in([tmp_path / "empty", tmp_path / "full"], told.append)] == ["a.txt"]
    assert len(told) == 1 and str(tmp_path / "empty") in told[0]
    with pytest.raises(KeyRAGError, match="holds no file"):
        files_in([tmp_path / "empty"], told.append)
