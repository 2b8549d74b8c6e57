from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.config import load_settings
from ingest.errors import KeyRAGError
from ingest.resources import resource


def test_later_sources_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("pack:\n  budget_tokens: 111\n  neighbours: 0\n", encoding="utf-8")
    assert load_settings(file).pack.budget_tokens == 111
    assert load_settings(file, {"pack": {"budget_tokens": 222}}).pack.budget_tokens == 222
    monkeypatch.setenv("KEYRAG__PACK__BUDGET_TOKENS", "333")
    settings = load_settings(file, {"pack": {"budget_tokens": 222}})
    assert (settings.pack.budget_tokens, settings.pack.neighbours) == (333, 0)


def test_the_data_folder_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYRAG_DATA", str(tmp_path))
    assert load_settings().data == tmp_path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pack:\n  budget_tokens: many\n", "pack.budget_tokens"),
        ("pack:\n  bugdet: 3\n", "pack.bugdet"),
        ("paks: {}\n", "paks"),
        ("- a\n", "not a mapping"),
        ("a: [\n", "can't be read"),
        ("chat:\n  backend: gpu\n", "chat.backend"),
    ],
)
def test_a_wrong_setting_is_named(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(KeyRAGError, match=re.escape(words)) as caught:
        load_settings(file)
    assert "\n" not in str(caught.value)


def test_every_default_has_a_comment_above_it() -> None:
    lines = resource("configs", "default.yaml").read_text(encoding="utf-8").splitlines()
    for above, line in pairwise(lines):
        key = re.match(r"\s*(\w+):\s*\S", line)
        if key and not re.match(r"\s+(?:dense|lexical)_\w+:", line):
            assert above.lstrip().startswith("#"), line


def test_the_other_files_hold_what_differs() -> None:
    assert load_settings(resource("configs", "elasticsearch.yaml")).index.elasticsearch.url
    assert load_settings().index.elasticsearch.url is None


def test_an_address_set_to_nothing_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYRAG__INDEX__ELASTICSEARCH__URL", "")
    assert load_settings().index.elasticsearch.url is None


def test_a_key_in_the_settings_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYRAG__CHAT__API_KEY", "sk-very-secret")
    settings = load_settings()
    assert "very-secret" not in repr(settings)
    assert settings.chat.api_key and settings.chat.api_key.get_secret_value() == "sk-very-secret"
