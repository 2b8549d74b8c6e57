"""Files that come with KeyRAG: configs/ and prompts/."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(*parts: str) -> Path:
    """Give the path of a file that ships with KeyRAG, e.g. ``resource("configs", "default.yaml")``.

    In a checkout these folders stand beside the package, in an installed wheel inside it.
    """
    beside = _PACKAGE.parent.joinpath(*parts)
    return beside if beside.exists() else _PACKAGE.joinpath(*parts)
