"""Questions in the language that the documents are not in."""

from __future__ import annotations

from pathlib import Path

from ingest.pipeline import SourceFile
from rag.answer import Answer, Sources
from rag.service import KeyRAG
from rag.sources import ANSWERED
from tests.chat_server import ChatServer

POLICY = """# Travel policy

## Hotels

The hotel limit in Shanghai is CNY 650 a night. In other towns the limit is CNY 420 a night.

## Flights

Flights are to be booked at least seven days before the trip. Business class is for flights of more than eight hours.

## Meals

The meal allowance is CNY 120 a day. When the host pays for lunch the allowance is halved.
"""
CHINESE = "上海出差的酒店每晚限额是多少？"
ENGLISH = "What is the hotel limit a night in Shanghai?"


def _reply(prompt: str) -> str:
    if "译成英文" in prompt:
        return f"“{ENGLISH}”\n"
    if "into Chinese" in prompt:
        return "工作满十年的员工有几天年假？"
    return "15 days." if "known information" in prompt else "上海的酒店限额为每晚650元。"


def _asked(service: KeyRAG, question: str) -> tuple[Sources, Answer]:
    events = list(service.answer("hr", question))
    assert isinstance(events[0], Sources) and isinstance(events[-1], Answer)
    return events[0], events[-1]


def _prompts(server: ChatServer) -> list[str]:
    return [request["messages"][-1]["content"] for request in server.requests]


def test_a_chinese_question_finds_what_only_an_english_document_says(
    chatting: KeyRAG, chat_server: ChatServer, handbook: Path, tmp_path: Path
) -> None:
    (tmp_path / "policy.md").write_text(POLICY, encoding="utf-8")
    chatting.ingest("hr", [SourceFile(tmp_path / "policy.md")])
    chat_server.reply = _reply
    sources, answer = _asked(chatting, CHINESE)
    assert (sources.rewritten, answer.rewritten, answer.refused) == (ENGLISH, ENGLISH, False)
    assert sources.hits[0].text == "The hotel limit in Shanghai is CNY 650 a night."
    assert answer.citations[0].quote == sources.hits[0].text
    assert answer.grounding and answer.grounding.grounded
    asked = _prompts(chat_server)[-1]
    assert CHINESE in asked and ENGLISH not in asked and answer.timings["translate_ms"] > 0


def test_an_english_question_finds_what_only_a_chinese_document_says(
    chatting: KeyRAG, chat_server: ChatServer, handbook: Path
) -> None:
    chatting.ingest("hr", [SourceFile(handbook)])
    chat_server.reply = _reply
    sources, answer = _asked(chatting, "How many days of annual leave do employees get after ten years of work?")
    assert sources.hits[0].text == "工作满十年的员工每年有十五天年假。"
    assert (answer.text, answer.refused, answer.citations[0].quote) == ("15 days.", False, sources.hits[0].text)
    assert answer.grounding and answer.grounding.grounded


def test_no_question_is_translated_into_a_language_that_no_document_is_in(
    chatting: KeyRAG, chat_server: ChatServer, handbook: Path
) -> None:
    chatting.ingest("hr", [SourceFile(handbook)])
    for question in ("班车几点发车？", "火星有几颗卫星？"):
        sources, _ = _asked(chatting, question)
        assert sources.rewritten is None and sources.evidence < ANSWERED
    assert not any("译成英文" in prompt for prompt in _prompts(chat_server))


def test_what_is_no_translation_is_not_searched_for(chatting: KeyRAG, chat_server: ChatServer, tmp_path: Path) -> None:
    (tmp_path / "policy.md").write_text(POLICY, encoding="utf-8")
    chatting.ingest("hr", [SourceFile(tmp_path / "policy.md")])
    for reply in ("", "我不会翻译。"):
        chat_server.reply = reply
        sources, _ = _asked(chatting, CHINESE)
        assert sources.rewritten is None


def test_a_translation_that_finds_next_to_nothing_does_not_replace_the_question(
    chatting: KeyRAG, chat_server: ChatServer, handbook: Path, tmp_path: Path
) -> None:
    (tmp_path / "policy.md").write_text(POLICY, encoding="utf-8")
    chatting.ingest("hr", [SourceFile(handbook), SourceFile(tmp_path / "policy.md")])
    chat_server.reply = lambda prompt: "How much is a taxi a day?" if "译成英文" in prompt else "十五天。"
    sources, _ = _asked(chatting, "干满十年能歇几天？")
    assert any("译成英文" in prompt for prompt in _prompts(chat_server))
    assert sources.rewritten is None and sources.hits[0].text == "工作满十年的员工每年有十五天年假。"


def test_a_translation_does_not_take_the_place_of_what_the_question_finds_itself(
    chatting: KeyRAG, chat_server: ChatServer, handbook: Path, tmp_path: Path
) -> None:
    (tmp_path / "policy.md").write_text(POLICY, encoding="utf-8")
    chatting.ingest("hr", [SourceFile(handbook), SourceFile(tmp_path / "policy.md")])
    chat_server.reply = _reply  # whose translation is about something else that the documents tell
    sources, _ = _asked(chatting, "干满十年能歇几天？")
    assert sources.rewritten == ENGLISH
    for told in ("工作满十年的员工每年有十五天年假。", "The hotel limit in Shanghai is CNY 650 a night."):
        assert [hit.text for hit in sources.hits].count(told) == 1 and told in sources.packed.text
    scores = [hit.why.fused for hit in sources.hits]
    assert scores == sorted(scores, reverse=True)


def test_where_both_languages_tell_it_the_question_s_own_comes_first(
    chatting: KeyRAG, chat_server: ChatServer, handbook: Path, tmp_path: Path
) -> None:
    (tmp_path / "policy.md").write_text(POLICY, encoding="utf-8")
    chatting.ingest("hr", [SourceFile(handbook), SourceFile(tmp_path / "policy.md")])
    chat_server.reply = _reply
    sources, _ = _asked(chatting, "到上海住一晚能报多少元？")
    first, second = sources.hits[:2]
    assert (sources.rewritten, first.document, second.document) == (ENGLISH, "员工手册", "Travel policy")
    assert "650" in first.text and "650" in second.text
