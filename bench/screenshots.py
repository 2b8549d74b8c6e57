"""Take the README's pictures of the page: the samples, the language model of the settings, Chromium.

Run ``python -m bench.screenshots [SETTINGS.yaml]``; it writes docs/images/ask.png and docs/images/ask-zh-phone.png.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from ingest.config import load_settings
from ingest.files import files_in
from ingest.pipeline import SourceFile
from rag.api.server import create_app
from rag.service import KeyRAG

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SAMPLES = ROOT / "samples"
# Long enough for a slow machine's language model, in milliseconds.
PATIENCE = 300_000


@contextmanager
def serving(service: KeyRAG) -> Iterator[str]:
    """Serve on a free port of this machine; give the address."""
    config = uvicorn.Config(create_app(service), port=0, log_level="warning")
    listening = config.bind_socket()
    listening.listen()
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def ask(page: Page, question: str) -> None:
    """Ask, and wait for the whole answer."""
    count = page.locator(".turn").count()
    page.locator("#question").fill(question)
    page.locator("#question").press("Enter")
    page.locator(".turn").nth(count).locator(".thumbs").wait_for(timeout=PATIENCE)


def desktop(browser: Browser, address: str) -> None:
    page = browser.new_page(
        viewport={"width": 1280, "height": 950}, locale="en-US", color_scheme="light", reduced_motion="reduce"
    )
    page.goto(f"{address}/#/ask/demo")
    ask(page, "What is the hotel limit per night in Shanghai?")
    ask(page, "累计工作满十年的员工每年有多少天年休假？")
    page.locator(".turn").last.locator(".cite").first.click()
    page.locator("#source .page-image").wait_for()
    page.mouse.move(0, 0)
    page.locator(".turn").last.evaluate("turn => turn.scrollIntoView({ block: 'end' })")
    page.screenshot(path=IMAGES / "ask.png")


def phone(browser: Browser, address: str) -> None:
    page = browser.new_page(
        viewport={"width": 390, "height": 780},
        locale="zh-CN",
        color_scheme="dark",
        reduced_motion="reduce",
        has_touch=True,
        is_mobile=True,
    )
    page.goto(f"{address}/#/ask/demo")
    ask(page, "工厂晚班员工每班的夜班津贴是多少？")
    page.locator(".found > summary").click()
    page.screenshot(path=IMAGES / "ask-zh-phone.png")


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("there is no Chromium: install the package chromium")
    IMAGES.mkdir(parents=True, exist_ok=True)
    files = [file for file in files_in([SAMPLES]) if file.parent == SAMPLES and file.name != "README.md"]
    with tempfile.TemporaryDirectory() as folder:
        service = KeyRAG(load_settings(Path(sys.argv[1]) if len(sys.argv) > 1 else None, {"data": Path(folder)}))
        service.ingest("demo", [SourceFile(file) for file in files])
        with serving(service) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            desktop(browser, address)
            phone(browser, address)
            browser.close()


if __name__ == "__main__":
    main()
