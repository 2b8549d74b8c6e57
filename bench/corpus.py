"""Texts and knowledge bases to measure with, made from a question set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from langchain_core.embeddings import Embeddings

from ingest.index.knowledge_base import KnowledgeBase, open_knowledge_base
from ingest.keyinfo import PLAIN, keys
from ingest.keyinfo.extractor import Extractor
from ingest.models.embeddings import identity
from ingest.settings import Settings
from ingest.split import Splitter
from ingest.types import Document


def key_texts(
    document: Document, splitter: Splitter, settings: Settings, extractors: Mapping[str, Extractor] = PLAIN
) -> list[str]:
    """Give the texts of a document's keys, as an ingest would embed them."""
    return [key.text for key in keys(splitter.split(document), settings.keyinfo, extractors)]


def first_documents(
    documents: Iterable[Document], count: int, splitter: Splitter, settings: Settings
) -> list[Document]:
    """Give the first documents that have ``count`` keys together; all of them if they have fewer."""
    chosen: list[Document] = []
    found = 0
    for document in documents:
        if found >= count:
            break
        chosen.append(document)
        found += len(key_texts(document, splitter, settings))
    return chosen


def knowledge_base(folder: Path, embeddings: Embeddings, settings: Settings) -> KnowledgeBase:
    return open_knowledge_base(folder, identity(embeddings, settings.embedding), settings.index, create=True)


def row(label: str, values: Sequence[object]) -> str:
    """Give a line of a table: a label and right-aligned columns."""
    return f"{label:<34}" + "".join(f"{value:>14}" for value in values)
