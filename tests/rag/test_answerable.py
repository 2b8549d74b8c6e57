"""Asking the model first whether the text answers the question."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.models import catalogue, embedded
from ingest.pipeline import SourceFile
from rag.answer import Answer, Token
from rag.answerable import FITTED_ON, answerable
from rag.checks.refusal import REFUSALS
from rag.service import KeyRAG
from rag.wire import answer_json
from tests.chat_server import ChatServer
from tests.conftest import MakeSettings
from tests.rag.test_translate import POLICY

DOUBTED = "工作满十年的员工年假津贴怎么发放？"
SURE = "工作满十年的员工有几天年假？"
ASKED_FIRST = {"judge_evidence": 0.95, "min_evidence": 0.0}


def _embedded(
    name: str, make_settings: MakeSettings, chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> KeyRAG:
    """Give a service for which the stand-in plays an embedded model."""
    started = SimpleNamespace(address=chat_server.base_url.removesuffix("/v1"))
    monkeypatch.setattr(embedded, "start", lambda *_: started)
    files = SimpleNamespace(find=catalogue.find, pull=lambda *_: Path("model.gguf"))
    monkeypatch.setattr("ingest.models.chat.catalogue", files)
    chat = {"backend": "embedded", "model": name, "timeout_seconds": 10}
    return KeyRAG(make_settings(chat=chat, answer=ASKED_FIRST))


@pytest.fixture
def judged(
    make_settings: MakeSettings,
    e5: Path,
    chat_server: ChatServer,
    handbook: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> KeyRAG:
    """A service with the stand-in in place of the default model, asked first wherever there is any doubt."""
    service = _embedded(FITTED_ON, make_settings, chat_server, monkeypatch)
    service.ingest("hr", [SourceFile(handbook)])
    chat_server.reply = lambda prompt: "能" if "只回答“能”" in prompt else "工作满十年的员工有十五天年假。"
    return service


def _asked(service: KeyRAG, question: str) -> tuple[str, Answer]:
    *events, last = service.answer("hr", question)
    assert isinstance(last, Answer)
    return "".join(event.text for event in events if isinstance(event, Token)), last


def test_what_the_model_thinks_unanswerable_is_refused_at_once(judged: KeyRAG, chat_server: ChatServer) -> None:
    chat_server.chances = {"能": 0.4, "不能": 0.3, "不": 0.3}
    shown, answer = _asked(judged, DOUBTED)
    assert (shown, answer.text, answer.refused) == ("", REFUSALS["zh"], True)
    (request,) = chat_server.requests
    assert (request["max_completion_tokens"], request["logprobs"]) == (1, True)
    assert answer.answerable is not None and answer.answerable < 0.5
    assert answer_json(answer)["checks"]["answerable"] == answer.answerable


def test_what_it_thinks_answerable_is_answered_by_a_prompt_that_begins_alike(
    judged: KeyRAG, chat_server: ChatServer
) -> None:
    chat_server.chances = {"能": 0.99, "不能": 0.01}
    shown, answer = _asked(judged, DOUBTED)
    assert shown == answer.text == "工作满十年的员工有十五天年假。"
    assert answer.answerable is not None and answer.answerable >= 0.5 and not answer.retried
    first, second = (request["messages"] for request in chat_server.requests)
    assert first[-1]["content"].startswith(second[-1]["content"]) and first[:-1] == second[:-1]


def test_a_refusal_after_a_yes_is_asked_about_once_more(judged: KeyRAG, chat_server: ChatServer) -> None:
    chat_server.chances = {"能": 0.99, "不能": 0.01}
    right = "工作满十年的员工每年有十五天年假。"

    def reply(prompt: str) -> str:
        if "只回答“能”" in prompt:
            return "能"
        return right if "答案就在已知信息里" in prompt else REFUSALS["zh"]

    chat_server.reply = reply
    shown, answer = _asked(judged, DOUBTED)
    assert shown == answer.text == right and answer.retried == ("insist",)
    assert answer.evidence < judged.settings.answer.insist_evidence <= (answer.answerable or 0)


def test_a_name_that_no_text_holds_turns_a_weak_yes_into_a_refusal(judged: KeyRAG, chat_server: ChatServer) -> None:
    chat_server.chances = {"能": 0.85, "不能": 0.15}
    held, unheld = (_asked(judged, f"{who}的年假津贴怎么发放？")[1] for who in ("员工", "赵守拙"))
    assert (held.refused, unheld.refused) == (False, True)
    assert (unheld.answerable or 0) < (held.answerable or 0)


def test_names_that_a_translation_spells_in_its_own_way_raise_no_doubt(
    judged: KeyRAG, chat_server: ChatServer, tmp_path: Path
) -> None:
    (tmp_path / "policy.md").write_text(POLICY, encoding="utf-8")
    judged.ingest("travel", [SourceFile(tmp_path / "policy.md")])
    translation = "What is the hotel limit a night in Shanghai for Zhao Shouzhuo?"
    replies = {"译成英文": translation, "只回答“能”": "能"}
    chat_server.reply = lambda prompt: next((reply for mark, reply in replies.items() if mark in prompt), "每晚650元。")
    chat_server.chances = {"能": 0.85, "不能": 0.15}
    *_, answer = judged.answer("travel", "赵守拙在上海的酒店限额是多少？")
    assert isinstance(answer, Answer) and answer.rewritten == translation and answer.answerable is not None
    assert not answer.refused


def test_without_a_model_what_has_little_evidence_is_not_quoted(
    make_settings: MakeSettings, e5: Path, handbook: Path
) -> None:
    refused = []
    for least in (0.0, 1.0):
        answer = {"min_evidence": 0.0, "quote_evidence": least}
        service = KeyRAG(make_settings(chat={"backend": "none"}, answer=answer))
        service.ingest("hr", [SourceFile(handbook)])
        refused.append(_asked(service, DOUBTED)[1].refused)
        service.close()
    assert refused == [False, True]


def test_where_the_evidence_is_strong_nothing_is_asked_first(judged: KeyRAG, chat_server: ChatServer) -> None:
    _, answer = _asked(judged, SURE)
    assert (len(chat_server.requests), answer.answerable) == (1, None)


def test_a_server_that_tells_no_probabilities_has_no_say(judged: KeyRAG, chat_server: ChatServer) -> None:
    shown, answer = _asked(judged, DOUBTED)
    assert shown == answer.text and answer.answerable is None


def test_a_server_whose_model_is_not_known_is_not_asked_first(
    make_settings: MakeSettings, e5: Path, chat_server: ChatServer, handbook: Path
) -> None:
    chat = {"backend": "openai", "model": "stub", "base_url": chat_server.base_url, "timeout_seconds": 10}
    service = KeyRAG(make_settings(chat=chat, answer=ASKED_FIRST))
    service.ingest("hr", [SourceFile(handbook)])
    _asked(service, DOUBTED)
    assert [request["max_completion_tokens"] > 1 for request in chat_server.requests] == [True]


def test_nor_is_an_embedded_model_whose_word_would_be_misread(
    make_settings: MakeSettings,
    e5: Path,
    chat_server: ChatServer,
    handbook: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = _embedded("qwen2.5-coder-0.5b-instruct", make_settings, chat_server, monkeypatch)
    service.ingest("hr", [SourceFile(handbook)])
    chat_server.chances = {"十": 1.0}
    _, answer = _asked(service, DOUBTED)
    assert (len(chat_server.requests), answer.answerable) == (1, None)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.001, 0.999), st.sampled_from(["zh", "en"]))
def test_more_evidence_and_a_surer_yes_make_an_answer_likelier(a: float, b: float, yes: float, language: str) -> None:
    words = ("能", "不能") if language == "zh" else ("Yes", "No")
    first = {words[0]: math.log(yes), words[1]: math.log(1 - yes)}
    low, high = (answerable(evidence, first, language, unheld=False) for evidence in sorted((a, b)))  # type: ignore[arg-type]
    assert low is not None and high is not None and 0 <= low <= high <= 1
    halved = {words[0]: math.log((1 + yes) / 2), words[1]: math.log((1 - yes) / 2)}
    surer = answerable(a, halved, language, unheld=False)  # type: ignore[arg-type]
    same = answerable(a, first, language, unheld=False)  # type: ignore[arg-type]
    lacking = answerable(a, first, language, unheld=True)  # type: ignore[arg-type]
    assert surer is not None and same is not None and lacking is not None and surer >= same >= lacking


def test_words_that_the_text_does_not_use_count_against_a_question_only_so_far() -> None:
    first = {"能": math.log(0.9), "不": math.log(0.1)}
    hardly, little, some = (answerable(evidence, first, "zh", unheld=False) for evidence in (0.003, 0.15, 0.8))
    assert hardly == little and little is not None and some is not None and little < some
