"""Hostile and broken files: a document or one clear line, and never a word to the network."""

from __future__ import annotations

import io
import random
import socket
import zipfile
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import LoadError
from ingest.load import load, parts, supported_suffixes
from ingest.load.registry import FORMATS
from ingest.settings import LoadSettings
from ingest.types import Document

from .conftest import SETTINGS, Read
from .samples import pdf_bytes, samples

SAMPLES = samples()


def read_or_refuse(path: Path) -> None:
    limits = SETTINGS.model_copy(update={"max_file_mb": 5})
    try:
        read = parts(path, source=str(path), settings=limits)
        while part := next(read, None):
            read_part(path, *part, limits)
    except LoadError as error:
        message = str(error)
        assert message.startswith(path.name) and ": " in message and "\n" not in message


def read_part(path: Path, source: str, part: Path | LoadError, limits: LoadSettings) -> None:
    try:
        if isinstance(part, LoadError):
            raise part
        document = load(part, source=source, settings=limits)
    except LoadError as error:
        message = str(error)
        assert message.startswith(path.name) and ": " in message and "\n" not in message
    else:
        assert isinstance(document, Document) and document.blocks
        for block in document.blocks:
            assert block.text.strip() and (block.kind == "code" or "\n" not in block.text)
            assert "\x00" not in block.text
            block.text.encode()
            assert all(heading and "\n" not in heading for heading in block.heading_path)


def test_every_format_has_a_sample() -> None:
    assert set(SAMPLES) == set(supported_suffixes())


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_sample_loads_and_loads_the_same_again(suffix: str, read: Read) -> None:
    assert read(f"a{suffix}", SAMPLES[suffix]) == read(f"a{suffix}", SAMPLES[suffix])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(suffix=st.sampled_from(supported_suffixes()), content=st.binary(min_size=1, max_size=400))
def test_any_bytes_give_a_document_or_a_load_error(suffix: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"any{suffix}"
    path.write_bytes(content)
    read_or_refuse(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    suffix=st.sampled_from([".html", ".md", ".txt", ".csv", ".json", ".xml", ".rst", ".org", ".rtf", ".eml"]),
    content=st.text(
        alphabet=st.sampled_from(list("<>/=\"'# -*|\n\t`\\{}[]:,;.1一第章（）\x00pli")),
        min_size=1,
        max_size=200,
    ),
)
def test_any_markup_gives_a_document_or_a_load_error(suffix: str, content: str, tmp_path: Path) -> None:
    path = tmp_path / f"any{suffix}"
    path.write_text(content, encoding="utf-8")
    read_or_refuse(path)


@pytest.mark.parametrize("suffix", supported_suffixes())
def test_truncated_and_garbled_files_give_a_document_or_a_load_error(suffix: str, tmp_path: Path) -> None:
    draw = random.Random(7)
    sound = SAMPLES[suffix]
    path = tmp_path / f"broken{suffix}"
    for _ in range(40):
        broken = bytearray(sound[: draw.randint(1, len(sound))] if draw.random() < 0.4 else sound)
        for _ in range(draw.choice((0, 1, 5, 50))):
            broken[draw.randrange(len(broken))] = draw.randrange(256)
        path.write_bytes(bytes(broken))
        read_or_refuse(path)


def changed_parts(sound: bytes, draw: random.Random) -> bytes:
    """Garble or empty one part of a ZIP whose checksums stay right."""
    source = zipfile.ZipFile(io.BytesIO(sound))
    victim = draw.choice(source.namelist())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            content = bytearray(source.read(name))
            if name == victim:
                action = draw.randrange(4)
                if action == 0:
                    continue
                if action == 1:
                    content = content[: draw.randrange(len(content) + 1)]
                elif action == 2:
                    content = bytearray(b"<root/>")
                else:
                    for _ in range(5):
                        content[draw.randrange(len(content))] = draw.choice(b'<>"/ a0\x00')
            target.writestr(name, bytes(content))
    return buffer.getvalue()


@pytest.mark.parametrize("suffix", [".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub", ".zip"])
def test_office_files_with_a_broken_part_give_a_document_or_a_load_error(suffix: str, tmp_path: Path) -> None:
    draw = random.Random(11)
    path = tmp_path / f"broken{suffix}"
    for _ in range(60):
        path.write_bytes(changed_parts(SAMPLES[suffix], draw))
        read_or_refuse(path)


ENTITY = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd"><!ENTITY far SYSTEM "http://127.0.0.1:9/x">]>'


def with_entities(sound: bytes, part: str, marker: str) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(sound))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                text = content.decode()
                assert marker in text
                head, rest = text.split("?>", 1) if text.startswith("<?xml") else ("<?xml version='1.0'", text)
                content = f"{head}?>{ENTITY}{rest}".replace(marker, "&secret;&far;left", 1).encode()
            target.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> NoReturn:
        pytest.fail("a loader opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("suffix", "part", "marker"),
    [
        (".docx", "word/document.xml", "员工每年有十天年假。"),
        (".xlsx", "xl/sharedStrings.xml", "X1"),
        (".pptx", "ppt/slides/slide1.xml", "Ten days a year"),
    ],
)
def test_xml_entities_are_not_resolved(suffix: str, part: str, marker: str, tmp_path: Path) -> None:
    path = tmp_path / f"entities{suffix}"
    path.write_bytes(with_entities(SAMPLES[suffix], part, marker))
    try:
        text = load(path, settings=SETTINGS.model_copy(update={"max_file_mb": 5})).text
    except LoadError:
        return
    assert "root:" not in text


def test_a_zip_bomb_is_refused(read: Read) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("word/document.xml", b"0" * 120_000_000)
    with pytest.raises(LoadError, match=r"bomb\.docx: unpacks to 120 MB"):
        read("bomb.docx", buffer.getvalue())


def test_a_far_cell_does_not_fill_the_memory(read: Read) -> None:
    import openpyxl

    from .samples import saved

    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"], book.active["A2"] = "Name", "Value", "x"
    book.active["XFD1048576"] = "far"
    assert "far" in read("far.xlsx", saved(book)).text


def test_markup_nested_too_deep_is_refused_not_cut(read: Read) -> None:
    assert "core" in read("deep.html", "<div>" * 200 + "core").text
    with pytest.raises(LoadError, match=r"deep\.html: is nested too deep"):
        read("deep.html", "<p>a" + "<div>" * 5000 + "core")
    with pytest.raises(LoadError, match="line 1 is not JSON"):
        read("deep.jsonl", "[" * 200_000)


def test_a_locked_pdf_is_named_as_such(read: Read) -> None:
    locked = pdf_bytes([[(80, 700, 11, "Secret.")]], password="x")
    with pytest.raises(LoadError, match=r"^a\.pdf: is locked with a password: save a copy without one$"):
        read("a.pdf", locked)
    assert read("b.pdf", pdf_bytes([[(80, 700, 11, "Open.")]], owner="x")).text == "Open."
