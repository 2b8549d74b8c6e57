"""The documents of a knowledge base over HTTP: upload, list, show, label, index anew, delete."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, HTTPException, Query, Response, UploadFile
from fastapi.responses import FileResponse, JSONResponse
from pydantic import Field
from starlette.background import BackgroundTask

from ingest.errors import BusyError, NotFoundError
from ingest.files import readable_files
from ingest.index.store import DocumentRow
from ingest.load import container_of, document_id, parts, supported_suffixes
from ingest.load.clean import clean
from rag.api.access import Admin, Caller, Editor, Queue, Reader, Service
from rag.api.job import Job
from rag.api.marks import Rect, has_boxes, marks
from rag.api.page_image import pdf_page_image, picture_page_image
from rag.api.strict import Strict
from rag.service import KeyRAG
from rag.wire import document_json, unit_json

router = APIRouter(prefix="/api/kbs/{kb}/documents", tags=["documents"])
_COPY = 1 << 20

Label = Annotated[str, Field(min_length=1, max_length=64)]
Labels = Annotated[list[Label], Field(max_length=20)]


class Labelled(Strict):
    labels: Labels


class Folder(Strict):
    path: str = Field(max_length=4096)
    labels: Labels | None = None


def _name(upload: UploadFile) -> str:
    """Give the last part of an upload's name: it is a label, never a path."""
    name = clean(PureWindowsPath(PurePosixPath(upload.filename or "").name).name)
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


def _labels_to_set(caller: Caller, labels: list[str] | None) -> list[str] | None:
    """Give the labels of new documents: a key that is bound to labels can't make what it can't read."""
    if caller.labels is None:
        return labels
    if labels is None:
        return sorted(caller.labels)
    if not labels or not set(labels) <= caller.labels:
        raise HTTPException(403, f"the key {caller.name!r} is for the labels {', '.join(sorted(caller.labels))} alone")
    return labels


def _check_replaced(service: KeyRAG, caller: Caller, kb: str, sources: list[str]) -> None:
    """Stop a caller from replacing documents that it may not read."""
    if caller.labels is None or kb not in service.library.names():
        return
    store = service.kb(kb).store
    inside = [row.source for row in store.documents() if container_of(row.source) in sources]
    for source in [*sources, *inside]:
        doc_id = document_id(source)
        if store.document(doc_id) and not caller.reads(store.labels([doc_id])[doc_id]):
            raise HTTPException(403, f"{source} would replace a document that is not for the key {caller.name!r}")


def _accepted(job: Job, response: Response) -> dict[str, Any]:
    response.status_code = 202
    response.headers["Location"] = f"/api/jobs/{job.job_id}"
    return {"job_id": job.job_id, "job": job.json()}


@router.post("", status_code=202)
def upload(
    kb: str,
    service: Service,
    jobs: Queue,
    caller: Editor,
    response: Response,
    files: Annotated[list[UploadFile] | None, File()] = None,
    file: Annotated[list[UploadFile] | None, File()] = None,
    labels: Annotated[Labels | None, Form()] = None,
) -> dict[str, Any]:
    """Take files, in fields named ``files`` or ``file``, and queue them.

    The knowledge base is made if there is none of that name. ``labels`` are given to the documents; without,
    a document that is replaced keeps its own.
    """
    service.library.path(kb)
    received = [*(files or []), *(file or [])]
    if not received:
        raise HTTPException(422, "there is no file in the upload: send multipart/form-data with fields named files")
    limits = service.settings.server
    if len(received) > limits.max_upload_files:
        raise HTTPException(413, f"{len(received)} files are over {limits.max_upload_files}: server.max_upload_files")
    names = [_name(one) for one in received]
    if len(set(names)) < len(names):
        raise HTTPException(422, "two uploads have the same name: rename one")
    chosen = _labels_to_set(caller, labels)
    _check_replaced(service, caller, kb, names)
    folder = jobs.staging()
    staged = [folder / f"{number}{Path(name).suffix.lower()}" for number, name in enumerate(names)]
    try:
        for one, target in zip(received, staged, strict=True):
            _receive(one, target, int(limits.max_upload_mb * 1_000_000))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    paired = list(zip(names, map(str, staged), strict=True))
    return _accepted(jobs.submit("upload", kb, paired, chosen, folder.name), response)


