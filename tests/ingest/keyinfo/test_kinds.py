from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.config import load_settings
from ingest.errors import KeyRAGError
from ingest.keyinfo import extractors, keys
from ingest.keyinfo.kinds import key_shape
from ingest.pipeline import Pipeline, fingerprint
from ingest.split import Splitter
from ingest.types import Block, Document
from tests.small import SETTINGS, HashedEmbeddings, document, opened

SPLITTER = Splitter(SETTINGS.split, HashedEmbeddings())

BACK = document("梅蘭芳", "梅蘭芳生於北京。他是京劇演員。他在1930年訪問美國。")


def keyinfo(**changes: Any) -> Any:
    return load_settings(overrides={"keyinfo": changes})


def test_each_level_gets_the_kinds_that_are_named_for_it() -> None:
    settings = keyinfo(sentence=["context", "antecedent"], segment=[], article=["context"])
    units = Splitter(settings.split, HashedEmbeddings()).split(BACK)
    found = keys(units, settings.keyinfo)
    level = {unit.ordinal: unit.level for unit in units}
    assert [(level[key.unit], key.kind) for key in found] == [
        ("article", "context"),
        ("sentence", "context"),
        ("sentence", "context"),
        ("sentence", "antecedent"),
        ("sentence", "context"),
        ("sentence", "antecedent"),
    ]


def test_a_key_stands_for_one_unit_and_holds_its_text() -> None:
    settings = keyinfo(sentence=["context", "antecedent", "clauses"], segment=["context", "clauses"])
    units = Splitter(settings.split, HashedEmbeddings()).split(BACK)
    for key in keys(units, settings.keyinfo):
        assert units[key.unit].ordinal == key.unit
        if key.kind != "clauses":
            assert key.text.endswith(units[key.unit].text)


def test_a_text_is_a_key_of_a_unit_only_once() -> None:
    settings = keyinfo(sentence=["context", "context"])
    units = Splitter(settings.split, HashedEmbeddings()).split(BACK)
    found = [(key.unit, key.text) for key in keys(units, settings.keyinfo)]
    assert len(found) == len(set(found))


def test_a_sub_heading_stands_in_the_key_with_its_ancestors() -> None:
    blocks = (Block("十天。", heading_path=("第三章 假期", "年假")),)
    units = SPLITTER.split(Document("d", "员工手册", "s", "text/plain", "0", blocks))
    assert keys(units, SETTINGS.keyinfo)[-1].text == "员工手册 第三章 假期 年假 十天。"


def test_an_unknown_kind_is_named_with_the_known_ones() -> None:
    settings = keyinfo(segment=["summry"])
    with pytest.raises(KeyRAGError, match=r"'summry' is unknown: choose from context, .*summary"):
        extractors(settings, HashedEmbeddings())


def test_nothing_is_loaded_for_kinds_that_nobody_wants() -> None:
    assert set(extractors(SETTINGS, HashedEmbeddings())) == {"context", "antecedent", "clauses"}


def test_what_shapes_written_keys_shapes_the_fingerprint(tmp_path: Path) -> None:
    def print_of(**chat: Any) -> str:
        return fingerprint(keyinfo(segment=["context", "summary"], chat=chat))

    assert print_of() == print_of()
    assert print_of() != print_of(model="another")
    assert print_of() == print_of(api_key="secret")
    (tmp_path / "summary.zh.txt").write_text("{text}", encoding="utf-8")
    own = load_settings(overrides={"keyinfo": {"segment": ["context", "summary"]}, "prompt": {"folder": str(tmp_path)}})
    assert fingerprint(own) != print_of()


def test_a_key_never_holds_the_key_of_a_server() -> None:
    assert "secret" not in str(key_shape(keyinfo(segment=["summary"], chat={"api_key": "secret"})))


def test_an_ingest_embeds_the_keys_of_every_kind(tmp_path: Path) -> None:
    settings = keyinfo(sentence=["context", "antecedent"])
    kb = opened(tmp_path / "kb")
    report = Pipeline(kb, HashedEmbeddings(), settings).ingest_documents([BACK], 1)
    kinds = [kind for _, kind, _ in kb.store.document_keys(BACK.doc_id)]
    assert kinds.count("antecedent") == 2
    assert report.files[0].keys == len(kinds)
