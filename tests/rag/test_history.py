from __future__ import annotations

import pytest

from ingest.config import load_settings
from ingest.models.chat import Chat, load_chat
from rag.history import Turn, is_short, refers_back, stand_alone
from rag.prompt import template
from tests.chat_server import ChatServer
from tests.conftest import MakeSettings

TURNS = [Turn("累计工作满十年的员工每年有多少天年休假？", "12天。")]


@pytest.mark.parametrize(
    "question",
    [
        "那满二十年的呢？",
        "它的重量是多少？",
        "上述规定从何时起施行？",
        "What about Beijing?",
        "How heavy is it?",
    ],
)
def test_a_follow_up_refers_back(question: str) -> None:
    assert refers_back(question)


@pytest.mark.parametrize(
    "question",
    [
        "云岭公司的差旅住宿标准是多少？",
        "YL300机器人的重复定位精度是多少毫米？",
        "其他部门的员工如何申请使用会议室？",
        "What is the hotel limit per night in Shanghai for managers?",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert not refers_back(question)


def test_a_question_that_names_little_is_short() -> None:
    assert [is_short(q) for q in ("需要提前几天？", "Who approves it?")] == [True, True]
    assert not is_short("出差到上海的住宿标准是多少？") and not is_short("Who approves a travel claim of CNY 30,000?")


def _chat(server: ChatServer, make_settings: MakeSettings) -> Chat:
    settings = make_settings(chat={"backend": "openai", "model": "stub", "base_url": server.base_url})
    chat = load_chat(settings.chat, settings.models_folder)
    assert chat
    return chat


def _prompt():  # type: ignore[no-untyped-def]
    return template(load_settings().prompt, "condense.{language}.txt", "zh", frozenset({"history", "question"}))


def test_the_model_rewrites_a_follow_up(chat_server: ChatServer, make_settings: MakeSettings) -> None:
    chat_server.reply = "改写后的问题：累计工作满二十年的员工每年有多少天年休假？\n（完）"
    rewritten = stand_alone("那满二十年的呢？", TURNS, _chat(chat_server, make_settings), _prompt())
    assert rewritten == "累计工作满二十年的员工每年有多少天年休假？"
    assert "12天。" in chat_server.requests[0]["messages"][0]["content"]


@pytest.mark.parametrize(
    "reply", ["", "18", "好的，我来帮你。" * 40, "那满二十年的呢？", "Completely unrelated words, long enough"]
)
def test_a_rewriting_that_can_be_none_is_not_used(
    reply: str, chat_server: ChatServer, make_settings: MakeSettings
) -> None:
    chat_server.reply = reply
    rewritten = stand_alone("那满二十年的呢？", TURNS, _chat(chat_server, make_settings), _prompt())
    assert rewritten == f"{TURNS[0].question} 那满二十年的呢？"


def test_without_a_model_the_question_before_is_put_in_front() -> None:
    assert stand_alone("那满二十年的呢？", TURNS, None, _prompt()) == f"{TURNS[0].question} 那满二十年的呢？"
