"""Knowledge bases: is the file sound, do the caches agree with it, does the embedding model?"""

from __future__ import annotations

import json
from collections.abc import Iterator

from filelock import FileLock, Timeout

from ingest.errors import KeyRAGError
from rag.checkup.finding import Finding
from rag.checkup.models import embedding_is_here
from rag.service import KeyRAG


def knowledge_bases(service: KeyRAG) -> Iterator[Finding]:
    """Check every knowledge base; caches that are out of step are brought in step, as a search would."""
    yield from _cluster(service)
    names = service.library.names()
    if not names:
        yield Finding("knowledge bases", "none", "note", "nothing was read yet", "run `keyrag ingest PATH`")
    for name in names:
        try:
            yield _check(service, name)
        except KeyRAGError as error:
            detail, _, mend = str(error).rpartition(": ")
            yield Finding("knowledge bases", name, "broken", detail or str(error), mend)


def _cluster(service: KeyRAG) -> Iterator[Finding]:
    settings = service.settings.index.elasticsearch
    if settings.url is None:
        return
    try:
        from ingest.index.cluster import Cluster

        cluster = Cluster(settings)
        yield Finding("knowledge bases", "Elasticsearch", "ok", f"{cluster.version()} at {cluster.place}")
    except KeyRAGError as error:
        detail, _, mend = str(error).rpartition(": ")
        yield Finding("knowledge bases", "Elasticsearch", "broken", detail, mend)


def _check(service: KeyRAG, name: str) -> Finding:
    store = service.library.store(name)
    try:
        faults = store.faults()
        counts = store.counts()
        built = json.loads(store.meta("embedding") or "{}").get("model")
    finally:
        store.close()
    if faults:
        mend = f"restore it from a copy, or run `keyrag kb delete {name}` and ingest its documents again"
        return Finding("knowledge bases", name, "broken", "; ".join(faults), mend)
    model = service.settings.embedding.model
    if built is not None and built != model:
        detail = f"it was built with {built}, the configuration names {model}"
        return Finding("knowledge bases", name, "broken", detail, f"run `keyrag kb rebuild {name}`, or change it back")
    detail = f"{counts['documents']} documents, {counts['keys']} keys, sound"
    if not embedding_is_here(service.settings):
        return Finding("knowledge bases", name, "note", f"{detail}; caches not checked without the embedding model")
    if faults := service.kb(name).faults():
        return Finding("knowledge bases", name, "broken", "; ".join(faults), f"run `keyrag kb rebuild {name} --caches`")
    if _being_written(service, name):
        return Finding("knowledge bases", name, "note", f"{detail}; another process is writing to it")
    return Finding("knowledge bases", name, "ok", f"{detail}, caches in step")


def _being_written(service: KeyRAG, name: str) -> bool:
    lock = FileLock(service.library.path(name) / ".writer.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False
