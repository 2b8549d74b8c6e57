"""The examples in the docstrings are true."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module

import pytest

import ingest
import rag

# Modules that are programs: importing them runs them or adds commands.
_PROGRAMS = ("rag.cli",)


def _modules() -> list[str]:
    names = [
        module.name
        for package in (ingest, rag)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    return [name for name in names if not name.startswith(_PROGRAMS)]


@pytest.mark.parametrize("name", _modules())
def test_the_examples_of_a_module_give_what_they_say(name: str) -> None:
    result = doctest.testmod(import_module(name))
    assert result.failed == 0
