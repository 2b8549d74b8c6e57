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
