"""``keyrag chat`` from a pipe, and at a terminal with a keyboard."""

from __future__ import annotations

import io
import json
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.chat_server import ChatServer
from tests.rag.cli.conftest import Run

LODGING = "出差到上海的住宿标准是多少？"
Chat = Callable[..., tuple[int, str, str]]


@pytest.fixture
def chat(keyrag: Run, handbook: Path, monkeypatch: pytest.MonkeyPatch) -> Chat:
    """Chat about the handbook, each line typed into a pipe."""
    keyrag("ingest", handbook)

    def _chat(*lines: str, arguments: tuple[str, ...] = ()) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))
        return keyrag("chat", *arguments)

    return _chat


@pytest.fixture
def model(keyrag: Run, monkeypatch: pytest.MonkeyPatch, chat_server: ChatServer) -> ChatServer:
    monkeypatch.setenv("KEYRAG__CHAT__BACKEND", "openai")
    monkeypatch.setenv("KEYRAG__CHAT__MODEL", "stub")
    monkeypatch.setenv("KEYRAG__CHAT__BASE_URL", chat_server.base_url)
    chat_server.reply = "每晚650元。"
    return chat_server


def test_an_answer_stands_above_its_cited_sentence(model: ChatServer, keyrag: Run, chat: Chat) -> None:
    status, out, _ = chat(LODGING)
    answer, note = out.index("每晚650元。\n"), out.index("[1] 员工手册: 出差到上海的住宿标准为每晚650元。")
    assert status == 0 and answer < note and "tokens" in out


def test_what_the_cited_sentences_do_not_hold_is_named(model: ChatServer, chat: Chat) -> None:
    model.reply = "出差到上海的住宿标准为每晚980元。"
    assert "Not in the cited sentences: 980" in chat(LODGING)[1]


def test_a_terminal_gets_nothing_that_it_would_obey(model: ChatServer, chat: Chat) -> None:
    model.reply = "每晚\x1b[31m650元\x07。[bold]"
    out = chat(LODGING)[1]
    assert "每晚[31m650元。[bold]" in out and "\x1b" not in out and "\x07" not in out


def test_a_follow_up_is_understood_and_a_session_goes_on(chat: Chat) -> None:
    status, out, _ = chat(LODGING, "那机票呢？", arguments=("--session", "trip"))
    assert status == 0 and "650" in out and "Searching for" in out and "七天" in out
    assert "Searching for: 那机票呢？ 那住宿呢？" in chat("那住宿呢？", arguments=("--session", "trip"))[1]


def test_a_new_conversation_forgets(chat: Chat) -> None:
    assert "Searching for" not in chat(LODGING, "/new", "那机票呢？")[1]


def test_sessions_are_listed_and_opened(chat: Chat) -> None:
    chat(LODGING, arguments=("--session", "trip"))
    out = chat("/sessions", "/open trip", "/sessions", "/open 9")
    assert out[0] == 1 and "no session '9'" in out[2]
    assert f"> {LODGING}" in out[1].replace("\\", "") and "*1" in out[1]


def test_sources_and_reasons_of_the_last_answer_are_shown(chat: Chat) -> None:
    status, out, err = chat("/why", LODGING, "/sources", "/why")
    assert status == 1 and "nothing was asked yet" in err
    assert "员工手册 > 差旅 (cited)" in out
    assert "meaning" in out and "key: 员工手册 差旅" in out


def test_the_knowledge_base_and_the_budget_can_be_changed(keyrag: Run, chat: Chat) -> None:
    keyrag("kb", "create", "empty")
    status, out, err = chat("/kb", "/kb empty", "/kb nothing", "/budget 64", "/budget", "/budget few")
    assert status == 1 and "no knowledge base 'nothing'" in err and "'few' is no budget" in err
    assert "* default" in out and "A new conversation with empty." in out
    assert out.count("up to 64 tokens") == 2


def test_a_conversation_is_exported(chat: Chat, tmp_path: Path) -> None:
    text, data = tmp_path / "talk.md", tmp_path / "talk.json"
    status, _, err = chat(f"/export {text}", LODGING, f"/export {text}", f"/export {data}", f"/export {text}")
    assert status == 1 and "nothing was asked yet" in err and "exists already" in err
    assert f"## {LODGING}" in text.read_text(encoding="utf-8")
    (turn,) = json.loads(data.read_text(encoding="utf-8"))["turns"]
    assert turn["question"] == LODGING and "650" in turn["citations"][0]["quote"]


