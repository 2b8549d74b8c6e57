"""Models: are they here, whole, and do they run?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx

from ingest.errors import KeyRAGError
from ingest.models import catalogue
from ingest.settings import ChatSettings, Settings
from rag.checkup.finding import Finding
from rag.service import KeyRAG

_SECONDS = 5.0


def models(service: KeyRAG) -> Iterator[Finding]:
    """Look at the embedding model and the chat model; nothing is downloaded."""
    settings = service.settings
    yield _embedding(service)
    if settings.chat.backend == "embedded":
        yield _embedded(settings)
    elif settings.chat.backend == "openai":
        yield _server(settings.chat)
    elif settings.chat.backend == "none":
        detail = "none: answers are the best sentences, word for word"
        yield Finding("models", "chat model", "note", detail, "set chat.backend for written answers")
    else:
        yield Finding("models", "chat model", "ok", f"{settings.chat.backend}: {settings.chat.model} (not tried)")


def embedding_is_here(settings: Settings) -> bool:
    """Tell whether the embedding model can be loaded without a download."""
    name = settings.embedding.model
    return catalogue.find(name) is not None and catalogue.cached(name, settings.models_folder) is not None


def _embedding(service: KeyRAG) -> Finding:
    settings = service.settings
    name = settings.embedding.model
    if catalogue.find(name) is None:
        return Finding("models", "embedding model", "ok", f"{name} (not of the catalogue, not tried)")
    if fault := _file_fault("embedding model", name, settings):
        return fault
    try:
        dimension = len(service.embeddings.embed_query("key"))
    except (KeyRAGError, OSError, RuntimeError, ValueError) as error:
        mend = f"remove {settings.models_folder / name} and run `keyrag models pull`"
        return Finding("models", "embedding model", "broken", f"{name} does not run: {_line(error)}", mend)
    return Finding("models", "embedding model", "ok", f"{name}, whole, {dimension} dimensions")


def _embedded(settings: Settings) -> Finding:
    name = settings.chat.model
    if catalogue.find(name) is not None:
        fault = _file_fault("chat model", name, settings)
        return fault or Finding("models", "chat model", "ok", f"{name}, whole")
    if Path(name).expanduser().is_file():
        return Finding("models", "chat model", "ok", f"{name} (not of the catalogue, not checked)")
    mend = "name one of `keyrag models list` or a GGUF file as chat.model"
    return Finding("models", "chat model", "broken", f"there is no file {name}", mend)


def _file_fault(what: str, name: str, settings: Settings) -> Finding | None:
    if catalogue.cached(name, settings.models_folder) is None:
        return Finding("models", what, "broken", f"{name} is not here", f"run `keyrag models pull {name}`")
    if not catalogue.intact(name, settings.models_folder):
        mend = f"remove {settings.models_folder / name} and run `keyrag models pull {name}`"
        return Finding("models", what, "broken", f"{name} is damaged: its sha256 is wrong", mend)
    return None


def _server(chat: ChatSettings) -> Finding:
    """Ask an OpenAI-compatible server for its models."""
    headers = {"Authorization": f"Bearer {chat.api_key.get_secret_value()}"} if chat.api_key else {}
    where = f"{chat.model} at {chat.base_url}"
    if not chat.base_url:
        return Finding("models", "chat model", "broken", "chat.base_url is not set", "set it, up to and including /v1")
    try:
        reply = httpx.get(f"{chat.base_url.rstrip('/')}/models", headers=headers, timeout=_SECONDS)
        reply.raise_for_status()
        served = [str(row["id"]) for row in reply.json()["data"]]
    except httpx.HTTPStatusError as error:
        detail = f"{where} answers {error.response.status_code}"
        return Finding("models", "chat model", "broken", detail, "check chat.base_url and chat.api_key")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        detail = f"{where} can't be reached: {_line(error)}"
        return Finding("models", "chat model", "broken", detail, "start the server or change chat.base_url")
    except (ValueError, KeyError, TypeError):
        return Finding("models", "chat model", "note", f"{where} answers, but does not list its models")
    if chat.model not in served:
        mend = f"set chat.model to one of {', '.join(served[:5])}"
        return Finding("models", "chat model", "note", f"{chat.base_url} does not list {chat.model}", mend)
    return Finding("models", "chat model", "ok", f"{where}, reachable")


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
