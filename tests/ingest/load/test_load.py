from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ingest.errors import LoadError
from ingest.load import load, supported_suffixes

from .conftest import SETTINGS, Read
from .samples import docx_bytes

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02" + bytes(100)


def test_identity_comes_from_the_path_and_the_digest_from_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("One.")
    document = load(path, settings=SETTINGS)
    assert document.doc_id == hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
    assert document.sha256 == hashlib.sha256(b"One.").hexdigest()
    assert (document.title, document.source, document.media_type) == ("notes", str(path), "text/plain")
    named = load(path, source="abc", title=" My\nnotes ", settings=SETTINGS)
    assert (named.source, named.title) == ("abc", "My notes")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.pdf", b"", "is empty"),
        ("picture.pdf", PNG, "is no PDF but a PNG image: give it the right suffix"),
        ("picture.txt", PNG, "is a PNG image"),
        ("picture.docx", PNG, "is no Word document (.docx), it is a PNG image"),
        (
            "old.docx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "locked with a password, or an old binary one",
        ),
        ("word.xlsx", docx_bytes(), "is a ZIP archive but no Excel workbook"),
        ("short.docx", docx_bytes()[:2000], "is cut short or damaged"),
        ("short.pdf", b"%PDF-1.7\n1 0 obj\n", "is a damaged PDF"),
        ("blank.txt", b" \n\n ", "holds no text"),
        ("noise.txt", bytes(range(32)) * 20, "is not text in any known encoding"),
        ("song.mp3", b"ID3", "format .mp3 can't be read: convert it to one of .bmp, .csv"),
        ("old.doc", b"\xd0\xcf\x11\xe0", "is of an old binary format that can't be read: open it in Microsoft Office"),
        ("bad.eml", b"no mail at all", "is no e-mail"),
        ("bad.msg", b"no mail at all", "is no Outlook message"),
        ("bad.epub", b"PK\x05\x06" + bytes(18), "is a ZIP archive but no EPUB book"),
        ("bad.odt", docx_bytes(), "is a ZIP archive but no OpenDocument text"),
        ("bad.rtf", b"plain", "is no RTF document"),
        ("bad.xml", b"<a><b></a>", "is not well-formed XML"),
        ("bad.json", b"{", "is not JSON"),
        ("bad.jsonl", b'{"text": "a"}\nnope\n', "line 2 is not JSON"),
    ],
)
def test_a_wrong_file_gives_one_clear_line(name: str, content: bytes, reason: str, read: Read) -> None:
    with pytest.raises(LoadError) as raised:
        read(name, content)
    message = str(raised.value)
    assert message.startswith(f"{name}: ") and reason in message and "\n" not in message


def test_missing_files_folders_and_large_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"^no\.txt: there is no such file: check the path$"):
        load(tmp_path / "no.txt", settings=SETTINGS)
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(LoadError, match=r"^folder\.txt: is no regular file"):
        load(tmp_path / "folder.txt", settings=SETTINGS)
    (tmp_path / "large.txt").write_bytes(b"a" * 2_000_000)
    with pytest.raises(LoadError, match=r"^large\.txt: has 2\.0 MB, over 1: split it or raise load\.max_file_mb$"):
        load(tmp_path / "large.txt", settings=SETTINGS.model_copy(update={"max_file_mb": 1}))


def test_a_name_with_line_breaks_stays_one_line(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"^a b\.txt: "):
        load(tmp_path / "a\nb.txt", settings=SETTINGS)
    path = tmp_path / "a\nb.txt"
    path.write_text("One.")
    assert load(path, settings=SETTINGS).title == "a b"


def test_control_characters_and_lookalikes_are_cleaned(read: Read) -> None:
    document = read("a.jsonl", '{"text": "a\\u0000b\\ud800c\\u200b \\u2f2d\\ufb01\\u0007\\u3000d"}')
    assert document.text == "abc 山fi d"


def test_the_title_is_not_repeated_in_heading_paths(read: Read) -> None:
    document = read("a.md", "# Manual\n\n## Power\n\nPress it.\n")
    assert document.title == "Manual"
    assert [block.heading_path for block in document.blocks] == [(), (), ("Power",)]


def test_suffixes_are_matched_in_any_case(read: Read) -> None:
    assert ".pdf" in supported_suffixes()
    assert read("A.TXT", "One.").title == "A"
