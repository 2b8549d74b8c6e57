"""The embedding model is loaded once for all tests of the HTTP service."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import pytest

import rag.service
from ingest.models.embeddings import load_embeddings


@pytest.fixture(scope="session")
def _load_once() -> Iterator[None]:
    before = rag.service.load_embeddings
    rag.service.load_embeddings = lru_cache(load_embeddings)
    yield
    rag.service.load_embeddings = before


@pytest.fixture(autouse=True)
def one_embedding_model(_load_once: None) -> None:
    """Frozen settings are the key: a test with other embedding settings gets another model."""
