"""API keys: shown once, kept as SHA-256 digests, each with a role and what it may read."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock

from ingest.errors import KeyRAGError, NotFoundError

Role = Literal["reader", "editor", "admin"]
ROLES: tuple[Role, ...] = ("reader", "editor", "admin")


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as it is kept.

    ``kbs`` are the knowledge bases that it may use, ``labels`` those of the documents that it may read;
    empty is all of them.
    """

    name: str
    sha256: str
    created_at: str
    role: Role = "admin"
    kbs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """What tells this key from a later one of the same name."""
        return self.sha256[:16]

    def json(self) -> dict[str, Any]:
        """Give what may be shown of it."""
        return {name: value for name, value in asdict(self).items() if name != "sha256"}


class ApiKeys:
    """The keys in one JSON file; a change is seen at the next use, so that a revoked key is refused at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[tuple[int, int, int], list[KeyRow]] | None = None

    def rows(self) -> list[KeyRow]:
        """List the keys.

        :raises KeyRAGError: if the file is damaged.
        """
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            if self._read is None or self._read[0] != stamp:
                rows = [
                    KeyRow(**{**row, "kbs": tuple(row.get("kbs", ())), "labels": tuple(row.get("labels", ()))})
                    for row in json.loads(self._path.read_text(encoding="utf-8"))
                ]
                self._read = (stamp, rows)
            return self._read[1]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError, AttributeError) as error:
            raise KeyRAGError(f"{self._path} is damaged: restore it, or remove it and create the keys anew") from error

    def create(self, name: str, role: Role = "admin", kbs: Sequence[str] = (), labels: Sequence[str] = ()) -> str:
        """Make a key and give it; only its digest is kept.

        :raises KeyRAGError: if there is a key of that name.
        """
        key = f"kr-{secrets.token_urlsafe(32)}"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self._path}.lock"):
            rows = self.rows()
            if any(row.name == name for row in rows):
                raise KeyRAGError(f"there is a key {name!r} already: choose another name, or revoke it first")
            now = datetime.now(UTC).isoformat(timespec="seconds")
            self._write([*rows, KeyRow(name, _digest(key), now, role, tuple(kbs), tuple(labels))])
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

    def find(self, key: str) -> KeyRow | None:
        """Give the row of a key, None if it is unknown."""
        digest = _digest(key)
        return next((row for row in self.rows() if hmac.compare_digest(row.sha256, digest)), None)

    def _write(self, rows: list[KeyRow]) -> None:
        temporary = self._path.with_suffix(".new")
        content = json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(content)
        temporary.replace(self._path)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
