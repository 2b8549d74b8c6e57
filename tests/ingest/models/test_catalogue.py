from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from ingest.errors import KeyRAGError
from ingest.models import catalogue
from ingest.models.catalogue import Entry, Source

CONTENT = b"weights" * 1000


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """A catalogue of one model whose source is a file."""
    (tmp_path / "source.bin").write_bytes(CONTENT)
    made = Entry(
        name="tiny",
        role="chat",
        about="a test",
        licence="none",
        file="tiny.bin",
        bytes=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        sources=(Source(path=tmp_path / "not-there.bin"), Source(path=tmp_path / "source.bin")),
    )
    monkeypatch.setattr(catalogue, "entries", lambda: {"tiny": made})
    return made


def test_a_source_that_is_not_there_is_passed_over(entry: Entry, tmp_path: Path) -> None:
    file = catalogue.pull("tiny", tmp_path / "models")
    assert file.read_bytes() == CONTENT and catalogue.cached("tiny", tmp_path / "models") == file


def test_a_verified_file_is_not_fetched_again(entry: Entry, tmp_path: Path) -> None:
    catalogue.pull("tiny", tmp_path / "models")
    (tmp_path / "source.bin").unlink()
    assert catalogue.pull("tiny", tmp_path / "models").read_bytes() == CONTENT


def test_a_damaged_file_is_fetched_again(entry: Entry, tmp_path: Path) -> None:
    file = catalogue.pull("tiny", tmp_path / "models")
    file.write_bytes(b"half")
    assert catalogue.cached("tiny", tmp_path / "models") is None
    assert catalogue.pull("tiny", tmp_path / "models").read_bytes() == CONTENT


def test_a_file_with_another_digest_is_refused_and_removed(entry: Entry, tmp_path: Path) -> None:
    (tmp_path / "source.bin").write_bytes(b"not the weights")
    with pytest.raises(KeyRAGError, match="sha256"):
        catalogue.pull("tiny", tmp_path / "models")
    assert not (tmp_path / "models" / "tiny" / "tiny.bin").exists()


def test_no_source_at_all_names_each(entry: Entry, tmp_path: Path) -> None:
    (tmp_path / "source.bin").unlink()
    with pytest.raises(KeyRAGError, match=r"not-there\.bin.*source\.bin"):
        catalogue.pull("tiny", tmp_path / "models")


def test_a_full_disk_tells_what_is_needed(entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(KeyRAGError, match="No space left"):
        catalogue.pull("tiny", tmp_path / "models")


def test_the_shipped_catalogue_has_a_default_for_each_role() -> None:
    roles = {entry.role for entry in catalogue.entries().values()}
    assert roles == {"embedding", "chat"}
    chat = catalogue.find("qwen2.5-coder-1.5b-instruct")
    assert chat and len(chat.sources[0].requirements) == 22
    assert catalogue.find("nothing") is None
