"""Question sets: corpus.jsonl {doc_id, title, text} and queries.jsonl {qid, question, kind, facts, doc_ids}."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ingest.errors import KeyRAGError
from ingest.types import Block, Document

Kind = Literal["fine", "cross", "unanswerable"]
KINDS: tuple[Kind, ...] = ("fine", "cross", "unanswerable")


@dataclass(frozen=True, slots=True)
class Query:
    """A question with the facts that its answer needs; each fact lists acceptable wordings."""

    qid: str
    question: str
    kind: Kind
    facts: tuple[tuple[str, ...], ...]
    doc_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Dataset:
    """Documents and the questions asked of them."""

    name: str
    documents: tuple[Document, ...]
    queries: tuple[Query, ...]


def _lines(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.strip()]
    except FileNotFoundError as error:
        raise KeyRAGError(f"there is no {path}: a question set needs corpus.jsonl and queries.jsonl") from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise KeyRAGError(f"{path} is not JSON lines: {error}") from error


def _document(row: dict[str, Any]) -> Document:
    paragraphs = [line.strip() for line in row["text"].split("\n") if line.strip()]
    return Document(
        doc_id=row["doc_id"],
        title=row["title"],
        source=row["doc_id"],
        media_type="text/plain",
        sha256=hashlib.sha256(row["text"].encode()).hexdigest(),
        blocks=tuple(Block(paragraph) for paragraph in paragraphs),
    )


def read_dataset(folder: Path, limit: int | None = None) -> Dataset:
    """Read a question set; ``limit`` keeps that many questions of each kind, spread evenly.

    :raises KeyRAGError: if a file is missing or a line lacks a field.
    """
    try:
        documents = tuple(_document(row) for row in _lines(folder / "corpus.jsonl"))
        queries = [
            Query(
                row["qid"],
                row["question"],
                row["kind"],
                tuple(tuple(fact) for fact in row["facts"]),
                frozenset(row["doc_ids"]),
            )
            for row in _lines(folder / "queries.jsonl")
        ]
    except KeyError as error:
        raise KeyRAGError(f"question set {folder}: a line lacks the field {error}") from error
    if limit is not None:
        queries = [query for kind in KINDS for query in _spread([q for q in queries if q.kind == kind], limit)]
    return Dataset(folder.name, documents, tuple(queries))


def _spread(queries: list[Query], limit: int) -> list[Query]:
    if len(queries) <= limit:
        return queries
    return [queries[i * len(queries) // limit] for i in range(limit)]