def test_help_lists_what_there_is_and_a_path_is_a_question(chat: Chat) -> None:
    status, out, err = chat("/help", "/fly", "/exit", LODGING)
    assert status == 1 and "/fly" in err and "650" not in out
    assert all(f"/{name}" in out for name in ("new", "sessions", "open", "sources", "why", "kb", "budget", "export"))
    assert "no command" not in chat("/etc/hosts 是什么？")[2]


def test_every_line_gives_a_line_of_json(chat: Chat) -> None:
    status, out, _ = chat(LODGING, "那机票呢？", arguments=("--json",))
    first, second = map(json.loads, out.splitlines())
    assert status == 0 and first["question"] == LODGING and "650" in first["answer"]
    assert second["rewritten"] and second["citations"]


def test_a_question_of_a_route_needs_no_sources(chat: Chat, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    routes = tmp_path / "routes.yaml"
    routes.write_text("routes:\n- name: greeting\n  examples: [你好, 早上好]\n  say: 您好。\n", encoding="utf-8")
    monkeypatch.setenv("KEYRAG__ROUTES__FILE", str(routes))
    status, out, _ = chat("你好", "/why", "/sources")
    assert status == 0 and "您好。" in out and "route greeting" in out and "nothing was searched" in out


def test_a_failing_model_is_told_and_the_next_question_goes_on(model: ChatServer, chat: Chat) -> None:
    model.status = 500
    status, _, err = chat(LODGING, LODGING)
    assert status == 1 and err.count("on fire") == 2


# A new session has no controlling terminal until it opens one; Ctrl-C comes from that.
# As an interactive shell starts it; a test run in the background would hand down that Ctrl-C is ignored.
CONTROLLED = (
    "import fcntl, signal, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\nfrom rag.cli import main\nmain()"
)


class Terminal:
    """A process with a keyboard and a screen."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (40, 120))
        self.process = subprocess.Popen(
            command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self.screen = ""
        self._seen = 0

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def wait_for(self, text: str, seconds: float = 25) -> None:
        """Read on until ``text`` appears behind what was waited for before."""
        until = time.monotonic() + seconds
        while (found := self.screen.find(text, self._seen)) < 0:
            ready, _, _ = select.select([self._ours], [], [], max(until - time.monotonic(), 0))
            assert ready, f"{text!r} did not appear: {self.screen[self._seen :]!r}"
            self.screen += os.read(self._ours, 65536).decode(errors="replace")
        self._seen = found + len(text)

    def leave(self) -> int:
        """Press Control-D until the process ends, for one between two lines is lost; give its status."""
        for _ in range(20):
            self.type("\x04")
            with suppress(subprocess.TimeoutExpired):
                return self.process.wait(timeout=1)
        raise AssertionError(f"Control-D did not end it: {self.screen[self._seen :]!r}")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)


def test_control_c_stops_an_answer_and_control_d_leaves(
    model: ChatServer, keyrag: Run, handbook: Path, tmp_path: Path
) -> None:
    keyrag("ingest", handbook)
    model.reply = "住宿标准为每晚650元。" + "".join(f"第{number}条另有说明。" for number in range(100))
    model.pause = 0.05
    command = [sys.executable, "-c", CONTROLLED, "--data", str(tmp_path / "data"), "chat"]
    terminal = Terminal(command, {**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"})
    try:
        terminal.wait_for("default>")
        terminal.type(LODGING + "\r")
        terminal.wait_for("住宿标准为")
        terminal.type("\x03")
        terminal.wait_for("stopped")
        terminal.wait_for("default>")
        sent = model.sent
        assert sent < len(str(model.reply))
        terminal.type("/sources\r")
        terminal.wait_for("nothing was asked yet")  # an answer that was stopped is not kept
        terminal.wait_for("default>")
        terminal.type("\x1b[A\x1b[A")  # the arrow key gives the question back
        terminal.wait_for("上海")
        terminal.type("\x03")
        terminal.wait_for("default>")
        assert terminal.leave() == 0
        assert model.sent < sent + 40
    finally:
        terminal.close()
