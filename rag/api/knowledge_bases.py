"""Knowledge bases and searches over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import Field

from rag.api.access import Admin, Caller, Editor, Queue, Reader, Service, allow
from rag.api.filter import Filter, scope_of
from rag.api.strict import Strict
from rag.service import KeyRAG
from rag.wire import found_json

router = APIRouter(prefix="/api/kbs", tags=["knowledge bases"])


class NewKb(Strict):
    name: str = Field(max_length=64)


class SearchRequest(Strict):
    query: str
    k: int = Field(10, ge=1, le=1000)
    budget: int | None = Field(None, ge=1, le=1_000_000, description="Characters of packed text; null takes all hits.")
    filter: Filter | None = Field(None, description="What is searched; null searches all.")
    explain: bool = Field(False, description="Give what each stage of the search found, as `stages`.")


@router.get("")
def list_kbs(service: Service, caller: Reader) -> list[dict[str, Any]]:
    listed = []
    for name in filter(caller.uses, service.library.names()):
        store = service.library.store(name)
        listed.append({"name": name, **store.counts()})
        store.close()
    return listed


@router.post("", status_code=201)
def create_kb(body: NewKb, service: Service, caller: Editor) -> dict[str, Any]:
    allow(caller, body.name)
    if body.name in service.library.names():
        raise HTTPException(409, f"there is a knowledge base {body.name!r} already")
    return service.kb(body.name, create=True).stats()


@router.get("/{kb}")
def kb_stats(kb: str, service: Service, caller: Reader) -> dict[str, Any]:
    return service.kb(kb).stats()


@router.delete("/{kb}", status_code=204)
def delete_kb(kb: str, service: Service, jobs: Queue, caller: Admin) -> None:
    """Delete a knowledge base with its documents, sessions, feedback and jobs."""
    jobs.forget_kb(service.library.path(kb).name)
    service.delete_kb(kb)


@router.post("/{kb}/search")
def search(kb: str, body: SearchRequest, service: Service, caller: Reader) -> dict[str, Any]:
    return _found(service, caller, kb, body)


@router.get("/{kb}/search")
def search_by_url(
    kb: str,
    query: str,
    service: Service,
    caller: Reader,
    k: Annotated[int, Query(ge=1, le=1000)] = 10,
    budget: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
    explain: bool = False,
) -> dict[str, Any]:
    return _found(service, caller, kb, SearchRequest(query=query, k=k, budget=budget, filter=None, explain=explain))


def _found(service: KeyRAG, caller: Caller, kb: str, asked: SearchRequest) -> dict[str, Any]:
    found = service.search(
        kb, asked.query, asked.k, asked.budget, scope=scope_of(caller, asked.filter), explain=asked.explain
    )
    service.usage.add(kb, searches=1)
    return found_json(found)
