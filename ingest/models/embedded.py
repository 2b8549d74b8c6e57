"""A GGUF model served in this process by llama.cpp (xllamacpp), on a free loopback port."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ingest.errors import KeyRAGError

# Questions answered at once; they share one cache of `context_tokens` each.
_SLOTS = 2


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running server; ``address`` is its OpenAI-compatible endpoint without the ``/v1``."""

    address: str
    server: object


@lru_cache(maxsize=2)
def start(model: Path, context_tokens: int, threads: int) -> EmbeddedServer:
    """Load the model and serve it; the same arguments give the same server.

    :raises KeyRAGError: if llama.cpp can't load the file.
    """
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx = context_tokens * _SLOTS
    params.n_parallel = _SLOTS
    params.port = 0
    params.verbosity = -1
    params.cpuparams.n_threads = threads or os.cpu_count() or 1
    params.cpuparams_batch.n_threads = threads or os.cpu_count() or 1
    try:
        server = xllamacpp.Server(params)
    except (RuntimeError, ValueError) as error:
        raise KeyRAGError(
            f"chat model {model} can't be loaded ({error}): name a GGUF file, or one of `keyrag models list`"
        ) from error
    return EmbeddedServer(server.listening_address.rstrip("/"), server)
