"""The documents of a knowledge base over HTTP: upload, list, show, page images, delete."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Any

from fastapi import APIRouter, File, HTTPException, Query, Response, UploadFile

from ingest.errors import NotFoundError
from ingest.index.store import DocumentRow
from ingest.load import supported_suffixes
from rag.api.native import Queue, Service
from rag.api.page_image import page_image
from rag.service import KeyRAG
from rag.wire import document_json, unit_json

router = APIRouter(prefix="/api/kbs/{kb}/documents")
_COPY = 1 << 20


def _name(upload: UploadFile) -> str:
    """Give the last part of an upload's name: it is a label, never a path."""
    name = PureWindowsPath(PurePosixPath(upload.filename or "").name).name.strip()
    if not name or name in (".", ".."):
        raise HTTPException(422, "an upload has no file name: send one with its suffix")
    if Path(name).suffix.lower() not in supported_suffixes():
        raise HTTPException(415, f"{name} can't be read: formats are {', '.join(supported_suffixes())}")
    return name[-200:]


def _receive(upload: UploadFile, target: Path, most: int) -> int:
    """Copy an upload to disk; give its size in bytes."""
    size = 0
    with target.open("wb") as file:
        while chunk := upload.file.read(_COPY):
            size += len(chunk)
            if size > most:
                raise HTTPException(413, f"{upload.filename} has over {most // 1_000_000} MB: server.max_upload_mb")
            file.write(chunk)
    return size


@router.post("", status_code=202)
def upload(
    kb: str,
    service: Service,
    jobs: Queue,
    response: Response,
    files: Annotated[list[UploadFile] | None, File()] = None,
    file: Annotated[list[UploadFile] | None, File()] = None,
) -> dict[str, Any]:
    """Take files, in fields named ``files`` or ``file``, and queue them.

    The knowledge base is made if there is none of that name.
    """
    service.library.path(kb)
    received = [*(files or []), *(file or [])]
    if not received:
        raise HTTPException(422, "there is no file in the upload: send multipart/form-data with fields named files")
    names = [_name(one) for one in received]
    if len(set(names)) < len(names):
        raise HTTPException(422, "two uploads have the same name: rename one")
    folder = jobs.staging()
    try:
        for number, (one, name) in enumerate(zip(received, names, strict=True)):
            target = folder / f"{number}{Path(name).suffix.lower()}"
            _receive(one, target, int(service.settings.server.max_upload_mb * 1_000_000))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    job = jobs.submit(kb, folder, names)
    response.headers["Location"] = f"/api/jobs/{job.job_id}"
    return {"job_id": job.job_id, "job": job.json()}


@router.get("")
def list_documents(
    kb: str,
    service: Service,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    rows = service.kb(kb).store.documents()
    return {"total": len(rows), "documents": [document_json(row) for row in rows[offset : offset + limit]]}


def _row(service: KeyRAG, kb: str, doc_id: str) -> DocumentRow:
    row = service.kb(kb).store.document(doc_id)
    if row is None:
        raise NotFoundError(f"there is no document {doc_id!r} in {kb!r}")
    return row


@router.get("/{doc_id}")
def show_document(kb: str, doc_id: str, service: Service) -> dict[str, Any]:
    """Show a document with its sentences."""
    row = _row(service, kb, doc_id)
    units = service.kb(kb).store.document_units(doc_id)
    return {**document_json(row), "units": [unit_json(unit) for unit in units if unit.level != "article"]}


@router.delete("/{doc_id}", status_code=204)
def delete_document(kb: str, doc_id: str, service: Service) -> None:
    knowledge = service.kb(kb)
    row = _row(service, kb, doc_id)
    with knowledge.writing():
        knowledge.delete(doc_id)
        knowledge.save()
    knowledge.drop_original(row.source)


@router.get("/{doc_id}/pages/{page}.png", response_class=Response)
def page_png(kb: str, doc_id: str, page: int, service: Service, highlight: int | None = None) -> Response:
    """Show a page of a PDF; ``highlight`` is the id of a unit to mark."""
    knowledge = service.kb(kb)
    row = _row(service, kb, doc_id)
    if row.media_type != "application/pdf":
        raise NotFoundError(f"{row.title} is no PDF: it has no page images")
    file = knowledge.original(row.source)
    if file is None:
        raise NotFoundError(f"the file of {row.title} is no longer there: ingest it again")
    mark = None
    if highlight is not None:
        unit = knowledge.store.units([highlight]).get(highlight)
        if unit is None or unit.doc_id != doc_id:
            raise NotFoundError(f"there is no unit {highlight} in {row.title}")
        mark = unit.text
    return Response(page_image(file, page, mark), media_type="image/png")
