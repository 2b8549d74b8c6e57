"""The examples in docstrings are true."""

from __future__ import annotations

import doctest
from types import ModuleType

import pytest

from rag import audit, parse, script
from rag.checks import dates, evidence, fold, injection, names, negation, numbers, particulars, refusal, repetition

MODULES = (
    audit,
    parse,
    script,
    dates,
    evidence,
    fold,
    injection,
    names,
    negation,
    numbers,
    particulars,
    refusal,
    repetition,
)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_in_docstrings_hold(module: ModuleType) -> None:
    failed, tried = doctest.testmod(module)
    assert tried and not failed
