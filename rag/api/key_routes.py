"""API keys over HTTP, for admins whose own key has no limits."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request
from pydantic import Field

from rag.api.access import Admin, Caller
from rag.api.keys import ApiKeys, KeyRow, Role
from rag.api.strict import Strict

router = APIRouter(prefix="/api/keys", tags=["keys"])
Name = Annotated[str, Field(min_length=1, max_length=64)]


class NewKey(Strict):
    name: Name = Field(description="What it is for.")
    role: Role = Field("reader", description="A reader asks, an editor adds and removes documents, an admin does all.")
    kbs: list[Name] = Field([], description="Knowledge bases that it may use; empty is all.")
    labels: list[Name] = Field([], description="Labels of documents that it may read; empty is all.")


def _keys(request: Request, caller: Caller) -> ApiKeys:
    """Give the keys to a caller who could not gain by making one."""
    if caller.kbs is not None or caller.labels is not None:
        raise HTTPException(403, f"the key {caller.name!r} is limited: keys are managed with one that is not")
    keys: ApiKeys = request.app.state.keys
    return keys


def _json(row: KeyRow) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name != "sha256"}


@router.get("")
def list_keys(request: Request, caller: Admin) -> list[dict[str, Any]]:
    """List the keys; they themselves were shown when they were made."""
    return [_json(row) for row in _keys(request, caller).rows()]


@router.post("", status_code=201)
def create_key(body: NewKey, request: Request, caller: Admin) -> dict[str, Any]:
    """Make a key and show it this once. The first one locks the service: from then on every request needs one."""
    keys = _keys(request, caller)
    if not keys.rows() and (body.role, body.kbs, body.labels) != ("admin", [], []):
        raise HTTPException(400, "the first key must be an admin's without limits, or nobody could make another here")
    key = keys.create(body.name, body.role, body.kbs, body.labels)
    return {"key": key, **_json(next(row for row in keys.rows() if row.name == body.name))}


@router.delete("/{name}", status_code=204)
def revoke_key(name: Annotated[str, Path(max_length=64)], request: Request, caller: Admin) -> None:
    """Revoke a key, which is refused from now on."""
    keys = _keys(request, caller)
    if name == caller.name:
        raise HTTPException(400, f"this request is sent with {name!r}: revoke it with another key")
    keys.revoke(name)
