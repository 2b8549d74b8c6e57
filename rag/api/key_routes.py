"""API keys over HTTP, for admins whose own key has no limits."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path
from pydantic import Field

from rag.api.access import Admin, Caller, Keys
from rag.api.keys import Role
from rag.api.strict import Strict

router = APIRouter(prefix="/api/keys", tags=["keys"])
Name = Annotated[str, Field(min_length=1, max_length=64)]


class NewKey(Strict):
    name: Name = Field(description="What it is for.")
    role: Role = Field("reader", description="A reader asks, an editor adds and removes documents, an admin does all.")
    kbs: list[Name] = Field([], description="Knowledge bases that it may use; empty is all.")
    labels: list[Name] = Field([], description="Labels of documents that it may read; empty is all.")


def unlimited(caller: Admin) -> Caller:
    """Let an admin through who could not reach further with another key."""
    if caller.kbs is not None or caller.labels is not None:
        raise HTTPException(403, f"the key {caller.name!r} is limited: keys are managed with one that is not")
    return caller


Unlimited = Annotated[Caller, Depends(unlimited)]


@router.get("")
def list_keys(keys: Keys, caller: Unlimited) -> list[dict[str, Any]]:
    """List the keys; they themselves were shown when they were made."""
    return [row.json() for row in keys.rows()]


@router.post("", status_code=201)
def create_key(body: NewKey, keys: Keys, caller: Unlimited) -> dict[str, Any]:
    """Make a key and show it this once. The first one locks the service: from then on every request needs one."""
    if not keys.rows() and (body.role, body.kbs, body.labels) != ("admin", [], []):
        raise HTTPException(400, "the first key must be an admin's without limits, or nobody could make another here")
    key = keys.create(body.name, body.role, body.kbs, body.labels)
    return {"key": key, **body.model_dump()}


@router.delete("/{name}", status_code=204)
def revoke_key(name: Annotated[str, Path(max_length=64)], keys: Keys, caller: Unlimited) -> None:
    """Revoke a key, which is refused from now on."""
    if name == caller.name:
        raise HTTPException(400, f"this request is sent with {name!r}: revoke it with another key")
    keys.revoke(name)
