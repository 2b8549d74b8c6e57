from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.config import load_settings
from ingest.load import load
from ingest.settings import LoadSettings
from ingest.types import Document

SETTINGS = load_settings().load.model_copy(update={"max_file_mb": 50})
Read = Callable[..., Document]
Keep = Read


def _reader(folder: Path, settings: LoadSettings) -> Read:
    def _read(name: str, content: bytes | str, **changes: object) -> Document:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return load(path, settings=settings.model_copy(update=changes))

    return _read


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write bytes or text under a name and load them, with changes to the settings if there are any."""
    return _reader(tmp_path, SETTINGS)


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    """The same, hidden text taken in."""
    return _reader(tmp_path, SETTINGS.model_copy(update={"hidden_text": "keep"}))
