"""API keys: shown once, kept as SHA-256 digests."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from ingest.errors import KeyRAGError, NotFoundError


@dataclass(frozen=True, slots=True)
class KeyRow:
    name: str
    sha256: str
    created_at: str


class ApiKeys:
    """The keys in one JSON file, read at every use so that a revoked key is refused at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self) -> list[KeyRow]:
        """List the keys.

        :raises KeyRAGError: if the file is damaged.
        """
        try:
            return [KeyRow(**row) for row in json.loads(self._path.read_text(encoding="utf-8"))]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError) as error:
            raise KeyRAGError(f"{self._path} is damaged: restore it, or remove it and create the keys anew") from error

    def create(self, name: str) -> str:
        """Make a key and give it; only its digest is kept.

        :raises KeyRAGError: if there is a key of that name.
        """
        key = f"kr-{secrets.token_urlsafe(32)}"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self._path}.lock"):
            rows = self.rows()
            if any(row.name == name for row in rows):
                raise KeyRAGError(f"there is a key {name!r} already: choose another name, or revoke it first")
            self._write([*rows, KeyRow(name, _digest(key), datetime.now(UTC).isoformat(timespec="seconds"))])
        return key

    def revoke(self, name: str) -> None:
        """Remove a key.

        :raises NotFoundError: if there is none of that name.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self._path}.lock"):
            rows = self.rows()
            left = [row for row in rows if row.name != name]
            if len(left) == len(rows):
                raise NotFoundError(f"there is no key {name!r}: see `keyrag keys list`")
            self._write(left)

    def name_of(self, key: str) -> str | None:
        """Give the name of a key, None if it is unknown."""
        digest = _digest(key)
        return next((row.name for row in self.rows() if hmac.compare_digest(row.sha256, digest)), None)

    def _write(self, rows: list[KeyRow]) -> None:
        content = [{"name": row.name, "sha256": row.sha256, "created_at": row.created_at} for row in rows]
        temporary = self._path.with_suffix(".new")
        temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
        os.chmod(temporary, 0o600)
        temporary.replace(self._path)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
