from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from rag.api.server import create_app
from rag.service import KeyRAG
from tests.conftest import MakeSettings
from tests.rag.api.calls import finished, upload

FILES = {
    "alpha.md": "# Alpha\n\nAlpha is the first letter. It comes before beta.\n",
    "beta.md": "# Beta\n\nBeta is the second letter, as every pupil knows.\n",
    "gamma_50%.md": "# Gamma\n\nGamma is the third letter.\n",
}


@pytest.fixture
def imported(tmp_path: Path) -> Path:
    folder = tmp_path / "imported"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def client(make_settings: MakeSettings, e5: Path, imported: Path) -> Iterator[TestClient]:
    service = KeyRAG(make_settings(server={"import_folders": [str(imported)]}))
    with TestClient(create_app(service)) as made:
        yield made


def test_documents_are_listed_by_page_word_and_order(client: TestClient) -> None:
    upload(client, "letters", FILES)
    url = "/api/kbs/letters/documents"
    for order, titles in {
        "title": ["Alpha", "Beta", "Gamma"],
        "-title": ["Gamma", "Beta", "Alpha"],
        "-added_at": ["Gamma", "Beta", "Alpha"],
        "chars": ["Gamma", "Beta", "Alpha"],
    }.items():
        listed = client.get(url, params={"sort": order}).json()
        assert [document["title"] for document in listed["documents"]] == titles, order
    second = client.get(url, params={"sort": "title", "offset": 1, "limit": 1}).json()
    assert (second["total"], [document["title"] for document in second["documents"]]) == (3, ["Beta"])
    assert client.get(url, params={"q": "ALPH"}).json()["total"] == 1
    assert client.get(url, params={"q": "0%"}).json()["total"] == 1  # a sign of LIKE is a sign like any other
    assert client.get(url, params={"q": "_"}).json()["total"] == 1
    assert client.get(url, params={"sort": "sha256"}).status_code == 422


def test_a_document_shows_its_units_with_their_keys(client: TestClient) -> None:
    upload(client, "letters", {"alpha.md": FILES["alpha.md"]})
    doc_id = client.get("/api/kbs/letters/documents").json()["documents"][0]["doc_id"]
    units = client.get(f"/api/kbs/letters/documents/{doc_id}").json()["units"]
    segment, first, second = units
    assert (segment["level"], first["parent"]) == ("segment", segment["unit_id"])
    assert first["keys"] == [{"kind": "context", "text": "Alpha Alpha is the first letter."}]
    assert second["text"] == "It comes before beta."


def test_the_original_file_is_handed_out_to_be_saved(client: TestClient) -> None:
    upload(client, "letters", {"报告.md": FILES["alpha.md"]})
    doc_id = client.get("/api/kbs/letters/documents").json()["documents"][0]["doc_id"]
    reply = client.get(f"/api/kbs/letters/documents/{doc_id}/file")
    assert reply.text == FILES["alpha.md"]
    assert reply.headers["content-disposition"].startswith("attachment; filename*=utf-8''%E6")
    assert (
        reply.headers["x-content-type-options"] == "nosniff" and "sandbox" in reply.headers["content-security-policy"]
    )


def test_a_source_that_is_a_path_opens_only_the_file_that_was_read(client: TestClient, tmp_path: Path) -> None:
    service: KeyRAG = client.app.state.service  # type: ignore[attr-defined]
    from ingest.pipeline import SourceFile

    file = tmp_path / "secret.md"
    file.write_text(FILES["alpha.md"])
    report = service.ingest("letters", [SourceFile(file)])
    url = f"/api/kbs/letters/documents/{report.files[0].doc_id}/file"
    assert client.get(url).text == FILES["alpha.md"]
    file.write_text("# Something else, which nobody gave to the service\n")
    assert client.get(url).status_code == 404


def test_a_folder_of_the_server_is_imported_only_if_the_settings_name_it(client: TestClient, imported: Path) -> None:
    (imported / "out.md").symlink_to("/etc/hostname")
    for path in ("/etc", str(imported.parent), f"{imported}/..", "", "\0"):
        assert client.post("/api/kbs/letters/documents/folder", json={"path": path}).status_code in (400, 403), path
    reply = client.post("/api/kbs/letters/documents/folder", json={"path": str(imported)})
    job = finished(client, reply.json()["job_id"])
    assert (job["state"], job["report"]["added"], job["kind"]) == ("done", 3, "folder")


def test_a_document_is_indexed_anew(client: TestClient) -> None:
    upload(client, "letters", {"alpha.md": FILES["alpha.md"]})
    url = f"/api/kbs/letters/documents/{client.get('/api/kbs/letters/documents').json()['documents'][0]['doc_id']}"
    before = client.get(url).json()["units"][0]["unit_id"]
    job = finished(client, client.post(f"{url}/reindex").json()["job_id"])
    assert (job["state"], job["report"]["replaced"]) == ("done", 1)
    assert client.get(url).json()["units"][0]["unit_id"] != before


