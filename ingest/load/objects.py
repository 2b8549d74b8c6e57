"""JSON: lines of records, or one value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ingest.errors import LoadError
from ingest.load.clean import clean, has_cjk
from ingest.load.encoding import decoded
from ingest.load.registry import Loaded
from ingest.load.table import row_blocks
from ingest.settings import LoadSettings
from ingest.types import Block

_DEEPEST = 50
_LONGEST_NAME = 60


def jsonl(path: Path, settings: LoadSettings) -> Loaded:
    """Read one record a line: ``text`` under the heading ``title``, other objects as rows of a table.

    :raises LoadError: naming the first line that is not JSON.
    """
    found = decoded(path)
    blocks: list[Block] = []
    for number, line in enumerate(found.text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise LoadError(
                f"{path.name}: line {number} is not JSON: write one object a line, such as "
                '{"title": "...", "text": "..."}'
            ) from error
        blocks += _blocks(record)
    return Loaded(blocks, warnings=found.warnings)


def json_file(path: Path, settings: LoadSettings) -> Loaded:
    """Read a list of records, each as a line of :func:`jsonl`, or an object, whose lists stand under their names.

    :raises LoadError: with the place where it is no JSON.
    """
    found = decoded(path)
    try:
        value = json.loads(found.text)
    except RecursionError as error:
        raise LoadError(f"{path.name}: is nested too deep: save the inner values as a file of their own") from error
    except json.JSONDecodeError as error:
        raise LoadError(
            f"{path.name}: is not JSON ({error.msg}, line {error.lineno}): mend it, or name it .jsonl if it has one "
            "object a line"
        ) from error
    except ValueError as error:  # a number of too many digits
        raise LoadError(f"{path.name}: is not JSON ({error}): mend it") from error
    return Loaded(list(_blocks(value)), warnings=found.warnings)


def _blocks(value: object, path: tuple[str, ...] = ()) -> Iterator[Block]:
    if len(path) > _DEEPEST:
        yield Block(_scalar(value), "paragraph", path)
    elif isinstance(value, list):
        for one in value:
            yield from _blocks(one, path)
    elif not isinstance(value, dict):
        yield Block(_scalar(value), "paragraph", path)
    elif isinstance(value.get("text"), str):
        yield from _article(value, path)
    else:
        yield from _record(value, path)


def _article(record: dict[str, object], path: tuple[str, ...]) -> Iterator[Block]:
    title = record.get("title")
    title = clean(title) if isinstance(title, str) else ""
    if title:
        yield Block(title, "heading", path)
        path = (*path, title)
    for line in str(record["text"]).splitlines():
        if line.strip():
            yield Block(line, "paragraph", path)


def _record(record: dict[str, object], path: tuple[str, ...]) -> Iterator[Block]:
    """Give the plain fields as a row, then lists of objects under their names."""
    plain, nested = _fields(record)
    yield from row_blocks([list(plain), list(plain.values())], path)
    # What the record is called tells its lists from those of its neighbours.
    called = next((value for value in plain.values() if value), "")
    above = (*path, called) if path and nested and called and len(called) <= _LONGEST_NAME else path
    for name, values in nested.items():
        yield Block(name, "heading", above)
        yield from _blocks(values, (*above, name))


def _fields(record: dict[str, object], depth: int = 0) -> tuple[dict[str, str], dict[str, object]]:
    """Part the fields that fit in a row, those of objects inside objects as "outer.inner", from lists of objects."""
    plain: dict[str, str] = {}
    nested: dict[str, object] = {}
    for key, value in record.items():
        name = str(key)
        if isinstance(value, dict) and depth < _DEEPEST:
            inner, lists = _fields(value, depth + 1)
            plain |= {f"{name}.{below}": text for below, text in inner.items()}
            nested |= {f"{name}.{below}": one for below, one in lists.items()}
        elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
            nested[name] = value
        elif isinstance(value, list):
            texts = [_scalar(one) for one in value]
            plain[name] = ("、" if any(has_cjk(text) for text in texts) else ", ").join(texts)
        else:
            plain[name] = _scalar(value)
    return plain, nested


def _scalar(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
