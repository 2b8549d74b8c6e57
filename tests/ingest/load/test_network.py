"""No loader of any format fetches anything: a server that every file points at hears nothing."""

from __future__ import annotations

import io
import re
import socket
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest
from pptx import Presentation
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from bench import files
from ingest.load import load, parts, supported_suffixes
from ingest.load.process import LoadingProcess, Unread
from ingest.load.registry import FORMATS

from .conftest import SETTINGS
from .samples import docx_bytes, pdf_bytes, samples, saved, xlsx_bytes


@pytest.fixture(scope="module")
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        yield listening


def heard(server: socket.socket) -> bool:
    try:
        server.accept()[0].close()
    except TimeoutError:
        return False
    return True


def with_part(sound: bytes, changed: str, change: Callable[[str], str]) -> bytes:
    """Change one part of a ZIP."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sound)) as source, zipfile.ZipFile(buffer, "w") as target:
        assert changed in source.namelist()
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, change(content.decode()).encode() if name == changed else content)
    return buffer.getvalue()


def _markup(url: str) -> str:
    return (
        f"<p>Text <a href='{url}/a'>link</a> <img src='{url}/i.png'><iframe src='{url}/f'></iframe></p>"
        f"<link rel=stylesheet href='{url}/s.css'><script src='{url}/s.js'></script><object data='{url}/o'></object>"
        f"<style>@import url({url}/c.css);</style><video src='{url}/v'></video>"
    )


def _xml(url: str) -> str:
    return f'<!DOCTYPE a SYSTEM "{url}/a.dtd" [<!ENTITY far SYSTEM "{url}/e"><!ENTITY % also SYSTEM "{url}/p"> %also;]>'


def _office(sound: bytes, main: str, relations: str, url: str) -> bytes:
    """An Office file with outside entities, a template, a picture and a workbook that lie elsewhere."""
    kinds = ("attachedTemplate", "image", "externalLinkPath", "oleObject", "hyperlink", "slideMaster", "frame")
    space = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = "".join(
        f'<Relationship Id="far{n}" Type="{space}/{kind}" Target="{url}/{kind}" TargetMode="External"/>'
        for n, kind in enumerate(kinds)
    )
    linked = with_part(sound, relations, lambda text: text.replace("</Relationships>", f"{links}</Relationships>"))

    def declared(text: str) -> str:
        return _xml(url) + re.sub(r"^<\?xml.*?\?>", "", text, count=1)

    return with_part(linked, main, declared)


def _pdf(url: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_bytes([[(80, 700, 11, "A line of text.")]]))))
    action = DictionaryObject({NameObject("/S"): NameObject("/URI"), NameObject("/URI"): TextStringObject(url)})
    writer.root_object[NameObject("/OpenAction")] = action
    writer.add_uri(0, url, (80, 690, 200, 710))
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _book(url: str) -> bytes:
    book = with_part(files.epub_bytes(), "OEBPS/nav.xhtml", lambda text: text.replace("?>", f"?>{_xml(url)}"))
    return with_part(book, "OEBPS/text/one.xhtml", lambda text: text.replace("<h1>", f"{_markup(url)}<h1>"))


def hostile(url: str) -> dict[str, bytes]:
    """A file of every suffix that points at an address wherever its format can."""
    page = f"<html><head><base href='{url}/'></head><body>{_markup(url)}</body></html>".encode()
    xinclude = f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{url}/x"/>'
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes()))
    book.active["D1"] = f'=WEBSERVICE("{url}/w")'
    deck = Presentation(io.BytesIO(samples()[".pptx"]))
    made = {
        **samples(),
        ".html": page,
        ".htm": f"{_xml(url)}".encode() + page,
        ".xhtml": page,
        ".md": f"# T\n\n![picture]({url}/i.png) [link]({url}/a)\n\n{_markup(url)}".encode(),
        ".rst": f".. include:: {url}/i\n.. image:: {url}/i.png\n\nText `link <{url}>`_.\n".encode(),
        ".org": f"#+INCLUDE: {url}/i\nText [[{url}/i.png]].\n".encode(),
        ".xml": f"<?xml version='1.0'?>{_xml(url)}<a><b>Text &far;</b>{xinclude}</a>".encode(),
        ".docx": _office(docx_bytes(), "word/document.xml", "word/_rels/document.xml.rels", url),
        ".xlsx": _office(saved(book), "xl/workbook.xml", "xl/_rels/workbook.xml.rels", url),
        ".pptx": _office(saved(deck), "ppt/slides/slide1.xml", "ppt/slides/_rels/slide1.xml.rels", url),
        ".epub": _book(url),
        ".odt": with_part(files.odt_bytes(), "content.xml", lambda text: text.replace("?>", f"?>{_xml(url)}")),
        ".eml": files.eml_bytes({"a.html": page}, html=_markup(url)),
        ".rtf": files.rtf_bytes().replace(b"https://duty.example", url.encode()),
        ".pdf": _pdf(url),
    }
    return {**made, ".zip": files.zipped({f"a{suffix}": content for suffix, content in made.items()})}


@pytest.fixture(scope="module")
def made(server: socket.socket) -> dict[str, bytes]:
    return hostile(f"http://127.0.0.1:{server.getsockname()[1]}")


@pytest.mark.parametrize("suffix", supported_suffixes())
def test_no_loader_fetches_anything(suffix: str, made: dict[str, bytes], server: socket.socket, tmp_path: Path) -> None:
    """In this process, whose network is open."""
    path = tmp_path / f"a{suffix}"
    path.write_bytes(made[suffix])
    for source, part in parts(path, source=str(path), settings=SETTINGS):
        if isinstance(part, Path) and part.suffix in FORMATS:
            assert load(part, source=source, settings=SETTINGS).blocks
    assert not heard(server)


def test_nor_does_the_loading_process(made: dict[str, bytes], server: socket.socket, tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(made[".zip"])
    with closing(LoadingProcess(SETTINGS)) as process:
        read = list(process.read(path))
    refused = {one.source.rsplit(".")[-1] for one in read if isinstance(one, Unread)}
    assert refused == {"mbox", "zip"}  # archives in an archive
    assert not heard(server)
    socket.create_connection(server.getsockname()).close()
    assert heard(server)  # it would have heard
