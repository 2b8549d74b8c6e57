"""Settings, a service with the real embedding model, and a chat server that speaks real HTTP."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.config import load_settings
from ingest.errors import KeyRAGError
from ingest.models import catalogue
from ingest.settings import Settings
from rag.service import KeyRAG
from tests.chat_server import ChatServer

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
MakeSettings = Callable[..., Settings]


@pytest.fixture(autouse=True)
def only_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the shell don't reach the tests, but for the folder of models."""
    for name in list(os.environ):
        if name.startswith("KEYRAG") and name != "KEYRAG__MODELS":
            monkeypatch.delenv(name)


@pytest.fixture
def make_settings(tmp_path: Path) -> MakeSettings:
    def _make(**sections: Any) -> Settings:
        # Calls of the model are counted: none only to judge the text, but where that is tested.
        answer = {"judge_evidence": 0, **sections.pop("answer", {})}
        return load_settings(
            None, {"data": tmp_path / "data", "chat": {"backend": "none"}, "answer": answer, **sections}
        )

    return _make


@pytest.fixture(scope="session")
def e5() -> Path:
    """The embedding model's file."""
    try:
        return catalogue.pull("multilingual-e5-small", load_settings().models_folder)
    except KeyRAGError as error:
        pytest.skip(f"the embedding model can't be had here: {error}")


@pytest.fixture
def service(make_settings: MakeSettings, e5: Path) -> Iterator[KeyRAG]:
    """A service without a language model."""
    made = KeyRAG(make_settings())
    yield made
    made.close()


@pytest.fixture
def chat_server() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


@pytest.fixture
def chatting(make_settings: MakeSettings, e5: Path, chat_server: ChatServer) -> Iterator[KeyRAG]:
    """A service whose language model is the chat server."""
    chat = {"backend": "openai", "model": "stub", "base_url": chat_server.base_url, "timeout_seconds": 10}
    made = KeyRAG(make_settings(chat=chat))
    yield made
    made.close()


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    """A small Markdown handbook."""
    file = tmp_path / "handbook.md"
    file.write_text(
        "# 员工手册\n\n## 年假\n\n员工每年有十天年假。工作满十年的员工每年有十五天年假。年假须提前三天申请。\n\n"
        "## 病假\n\n病假期间按基本工资的百分之八十发放。请病假须在三日内提交医院证明。\n\n"
        "## 差旅\n\n出差到上海的住宿标准为每晚650元。机票须提前七天预订。\n\n"
        "## 办公\n\n办公时间为上午九点到下午六点。每个工位配一台显示器。打印机在三楼走廊。\n",
        encoding="utf-8",
    )
    return file
