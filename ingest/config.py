"""Read the settings.

Order, later wins: configs/default.yaml, the file named by ``--config``, the environment
(``KEYRAG__SECTION__KEY``), arguments. ``KEYRAG_DATA`` sets ``data``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_settings import SettingsError

from ingest.errors import KeyRAGError
from ingest.resources import resource
from ingest.settings import Settings


def _merged(base: dict[str, Any], top: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in top.items():
        old = merged.get(name)
        merged[name] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise KeyRAGError(f"there is no configuration file {path}: name an existing YAML file") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise KeyRAGError(f"configuration {path} can't be read: {reason}") from error
    if not isinstance(content, dict | None):
        raise KeyRAGError(f"configuration {path} is not a mapping: write 'section:' lines as in configs/default.yaml")
    return content or {}


def load_settings(file: Path | None = None, overrides: dict[str, Any] | None = None) -> Settings:
    """Read the settings: defaults, then ``file``, then ``overrides``, then the environment.

    :param file: a YAML that holds only what differs from configs/default.yaml.
    :param overrides: a tree of the same shape, from command-line arguments.
    :raises KeyRAGError: naming the key and what is wrong with its value.

    >>> load_settings(overrides={"pack": {"budget_tokens": 500}}).pack.budget_tokens
    500
    """
    tree = _read_yaml(resource("configs", "default.yaml"))
    if file is not None:
        tree = _merged(tree, _read_yaml(file))
    if data := os.environ.get("KEYRAG_DATA"):
        tree["data"] = data
    tree = _merged(tree, overrides or {})
    try:
        settings = Settings(**tree)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise KeyRAGError(f"setting {key}: {first['msg']} (see configs/default.yaml)") from error
    except SettingsError as error:
        raise KeyRAGError(f"a KEYRAG__ environment variable can't be read: {error}") from error
    return settings.model_copy(update={"data": settings.data.expanduser().resolve()})
