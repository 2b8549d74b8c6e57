"""The snippets of docs/integrations.md, run as they stand, apart from the ports."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytest.importorskip("mcp")
pytest.importorskip("llama_index.core")

from ingest.pipeline import SourceFile
from rag.api.server import create_app
from rag.mcp_http import mcp_app
from rag.service import KeyRAG
from tests.chat_server import ChatServer
from tests.serving import served

PAGE = Path(__file__).resolve().parents[1] / "docs" / "integrations.md"
SNIPPETS = re.findall(r"^```(python|sh)\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def addresses(
    chatting: KeyRAG, chat_server: ChatServer, handbook: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """Serve a knowledge base ``company``; a program that loads its own settings finds it too."""
    chatting.ingest("company", [SourceFile(handbook)])
    chat_server.reply = "每晚650元。"
    settings = chatting.settings
    for name, value in (
        ("KEYRAG_DATA", str(settings.data)),
        ("KEYRAG__CHAT__BACKEND", "openai"),
        ("KEYRAG__CHAT__MODEL", "stub"),
        ("KEYRAG__CHAT__BASE_URL", chat_server.base_url),
    ):
        monkeypatch.setenv(name, value)
    with served(create_app(chatting)) as api, served(mcp_app(chatting)) as mcp:
        yield {"http://127.0.0.1:8000": api, "http://127.0.0.1:8001": mcp}


@pytest.mark.parametrize(("language", "snippet"), SNIPPETS, ids=range(len(SNIPPETS)))
def test_a_snippet_of_the_page_runs(
    language: str, snippet: str, addresses: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    for written, real in addresses.items():
        snippet = snippet.replace(written, real)
    if language == "python":
        # In a thread of its own: the browser of other tests keeps an event loop in this one.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(exec, compile(snippet, PAGE.name, "exec"), {}).result()
    elif shutil.which("curl"):
        subprocess.run(["sh", "-c", snippet], check=True, timeout=30)
    else:
        pytest.skip("there is no curl")
    assert "650" in capfd.readouterr().out
