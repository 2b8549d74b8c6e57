"""Who asks and what they may do: the caller of a request, and the parts of the service that routes use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPBearer

from ingest.index.library import kb_names
from rag.api.answers import Answers
from rag.api.jobs import Jobs
from rag.api.keys import ROLES, ApiKeys, Role
from rag.service import KeyRAG


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request.

    ``id`` owns sessions and jobs; it is empty where there are no keys. ``kbs`` and ``labels`` are what the
    caller may use and read, None for everything.
    """

    id: str
    name: str
    role: Role
    kbs: frozenset[str] | None = None
    labels: frozenset[str] | None = None

    def may(self, role: Role) -> bool:
        """Tell whether the caller's role includes ``role``."""
        return ROLES.index(self.role) >= ROLES.index(role)

    def uses(self, kb: str) -> bool:
        """Tell whether the caller may use a knowledge base, or every one of several."""
        return self.kbs is None or self.kbs.issuperset(kb_names(kb))

    def reads(self, labels: frozenset[str]) -> bool:
        """Tell whether the caller may read a document with these labels."""
        return self.labels is None or bool(self.labels & labels)


# Tells OpenAPI about the header; what it holds is looked up before routing.
_bearer = HTTPBearer(auto_error=False)
# Where there are no keys and none is needed, whoever reaches the service owns it.
OWNER = Caller("", "", "admin")


def caller_of(keys: ApiKeys, authorization: str, *, keyless: bool) -> Caller | None:
    """Give the caller that an Authorization header stands for, None if a key is needed and it holds none.

    :param keyless: whether the service may be used without a key as long as there is none at all.
    """
    if keyless and not keys.rows():
        return OWNER
    scheme, _, key = authorization.partition(" ")
    row = keys.find(key.strip()) if scheme.lower() == "bearer" else None
    if row is None:
        return None
    return Caller(row.id, row.name, row.role, frozenset(row.kbs) or None, frozenset(row.labels) or None)


def needs(role: Role) -> Callable[..., Caller]:
    """Give a dependency that lets callers of ``role`` and above through, to the knowledge bases that are theirs."""

    def checked(request: Request, _: Annotated[object, Depends(_bearer)]) -> Caller:
        caller: Caller | None = request.scope.get("keyrag.caller")
        if caller is None:
            raise HTTPException(
                401, "an API key is needed: send 'Authorization: Bearer KEY'", {"WWW-Authenticate": "Bearer"}
            )
        if not caller.may(role):
            raise HTTPException(403, f"this needs the role {role}, the key {caller.name!r} is for a {caller.role}")
        if "kb" in request.path_params:
            allow(caller, request.path_params["kb"])
        return caller

    return checked


def allow(caller: Caller, kb: str) -> None:
    """Stop a caller whose key is not for ``kb``, whether it exists or not."""
    if not caller.uses(kb):
        raise HTTPException(403, f"the key {caller.name!r} is not for knowledge base {kb!r}")


def the_service(request: Request) -> KeyRAG:
    service: KeyRAG = request.app.state.service
    return service


def the_jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    return jobs


def the_answers(request: Request) -> Answers:
    answers: Answers = request.app.state.answers
    return answers


def the_keys(request: Request) -> ApiKeys:
    keys: ApiKeys = request.app.state.keys
    return keys


Service = Annotated[KeyRAG, Depends(the_service)]
Queue = Annotated[Jobs, Depends(the_jobs)]
TheAnswers = Annotated[Answers, Depends(the_answers)]
Keys = Annotated[ApiKeys, Depends(the_keys)]
Reader = Annotated[Caller, Depends(needs("reader"))]
Editor = Annotated[Caller, Depends(needs("editor"))]
Admin = Annotated[Caller, Depends(needs("admin"))]
