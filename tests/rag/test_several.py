"""Several knowledge bases searched as one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import KeyRAGError, NotFoundError
from ingest.index.knowledge_base import KnowledgeBase
from ingest.index.lexical import rarity
from ingest.index.scope import Scope
from ingest.index.union import Union, own_id
from ingest.pipeline import SourceFile
from ingest.types import Hit
from rag.api.keys import ApiKeys
from rag.api.server import create_app
from rag.history import Turn
from rag.pack import pack
from rag.retrieve import Retriever
from rag.service import KeyRAG
from tests.chat_server import ChatServer
from tests.rag.test_retrieve import DOCUMENTS, HANDBOOK, SENTENCES
from tests.small import SETTINGS, HashedEmbeddings, document, ingested, opened

QUESTIONS = ["年假有几天？", "病假要什么？", "出差住宿每晚多少元？", "Who gave Normandy its name?", "梵語的研究"]
NOISE = document(
    "通知",
    *(f"第{n}号通知：请各部门在{n}日前提交年度报告，逾期不候。" for n in range(1, 40)),
)


def _kb(folder: Path, name: str, *documents: object) -> KnowledgeBase:
    kb = opened(folder / name)
    ingested(kb, documents)  # type: ignore[arg-type]
    return kb


def _found(kb: KnowledgeBase | Union, question: str, scope: Scope | None = None) -> list[Hit]:
    return Retriever(kb, HashedEmbeddings(), SETTINGS.retrieve, scope or Scope()).retrieve(question, 8)


@pytest.fixture
def whole(tmp_path: Path) -> KnowledgeBase:
    return _kb(tmp_path, "whole", *DOCUMENTS, NOISE)


@pytest.fixture
def parts(tmp_path: Path) -> Union:
    return Union([_kb(tmp_path, f"part{n}", doc) for n, doc in enumerate((*DOCUMENTS, NOISE))])


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_makes_no_difference_in_which_of_several_a_document_stands(
    whole: KnowledgeBase, parts: Union, question: str
) -> None:
    one, several = _found(whole, question), _found(parts, question)
    assert several[0].text == one[0].text
    assert {hit.text for hit in several[:3]} == {hit.text for hit in one[:3]}
    # The lengths of units are averaged in each, which BM25 minds a little.
    assert [hit.score for hit in several[:3]] == pytest.approx([hit.score for hit in one[:3]], abs=0.05)
    assert [hit.why.dense for hit in several[:3]] == pytest.approx([hit.why.dense for hit in one[:3]], abs=0.02)


@pytest.mark.parametrize("question", QUESTIONS)
def test_another_knowledge_base_hides_no_better_hit(tmp_path: Path, question: str) -> None:
    kb = _kb(tmp_path, "handbooks", *DOCUMENTS)
    noise = _kb(tmp_path, "noise", NOISE)
    alone = _found(kb, question)[0].text
    for members in ([kb, noise], [noise, kb]):
        assert _found(Union(members), question)[0].text == alone


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_quoted_sentence_comes_first_from_whichever_it_stands_in(parts: Union, sentence: str) -> None:
    assert _found(parts, sentence)[0].text == sentence


def test_ids_lead_back_to_the_units_of_their_own_knowledge_base(tmp_path: Path) -> None:
    first, second = _kb(tmp_path, "first", NOISE), _kb(tmp_path, "second", HANDBOOK)
    union = Union([first, second])
    hit = _found(union, "年假要提前一周申请。")[0]
    assert hit.kb == "second" and second.store.units([own_id(hit.unit_id)])[own_id(hit.unit_id)].text == hit.text
    row = union.store.units([hit.unit_id])[hit.unit_id]
    assert (row.text, row.kb) == (hit.text, "second")
    inside = union.store.inside([row.parent or 0])
    assert hit.text in {unit.text for unit in inside} and all(unit.parent == row.parent for unit in inside)
    assert (
        union.store.unit_keys([hit.unit_id])[hit.unit_id]
        == second.store.unit_keys([row.unit_id & (1 << 48) - 1])[own_id(hit.unit_id)]
    )
    assert hit.unit_id < 2**53, "a number of JSON"


def test_the_same_document_in_two_is_read_once_and_cited_from_both(tmp_path: Path) -> None:
    rules = document("差旅", "到直辖市出差的员工住宿标准是每人每晚五百元整。", "机票须提前七天预订。")
    union = Union([_kb(tmp_path, "old", rules), _kb(tmp_path, "new", rules)])
    hits = _found(union, "出差住宿标准是每晚多少元？")
    packed = pack(union.store, hits[:2], 80)
    assert packed.text.count("每晚五百元") == 1
    (span,) = packed.passages[0].spans
    assert {packed.passages[0].kb, *(unit.kb for unit in span.copies)} == {"old", "new"}


def test_a_scope_holds_in_every_one(tmp_path: Path) -> None:
    first = _kb(tmp_path, "first", HANDBOOK, NOISE)
    second = _kb(tmp_path, "second", replace(HANDBOOK, doc_id="other"))
    union = Union([first, second])
    assert {(hit.kb, hit.doc_id) for hit in _found(union, "年假", Scope(documents=frozenset({"other"})))} == {
        ("second", "other")
    }
    assert {hit.document for hit in _found(union, "年假", Scope(heading="通知"))} == {"通知"}
    first.store.set_labels(HANDBOOK.doc_id, ["staff"])
    assert {hit.kb for hit in _found(union, "年假", Scope(readable=frozenset({"staff"})))} == {"first"}


def test_one_that_is_empty_does_no_harm(tmp_path: Path) -> None:
    union = Union([opened(tmp_path / "empty"), _kb(tmp_path, "full", HANDBOOK)])
    assert _found(union, "年假有几天？")[0].text == "员工每年有十天年假。"
    assert _found(Union([opened(tmp_path / "a"), opened(tmp_path / "b")]), "年假") == []
    assert np.isfinite([hit.score for hit in _found(union, "x")]).all()


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_no_word_weighs_against_a_sentence_though_deleted_units_are_counted(holding: int, size: int) -> None:
    assert rarity(holding, size) > 0


def test_there_is_a_limit(tmp_path: Path) -> None:
    kb = opened(tmp_path / "kb")
    with pytest.raises(KeyRAGError, match="at most 32"):
        Union([kb] * 33)


def test_answers_over_http_come_from_all_that_are_named(
    chatting: KeyRAG, chat_server: ChatServer, handbook: Path, tmp_path: Path
) -> None:
    menu = tmp_path / "menu.md"
    menu.write_text("# 食堂\n\n食堂周五下午两点半关门。\n", encoding="utf-8")
    chatting.ingest("hr", [SourceFile(handbook)])
    chatting.ingest("canteen", [SourceFile(menu)])
    with pytest.raises(NotFoundError, match="nothing"):
        chatting.search("hr+nothing", "年假", 3)
    with TestClient(create_app(chatting)) as client:
        found = client.post("/api/kbs/hr+canteen/search", json={"query": "食堂周五几点关门？", "k": 3}).json()
        assert found["hits"][0]["kb"] == "canteen"
        page = client.get(f"/api/kbs/canteen/documents/{found['hits'][0]['doc_id']}").json()
        assert found["hits"][0]["unit_id"] in {unit["unit_id"] for unit in page["units"]}
        chat_server.reply = "食堂周五下午两点半关门。"
        asked = {"model": "hr+canteen", "messages": [{"role": "user", "content": "食堂周五几点关门？"}]}
        answer = client.post("/v1/chat/completions", json=asked).json()
        assert [citation["kb"] for citation in answer["citations"]] == ["canteen"]
        chat_server.reply = "工作满十年的员工每年有十五天年假。"
        body = {"question": "工作满十年的员工有几天年假？", "session": "s"}
        assert '"kb": "hr"' in client.post("/api/kbs/hr+canteen/chat", json=body).text
        assert [one["session"] for one in client.get("/api/kbs/hr+canteen/sessions").json()] == ["s"]
        key = ApiKeys(chatting.settings.data / "keys.json").create("one", kbs=["hr"])
        headers = {"Authorization": f"Bearer {key}"}
        assert client.post("/api/kbs/hr+canteen/search", json={"query": "x"}, headers=headers).status_code == 403
        assert client.post("/api/kbs/hr/search", json={"query": "x"}, headers=headers).status_code == 200
        asked["model"] = "hr+canteen"
        assert client.post("/v1/chat/completions", json=asked, headers=headers).status_code == 403


def test_what_was_said_about_several_goes_with_any_of_them(chatting: KeyRAG) -> None:
    for name in ("hr", "it", "it2"):
        chatting.kb(name, create=True)
    for kb in ("hr", "hr+it", "it+hr", "it2+hr", "it2"):
        chatting.sessions.add(kb, "s", Turn("年假几天？", "十天。"), [], "")
        chatting.feedback.add(kb, "年假几天？", "十天。", "up")
    chatting.delete_kb("it")
    kept = [kb for kb in ("hr", "hr+it", "it+hr", "it2+hr", "it2") if chatting.sessions.of(kb, "")]
    assert kept == ["hr", "it2+hr", "it2"]
    assert kept == [kb for kb in ("hr", "hr+it", "it+hr", "it2+hr", "it2") if chatting.feedback.page(kb)[0]]
