from __future__ import annotations

import pytest

from ingest.errors import KeyRAGError
from ingest.index.scope import Scope
from rag.cli.scope import scope_of


def test_options_that_are_not_given_leave_everything_to_search() -> None:
    assert scope_of(None, None, None, None, None) == Scope() == scope_of([], [], None, None, "")


def test_what_is_repeated_is_one_choice() -> None:
    scope = scope_of(["a", "b"], ["hr"], "2026-11", "2026-11-25T08:00", "休假")
    assert scope == Scope(None, frozenset({"hr"}), frozenset({"a", "b"}), "2026-11", "2026-11-25T08:00", "休假")


@pytest.mark.parametrize("time", ["yesterday", "25.11.2026", "2026-11-25 08:00", "2026-1-1", ""])
def test_a_time_that_cant_be_read_is_named(time: str) -> None:
    with pytest.raises(KeyRAGError, match=r"--since .* is no date: write it as"):
        scope_of(None, None, time, None, None)