@router.post("/folder", status_code=202)
def import_folder(
    kb: str, body: Folder, service: Service, jobs: Queue, caller: Admin, response: Response
) -> dict[str, Any]:
    """Queue the files of a folder of the server, which must be one of ``server.import_folders`` or below one."""
    service.library.path(kb)
    allowed = [folder.expanduser().resolve() for folder in service.settings.server.import_folders]
    try:
        folder = Path(body.path).resolve()
        inside = any(folder.is_relative_to(root) for root in allowed)
        found = [path.resolve() for path in readable_files(folder)] if inside and folder.is_dir() else []
    except (OSError, ValueError) as error:
        raise HTTPException(400, f"{body.path!r} can't be read: name another folder") from error
    if not inside:
        raise HTTPException(403, f"{body.path!r} is not below a folder of server.import_folders")
    # A link may lead out of the folder.
    files = [str(path) for path in found if any(path.is_relative_to(root) for root in allowed)]
    if not files:
        raise NotFoundError(f"{body.path!r} holds nothing that can be read: check the path")
    chosen = _labels_to_set(caller, body.labels)
    sources = [clean(file) for file in files]
    _check_replaced(service, caller, kb, sources)
    return _accepted(jobs.submit("folder", kb, list(zip(sources, files, strict=True)), chosen), response)


@router.get("")
def list_documents(
    kb: str,
    service: Service,
    caller: Reader,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    q: Annotated[str, Query(max_length=200, description="What title or source must hold.")] = "",
    sort: Literal["title", "-title", "added_at", "-added_at", "chars", "-chars"] = "added_at",
) -> dict[str, Any]:
    store = service.kb(kb).store
    total, rows = store.find_documents(q, sort.lstrip("-"), sort.startswith("-"), caller.labels, offset, limit)
    labels = store.labels(row.doc_id for row in rows)
    return {"total": total, "documents": [document_json(row, labels[row.doc_id]) for row in rows]}


def readable(service: KeyRAG, caller: Caller, kb: str, doc_id: str) -> tuple[DocumentRow, frozenset[str]]:
    """Give a document with its labels.

    :raises NotFoundError: if there is none, or the caller may not read it.
    """
    store = service.kb(kb).store
    row = store.document(doc_id)
    labels = store.labels([doc_id])[doc_id]
    if row is None or not caller.reads(labels):
        raise NotFoundError(f"there is no document {doc_id!r} in {kb!r}")
    return row, labels


def _original(service: KeyRAG, kb: str, row: DocumentRow) -> Path:
    file = service.kb(kb).original(row.source, row.sha256)
    if file is None:
        raise NotFoundError(f"the file of {row.title} is no longer there, or has changed: ingest it again")
    return file


@router.get("/{doc_id}")
def show_document(kb: str, doc_id: str, service: Service, caller: Reader) -> dict[str, Any]:
    """Show a document with its segments and sentences, in reading order, and the keys of each."""
    row, labels = readable(service, caller, kb, doc_id)
    store = service.kb(kb).store
    keys: dict[int, list[tuple[str, str]]] = {}
    for unit_id, kind, text in store.document_keys(doc_id):
        keys.setdefault(unit_id, []).append((kind, text))
    units = [unit for unit in store.document_units(doc_id) if unit.level != "article"]
    shown = [unit_json(unit, keys.get(unit.unit_id, ())) for unit in units]
    return {**document_json(row, labels), "units": shown}


@router.patch("/{doc_id}")
def label_document(kb: str, doc_id: str, body: Labelled, service: Service, caller: Editor) -> dict[str, Any]:
    """Give a document other labels; searches mind them from now on."""
    row, _ = readable(service, caller, kb, doc_id)
    chosen = frozenset(_labels_to_set(caller, body.labels) or ())
    service.kb(kb).store.set_labels(doc_id, chosen)
    return document_json(row, chosen)


