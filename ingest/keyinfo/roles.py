"""Keys of who did what to whom, one for each predicate."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ingest.keyinfo.context import without_addresses
from ingest.keyinfo.extractor import Extractor, each, headed
from ingest.types import Unit

# Who, did, whom, to whom; then when, where, how in the order of the text. PropBank's labels, long and short.
_ORDER = {"A0": 0, "PRED": 1, "A1": 2, "A2": 3}
_OTHERS = 4


def role_text(frame: Iterable[tuple[str, str]]) -> str:
    """Give a predicate and its arguments as a short text.

    :param frame: (label, words), the predicate's label being ``PRED``.

    >>> role_text([("ARG1", "住宿费"), ("PRED", "报销"), ("ARG0", "公司"), ("ARGM-TMP", "每月")])
    '公司 报销 住宿费 每月'
    """
    ordered = sorted(frame, key=lambda part: _ORDER.get(part[0].replace("ARG", "A"), _OTHERS))
    return " ".join(words for _, words in ordered)


def role_keys(find: Callable[[str], list[str]]) -> Extractor:
    """Make an extractor of a function that finds the frames of a text, each as :func:`role_text` gives it."""
    return each(lambda unit: _keys(unit, find))


def _keys(unit: Unit, find: Callable[[str], list[str]]) -> list[str]:
    return [headed(unit, frame) for frame in find(without_addresses(unit.text))]
