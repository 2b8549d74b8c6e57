from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ingest.config import load_settings
from ingest.errors import KeyRAGError
from ingest.index.store import Store
from ingest.settings import Settings
from rag.evaluate.written_questions import written_queries
from tests.chat_server import ChatServer
from tests.small import document, ingested, opened

TOWNS = ("东山", "西河", "南湖", "北城")


def told(town: str, n: int) -> str:
    return f"{town}镇有第{n}座桥，是很久以前的人们用石头造的。"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    kb = opened(tmp_path / "towns")
    ingested(kb, [document(town, *(told(town, n) for n in range(6)), "太短。") for town in TOWNS])
    return kb.store


def settings(server: ChatServer, data: Path, **keyinfo: Any) -> Settings:
    chat = {"backend": "openai", "model": "stub", "base_url": server.base_url, "timeout_seconds": 10}
    return load_settings(None, {"data": data, "chat": chat, "keyinfo": keyinfo})


def told_in(prompt: str) -> str:
    """Give the sentence that a prompt asks about."""
    return next(line for line in prompt.splitlines() if "座桥" in line or "太短" in line)


def test_each_question_has_the_sentence_it_was_written_about_as_its_fact(
    store: Store, chat_server: ChatServer, tmp_path: Path
) -> None:
    chat_server.reply = lambda prompt: f"1. {told_in(prompt)[:7]}是谁造的？"
    counted: list[int] = []
    queries = written_queries(store, settings(chat_server, tmp_path), 12, counted.append)
    assert counted == list(range(1, 13)) == [*range(1, len(queries) + 1)]
    for query in queries:
        (fact,), (doc_id,) = query.facts, query.doc_ids
        assert query.question == f"{fact[0][:7]}是谁造的？"
        assert fact[0].startswith(doc_id) and "太短" not in fact[0]
    assert Counter(doc_id for query in queries for doc_id in query.doc_ids) == dict.fromkeys(TOWNS, 3)


def test_what_was_written_is_not_asked_for_again(store: Store, chat_server: ChatServer, tmp_path: Path) -> None:
    chat_server.reply = lambda prompt: f"{told_in(prompt)[:7]}是谁造的？"
    given = settings(chat_server, tmp_path)
    before = written_queries(store, given, 24)
    requests = len(chat_server.requests)
    assert written_queries(store, given, 24) == before and len(before) == 24
    assert len(chat_server.requests) == requests


@pytest.mark.parametrize(
    "reply", ["", "不知道。", lambda prompt: told_in(prompt) + "？", lambda prompt: told_in(prompt)[:7] + "？"]
)
def test_questions_of_no_use_are_dropped(store: Store, chat_server: ChatServer, tmp_path: Path, reply: Any) -> None:
    chat_server.reply = reply
    assert written_queries(store, settings(chat_server, tmp_path), 5) == []


def test_a_question_that_was_written_about_two_sentences_counts_once(
    store: Store, chat_server: ChatServer, tmp_path: Path
) -> None:
    chat_server.reply = "桥是谁造的？\n桥是用什么造的？"
    questions = [query.question for query in written_queries(store, settings(chat_server, tmp_path), 5)]
    assert questions == ["桥是谁造的？", "桥是用什么造的？"]


def test_written_questions_do_not_judge_an_index_whose_keys_they_are(
    store: Store, chat_server: ChatServer, tmp_path: Path
) -> None:
    with pytest.raises(KeyRAGError, match="can't judge an index"):
        written_queries(store, settings(chat_server, tmp_path, segment=["context", "questions"]), 5)