@router.get("/{doc_id}/file", response_class=FileResponse)
def original_file(kb: str, doc_id: str, service: Service, caller: Reader) -> FileResponse:
    """Give the file as it was uploaded, or as it lies in its archive, to be saved and not shown."""
    row, _ = readable(service, caller, kb, doc_id)
    name = PureWindowsPath(PurePosixPath(row.source).name).name
    headers = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, no-cache"}
    opened = ExitStack()
    file = opened.enter_context(_opened_original(service, kb, row))
    sent = BackgroundTask(opened.close)
    return FileResponse(file, media_type=row.media_type, filename=name, headers=headers, background=sent)


@router.post("/{doc_id}/reindex", status_code=202)
def reindex_document(
    kb: str, doc_id: str, service: Service, jobs: Queue, caller: Editor, response: Response
) -> dict[str, Any]:
    """Queue a document to be read and indexed anew with the settings in force."""
    row, _ = readable(service, caller, kb, doc_id)
    return _accepted(jobs.submit("reindex", kb, [(row.source, doc_id)]), response)


@router.delete("/{doc_id}", status_code=204, response_model=None, responses={202: {"description": "queued"}})
def delete_document(kb: str, doc_id: str, service: Service, jobs: Queue, caller: Editor) -> Response:
    """Delete a document; where the knowledge base is being written that is queued (202)."""
    row, _ = readable(service, caller, kb, doc_id)
    try:
        service.delete_document(kb, doc_id)
    except BusyError:
        response = Response()
        accepted = _accepted(jobs.submit("delete", kb, [(row.source, doc_id)]), response)
        return JSONResponse(accepted, 202, {"Location": response.headers["location"]})
    return Response(status_code=204)


@router.get("/{doc_id}/pages/{page}.png", response_class=Response)
def page_png(
    kb: str, doc_id: str, page: int, service: Service, caller: Reader, highlight: int | None = None
) -> Response:
    """Show a page of a PDF or an image; ``highlight`` is the id of a unit to mark on it."""
    row, _ = readable(service, caller, kb, doc_id)
    is_pdf = row.media_type == "application/pdf"
    if not is_pdf and not row.media_type.startswith("image/"):
        raise NotFoundError(f"{row.title} is neither a PDF nor an image: it has no page images")
    places, wanted = _to_mark(service, kb, row, highlight, page) if highlight is not None else ([], None)
    with _opened_original(service, kb, row) as file:
        png = pdf_page_image(file, page, places, wanted) if is_pdf else picture_page_image(file, page, places)
    return Response(png, media_type="image/png", headers={"Cache-Control": "private"})


def _to_mark(service: KeyRAG, kb: str, row: DocumentRow, unit_id: int, page: int) -> tuple[list[Rect], str | None]:
    """Give the places of a unit on a page; the text to look for where none were stored."""
    store = service.kb(kb).store
    unit = store.units([unit_id]).get(unit_id)
    if unit is None or unit.doc_id != row.doc_id:
        raise NotFoundError(f"there is no unit {unit_id} in {row.title}")
    document = store.read(row.doc_id)
    if has_boxes(document):
        return marks(document, unit.start, unit.end, page), None
    return [], unit.text


@contextmanager
def _opened_original(service: KeyRAG, kb: str, row: DocumentRow) -> Iterator[Path]:
    """Give the file of a document; one inside an archive is unpacked for as long as it is needed."""
    archive = container_of(row.source)
    if archive is None:
        yield _original(service, kb, row)
        return
    packed = service.kb(kb).original(archive, "") or Path(archive)  # what counts is the digest of the member
    if packed.is_absolute() and packed.is_file():
        for source, part in parts(packed, source=archive, settings=service.settings.load, only=row.source):
            if source == row.source and isinstance(part, Path) and _digest(part) == row.sha256:
                yield part
                return
    raise NotFoundError(f"{row.title} is no longer in its archive, or has changed: ingest it again")


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
