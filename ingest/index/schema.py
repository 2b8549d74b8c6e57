"""The tables of a knowledge base's store and the rows that come out of them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.serialise import blocks_from, blocks_json
from ingest.types import Block, Level

FORMAT = 1
SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
  version INTEGER PRIMARY KEY AUTOINCREMENT, doc_id TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
  source TEXT NOT NULL, media_type TEXT NOT NULL, sha256 TEXT NOT NULL, settings TEXT NOT NULL,
  pages INTEGER, chars INTEGER NOT NULL, warnings TEXT NOT NULL, added_at TEXT NOT NULL, blocks BLOB NOT NULL);
CREATE TABLE units (
  unit_id INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
  parent INTEGER, ordinal INTEGER NOT NULL, level TEXT NOT NULL, kind TEXT NOT NULL,
  start INTEGER NOT NULL, "end" INTEGER NOT NULL, page INTEGER, heading_path TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX units_version ON units (version, ordinal);
CREATE INDEX units_parent ON units (parent);
CREATE TABLE keys (
  key_id INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
  unit_id INTEGER NOT NULL REFERENCES units ON DELETE CASCADE,
  level TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, vector BLOB NOT NULL);
CREATE INDEX keys_version ON keys (version, level);
CREATE INDEX keys_unit ON keys (unit_id);
"""
# Added later: a store of an older KeyRAG gets them when it is opened. Labels belong to a document, not to one
# version of it; sketches are compared from then on.
LATER = """
CREATE TABLE IF NOT EXISTS labels (
  doc_id TEXT NOT NULL, label TEXT NOT NULL, PRIMARY KEY (doc_id, label)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sketches (
  hash INTEGER NOT NULL, version INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
  PRIMARY KEY (hash, version)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sketches_version ON sketches (version)
"""

# The columns of each table that hold ids, and the table whose ids they are.
TABLES = {
    "documents": {"version": "documents"},
    "units": {"unit_id": "units", "version": "documents", "parent": "units"},
    "keys": {"key_id": "keys", "version": "documents", "unit_id": "units"},
    "sketches": {"version": "documents"},
}


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A stored document; ``added_at`` is ISO 8601 in UTC, ``chars`` its length in characters."""

    version: int
    doc_id: str
    title: str
    source: str
    media_type: str
    sha256: str
    settings: str
    pages: int | None
    chars: int
    warnings: tuple[str, ...]
    added_at: str


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A stored unit with the document and the knowledge base it belongs to; see :class:`ingest.types.Unit`."""

    unit_id: int
    doc_id: str
    document: str
    parent: int | None
    ordinal: int
    level: Level
    kind: str
    start: int
    end: int
    page: int | None
    heading_path: tuple[str, ...]
    text: str
    kb: str


DOCUMENT_COLUMNS = "version, doc_id, title, source, media_type, sha256, settings, pages, chars, warnings, added_at"
UNIT_COLUMNS = (
    'u.unit_id, d.doc_id, d.title, u.parent, u.ordinal, u.level, u.kind, u.start, u."end", u.page, '
    "u.heading_path, u.text"
)


def unit_row(row: Sequence[Any], kb: str) -> UnitRow:
    *fields, heading_path, text = row
    return UnitRow(*[*fields, tuple(json.loads(heading_path)), text, kb])


def document_row(row: Sequence[Any]) -> DocumentRow:
    *fields, warnings, added_at = row[:11]
    return DocumentRow(*[*fields, tuple(json.loads(warnings)), added_at])


def packed_blocks(blocks: Sequence[Block]) -> bytes:
    """Give blocks as compressed JSON; a document is read back from them when it is indexed anew."""
    return zlib.compress(json.dumps(blocks_json(blocks), ensure_ascii=False).encode())


def unpacked_blocks(packed: bytes) -> tuple[Block, ...]:
    return blocks_from(json.loads(zlib.decompress(packed)))
