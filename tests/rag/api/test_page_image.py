from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from bench import files
from ingest.load import load
from rag.api.marks import marks
from rag.api.server import create_app
from rag.service import KeyRAG
from tests.conftest import MakeSettings
from tests.ingest.load.conftest import SETTINGS
from tests.ingest.load.pictures import drawn_picture, saved_as
from tests.ingest.load.samples import pdf_bytes
from tests.rag.api.calls import finished

SENTENCE = "The lease ends in March."
REPEATED = [(80, 700, 11, SENTENCE), (80, 600, 11, "The rent is due in May."), (80, 500, 11, SENTENCE)]


@pytest.fixture
def client(make_settings: MakeSettings, e5: Path) -> Iterator[TestClient]:
    with TestClient(create_app(KeyRAG(make_settings()))) as made:
        yield made


def stored(client: TestClient, name: str, content: bytes) -> str:
    """Upload a file; give the address of its document."""
    reply = client.post("/api/kbs/k/documents", files={"files": (name, content)})
    assert finished(client, reply.json()["job_id"])["state"] == "done"
    (document,) = client.get("/api/kbs/k/documents").json()["documents"]
    return f"/api/kbs/k/documents/{document['doc_id']}"


def sentences(client: TestClient, url: str, text: str) -> list[int]:
    units = client.get(url).json()["units"]
    return [unit["unit_id"] for unit in units if unit["level"] == "sentence" and text in unit["text"]]


def marked(client: TestClient, url: str, page: int, unit: int) -> tuple[float, float, float, float] | None:
    """Give left, upper, right, lower of what is marked, as parts of the page."""
    shown = [client.get(f"{url}/pages/{page}.png{query}") for query in ("", f"?highlight={unit}")]
    plain, lit = (np.asarray(Image.open(io.BytesIO(reply.content)).convert("RGB"), int) for reply in shown)
    rows, columns = np.nonzero(np.abs(plain - lit).sum(axis=2))
    if not len(rows):
        return None
    height, wide = plain.shape[:2]
    return columns.min() / wide, rows.min() / height, columns.max() / wide, rows.max() / height


def test_of_a_repeated_sentence_the_right_one_is_marked(client: TestClient) -> None:
    url = stored(client, "a.pdf", pdf_bytes([REPEATED]))
    first, second = sentences(client, url, SENTENCE)
    for unit, y in ((first, 700), (second, 500)):
        found = marked(client, url, 1, unit)
        assert found and found[1] < 1 - y / 842 < found[3] and found[3] - found[1] < 0.04


def test_documents_stored_without_boxes_are_searched(client: TestClient) -> None:
    url = stored(client, "a.pdf", pdf_bytes([REPEATED]))
    service: KeyRAG = client.app.state.service  # type: ignore[attr-defined]
    store = service.kb("k").store
    read = store.read
    bare = replace(read(url[-16:]), blocks=tuple(replace(one, boxes=()) for one in read(url[-16:]).blocks))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(store), "read", lambda self, doc_id: bare)
        found = marked(client, url, 1, sentences(client, url, "rent")[0])
    assert found and found[1] < 1 - 600 / 842 < found[3]


def test_a_scanned_page_is_marked(client: TestClient) -> None:
    url = stored(client, "scan.pdf", saved_as(drawn_picture(REPEATED, 2, 842), "PDF", resolution=144))
    found = marked(client, url, 1, sentences(client, url, "rent")[0])
    assert found and found[1] < 1 - 602 / 842 < found[3] and found[3] - found[1] < 0.06


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_marked_where_it_is_shown(client: TestClient, turn: int) -> None:
    document = pypdfium2.PdfDocument(pdf_bytes([REPEATED]))
    document[0].set_rotation(turn)
    buffer = io.BytesIO()
    document.save(buffer)
    url = stored(client, "a.pdf", buffer.getvalue())
    found = marked(client, url, 1, sentences(client, url, "rent")[0])
    away = 1 - 603 / 842  # from the edge that was the upper one
    place = {90: (1 - away, 0), 180: (1 - away, 1), 270: (away, 0)}[turn]
    assert found and found[place[1]] < place[0] < found[place[1] + 2]


def test_a_unit_over_two_pages_is_marked_on_each(tmp_path: Path) -> None:
    long = "The keys that are searched and the text that is read are kept in one"
    file = tmp_path / "a.pdf"
    file.write_bytes(pdf_bytes([[(80, 100, 11, long)], [(80, 780, 11, "database so that nothing is lost.")]]))
    document = load(file, settings=SETTINGS)
    (first,), (second,) = (marks(document, 0, len(document.text), page) for page in (1, 2))
    assert first[1] < 102 < first[3] and second[1] < 782 < second[3]
    (part,) = marks(document, 4, 8, 1)
    assert first[0] < part[0] < part[2] < first[2]
    assert marks(document, 0, 8, 2) == []


def test_pictures_have_pages_too(client: TestClient) -> None:
    pages = [drawn_picture([(80, y, 14, text)]) for y, text in ((780, "An offer of the first."), (700, SENTENCE))]
    url = stored(client, "a.tiff", saved_as(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    (unit,) = sentences(client, url, "lease")
    found = marked(client, url, 2, unit)
    assert found and found[1] < (842 - 704) / 260 < found[3]
    assert marked(client, url, 1, unit) is None
    assert client.get(f"{url}/pages/3.png").status_code == 404


def test_a_picture_in_an_archive_is_shown(client: TestClient) -> None:
    picture = saved_as(drawn_picture([(80, 780, 14, SENTENCE)]))
    url = stored(client, "a.zip", files.zipped({"x.png": picture}))
    found = marked(client, url, 1, sentences(client, url, "lease")[0])
    assert found and found[1] < (842 - 784) / 260 < found[3]


def test_other_formats_have_no_page_images(client: TestClient) -> None:
    assert client.get(f"{stored(client, 'a.md', b'# One' + b' word.')}/pages/1.png").status_code == 404
