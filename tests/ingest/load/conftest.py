from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.config import load_settings
from ingest.load import load
from ingest.types import Document

SETTINGS = load_settings().load.model_copy(update={"max_file_mb": 50})
Read = Callable[..., Document]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write bytes or text under a name and load them."""

    def _read(name: str, content: bytes | str) -> Document:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return load(path, settings=SETTINGS)

    return _read
