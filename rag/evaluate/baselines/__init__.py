"""Other systems to compare with, each built from its library's own parts on the same embedding model.

Their libraries are extras of the package: ``baselines`` has LangChain's, ``peers`` the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from langchain_core.embeddings import Embeddings

from ingest.errors import KeyRAGError
from ingest.types import Document
from rag.evaluate.systems import RankedPieces

# Module and function that build each, and the extra that it needs.
_BUILDERS = {
    "langchain": ("langchain", "langchain", "baselines"),
    "langchain-hybrid": ("langchain", "langchain_hybrid", "baselines"),
    "langchain-tuned": ("langchain", "langchain_tuned", "baselines"),
    "llama-index-window": ("llama_index", "sentence_window", "peers"),
    "llama-index-merging": ("llama_index", "auto_merging", "peers"),
    "haystack": ("haystack", "haystack", "peers"),
    "txtai": ("txtai", "txtai", "peers"),
}
BASELINES = tuple(_BUILDERS)


def baseline(name: str, documents: Sequence[Document], embeddings: Embeddings) -> list[RankedPieces]:
    """Build a system's index; several where the best of several settings counts.

    :raises KeyRAGError: if there is none of that name, or its library isn't installed.
    """
    if name not in _BUILDERS:
        raise KeyRAGError(f"there is no baseline {name!r}: choose from {', '.join(BASELINES)}")
    module, function, extra = _BUILDERS[name]
    try:
        build = getattr(import_module(f"{__name__}.{module}"), function)
    except ImportError as error:
        raise KeyRAGError(f"--baseline {name} needs {error.name}: `pip install 'keyrag[{extra}]'`") from error
    systems: list[RankedPieces] = build(documents, embeddings)
    return systems
