"""The HTTP service: can it listen, is it guarded, are its prompts in place?"""

from __future__ import annotations

import socket
from collections.abc import Iterator

from ingest.errors import KeyRAGError
from ingest.settings import Settings
from rag.api.guard import is_loopback
from rag.api.keys import ApiKeys
from rag.checkup.finding import Finding
from rag.prompt import template


def serving(settings: Settings) -> Iterator[Finding]:
    """Look at address, port, API keys and prompt templates."""
    yield _port(settings.server.host, settings.server.port)
    yield _keys(settings)
    yield _prompts(settings)


def _port(host: str, port: int) -> Finding:
    where = f"{host}:{port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        mend = "`keyrag serve` may be running already; if it is not, choose another server.port"
        return Finding("service", "port", "note", f"{where} can't be bound ({error.strerror})", mend)
    return Finding("service", "port", "ok", f"{where} is free")


def _keys(settings: Settings) -> Finding:
    file = settings.data / "keys.json"
    try:
        count = len(ApiKeys(file).rows())
    except KeyRAGError as error:
        return Finding("service", "API keys", "broken", *str(error).rsplit(": ", 1))
    if not count and not is_loopback(settings.server.host):
        detail = f"there is none, and {settings.server.host} is open to the network"
        mend = "run `keyrag keys create NAME`, or set server.host back"
        return Finding(
            "service", "API keys", "note" if settings.server.allow_unauthenticated else "broken", detail, mend
        )
    if count and file.stat().st_mode & 0o077:
        return Finding("service", "API keys", "note", f"others may read {file}", f"run `chmod 600 {file}`")
    return Finding("service", "API keys", "ok", str(count) if count else "none, and none is needed on loopback")


def _prompts(settings: Settings) -> Finding:
    prompts = settings.prompt
    wanted = {
        prompts.answer: {"context", "question"},
        prompts.judge: set(),
        prompts.insist: {"context", "question"},
        prompts.mend: {"context", "question", "faults"},
        prompts.condense: {"history", "question"},
        prompts.summarise: {"history"},
        prompts.json_answer: {"question", "schema"},
        prompts.choice_answer: {"question", "choices"},
        prompts.example: {"question", "answer"},
        **({prompts.translate: {"question"}} if prompts.translate else {}),
    }
    try:
        for language in ("zh", "en"):
            for name, variables in wanted.items():
                template(prompts, name, language, frozenset(variables))
    except KeyRAGError as error:
        return Finding("service", "prompts", "broken", *str(error).rsplit(": ", 1))
    return Finding("service", "prompts", "ok", str(prompts.folder or "those that come with KeyRAG"))