def test_a_document_is_deleted_at_once_or_queued_while_another_writes(client: TestClient) -> None:
    upload(client, "letters", FILES)
    first, second, _ = client.get("/api/kbs/letters/documents").json()["documents"]
    url = "/api/kbs/letters/documents"
    assert client.delete(f"{url}/{first['doc_id']}").status_code == 204
    assert client.delete(f"{url}/{first['doc_id']}").status_code == 404
    service: KeyRAG = client.app.state.service  # type: ignore[attr-defined]
    with service.kb("letters").writing():
        reply = client.delete(f"{url}/{second['doc_id']}")
        assert reply.status_code == 202
    assert finished(client, reply.json()["job_id"])["report"]["deleted"] == 1
    assert client.get(url).json()["total"] == 1


def test_a_search_explains_its_stages(client: TestClient) -> None:
    upload(client, "letters", FILES)
    body = {"query": "What is Alpha? Also, which letter is gamma?", "k": 2, "budget": 200}
    assert "stages" not in client.post("/api/kbs/letters/search", json=body).json()
    found = client.post("/api/kbs/letters/search", json={**body, "explain": True}).json()
    stages = found["stages"]
    assert stages["parts"] == ["What is Alpha?", "which letter is gamma?"]
    assert [hit["unit_id"] for hit in stages["fused"]] == [hit["unit_id"] for hit in found["hits"]]
    for kind in ("dense", "lexical"):
        scores = [hit["why"][kind] for hit in stages[kind]]
        assert scores == sorted(scores, reverse=True) and len(scores) == 2
    assert "\n".join(passage["text"] for passage in stages["packed"]) == found["context"]


def test_sessions_are_listed_renamed_exported_and_deleted(client: TestClient) -> None:
    upload(client, "letters", FILES)
    url = "/api/kbs/letters/sessions"
    for question in ("What is Alpha?", "What is Beta?"):
        client.post("/api/kbs/letters/chat", json={"question": question, "session": "s"})
    client.post("/api/kbs/letters/chat", json={"question": "What is Gamma?", "session": "t"})
    listed = client.get(url).json()
    assert [(one["session"], one["title"], one["turns"]) for one in listed] == [
        ("t", "What is Gamma?", 1),
        ("s", "What is Alpha?", 2),
    ]
    assert client.patch(f"{url}/s", json={"title": "Letters"}).json()["title"] == "Letters"
    shown = client.get(f"{url}/s").json()
    assert shown["history"][0]["citations"][0]["quote"] == "Alpha is the first letter."
    text = client.get(f"{url}/s/export").text
    assert text.startswith("# Letters\n") and "“Alpha is the first letter.”" in text
    assert client.get(f"{url}/s/export?format=json").json() == shown
    assert client.delete(f"{url}/s").status_code == 204
    assert client.get(f"{url}/s").status_code == 404 and len(client.get(url).json()) == 1
    client.delete("/api/kbs/letters")
    assert client.get(url).json() == []


def test_feedback_and_usage_are_kept(client: TestClient) -> None:
    upload(client, "letters", FILES)
    client.post("/api/kbs/letters/chat", json={"question": "What is Alpha?"})
    client.post("/api/kbs/letters/search", json={"query": "Alpha"})
    given = {"question": "What is Alpha?", "answer": "A letter.", "rating": "down", "comment": "too short"}
    assert client.post("/api/kbs/letters/feedback", json=given).status_code == 201
    kept = client.get("/api/kbs/letters/feedback", params={"rating": "down"}).json()
    assert kept["total"] == 1 and given.items() <= kept["feedback"][0].items()
    assert client.get("/api/kbs/letters/feedback", params={"rating": "up"}).json()["total"] == 0
    (used,) = client.get("/api/usage").json()
    assert (used["kb"], used["questions"], used["searches"], used["documents"]) == ("letters", 1, 1, 3)


def test_settings_are_shown_without_their_secrets(make_settings: MakeSettings, e5: Path) -> None:
    chat = {"backend": "openai", "model": "m", "base_url": "http://me:s3cret@127.0.0.1:9/v1", "api_key": "s3cret-too"}
    with TestClient(create_app(KeyRAG(make_settings(chat=chat)))) as client:
        text = client.get("/api/settings").text
    assert "s3cret" not in text and "http://***@127.0.0.1:9/v1" in text


def test_an_archive_is_in_when_its_files_are(client: TestClient) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("alpha.md", FILES["alpha.md"])
        archive.writestr("empty.md", "")
    sent = {"files": ("letters.zip", packed.getvalue())}
    reply = client.post("/api/kbs/letters/documents", files=sent, data={"labels": ["x"]})
    job = finished(client, reply.json()["job_id"])
    (file,) = job["report"]["files"]
    assert (job["state"], file["outcome"]) == ("done", "added") and "empty.md" in file["reason"]
    listed = client.get("/api/kbs/letters/documents").json()["documents"]
    assert [(one["source"], one["labels"]) for one in listed] == [("letters.zip!/alpha.md", ["x"])]
    reply = client.get(f"/api/kbs/letters/documents/{listed[0]['doc_id']}/file")
    assert reply.content == FILES["alpha.md"].encode() and "alpha.md" in reply.headers["content-disposition"]
