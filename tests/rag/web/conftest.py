"""A service on a real port, and Chromium: every page is watched for faults, outside hosts and broken policies."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright
from reportlab.pdfgen.canvas import Canvas

from ingest.config import load_settings
from ingest.pipeline import SourceFile
from rag.api.server import create_app
from rag.service import KeyRAG
from tests.chat_server import ChatServer

expect.set_options(timeout=15_000)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
# Takes note of what the page's policy forbids.
_WATCH = """
window.broken = [];
document.addEventListener("securitypolicyviolation", (event) => broken.push(event.violatedDirective));
"""
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
QUESTION = "工作满十年的员工每年有多少天年假？"
ANSWER = "工作满十年的员工每年有十五天年假。"
HANDBOOK = """# 员工手册

## 年假

员工每年有十天年假。工作满十年的员工每年有十五天年假。年假须提前三天申请。

## 病假

病假期间按基本工资的百分之八十发放。请病假须在三日内提交医院证明。

## 差旅

出差到上海的住宿标准为每晚650元。机票须提前七天预订。

## 办公

办公时间为上午九点到下午六点。每个工位配一台显示器。打印机在三楼走廊。
"""
MEMO = ("Visitors sign in at the front desk.", "The canteen closes at 14:30 on Fridays.")


@dataclass(frozen=True)
class Site:
    """A running service: its address, its parts, and the language model that stands behind it."""

    address: str
    service: KeyRAG
    chat: ChatServer


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A Chinese handbook in Markdown and an English memo, a PDF of two pages."""
    folder = tmp_path_factory.mktemp("documents")
    handbook, memo = folder / "handbook.md", folder / "memo.pdf"
    handbook.write_text(HANDBOOK, encoding="utf-8")
    canvas = Canvas(str(memo))
    for line in MEMO:
        canvas.drawString(72, 700, line)
        canvas.showPage()
    canvas.save()
    return handbook, memo


@pytest.fixture(scope="session")
def running(e5: Path, documents: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with ChatServer() as chat:
        settings = load_settings(
            None,
            {
                "data": tmp_path_factory.mktemp("web") / "data",
                "chat": {"backend": "openai", "model": "stub", "base_url": chat.base_url, "timeout_seconds": 20},
            },
        )
        service = KeyRAG(settings)
        service.ingest("demo", [SourceFile(file) for file in documents])
        config = uvicorn.Config(create_app(service), port=0, log_level="warning")
        listening = config.bind_socket()
        listening.listen()
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield Site(f"http://127.0.0.1:{listening.getsockname()[1]}", service, chat)
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def site(running: Site) -> Site:
    """The service, with a language model that answers at once and knows about leave."""
    running.chat.reply, running.chat.pause, running.chat.status = ANSWER, 0.0, 200
    return running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of one file: while it is there, others in this process can't run an event loop."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium: install the package chromium to test the page")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        yield made
        made.close()


Visit = Callable[..., Page]


@pytest.fixture
def visit(site: Site, browser: Browser) -> Iterator[Visit]:
    """Open a view of the page in a fresh browser profile.

    ``failing`` allows requests that the service refuses. At the end nothing may have gone wrong.
    """
    contexts, outside, faults = [], [], []

    def open_view(
        view: str = "ask",
        kb: str = "demo",
        *part: str,
        locale: str = "en-US",
        size: dict[str, int] = DESKTOP,
        dark: bool = False,
        failing: bool = False,
    ) -> Page:
        context = browser.new_context(
            locale=locale,
            viewport=size,
            has_touch=size == PHONE,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        context.add_init_script(_WATCH)
        page = context.new_page()
        page.on("request", lambda request: _note_outside(request.url, site.address, outside))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: _note_fault(message, failing, faults))
        page.goto(f"{site.address}/#/{'/'.join(quote(name) for name in (view, kb, *part))}")
        page.wait_for_selector("main > .view > *, dialog")
        return page

    yield open_view
    broken = [one for context in contexts for page in context.pages for one in page.evaluate("window.broken")]
    for context in contexts:
        context.close()
    assert (outside, faults, broken) == ([], [], [])


def _note_outside(url: str, address: str, outside: list[str]) -> None:
    if not url.startswith((f"{address}/", f"blob:{address}/")):
        outside.append(url)


def _note_fault(message: ConsoleMessage, failing: bool, faults: list[str]) -> None:
    refused = message.text.startswith("Failed to load resource")
    if message.type in ("error", "warning") and not (failing and refused):
        faults.append(message.text)


def ask(page: Page, question: str) -> Locator:
    """Ask, and give the turn once it is answered."""
    count = page.locator(".turn").count()
    page.locator("#question").fill(question)
    page.locator("#question").press("Enter")
    turn = page.locator(".turn").nth(count)
    turn.locator(".turn-actions").wait_for()
    return turn
