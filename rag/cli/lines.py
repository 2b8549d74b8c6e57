"""What the user types: an editable line with history in a terminal, plain lines from a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path


def questions(history: Path, prompt: Callable[[], str], words: Callable[[], Iterable[str]]) -> Iterator[str]:
    """Give what the user enters until the end of input, without empty lines.

    In a terminal the arrow keys edit and go through earlier questions, Tab completes, a pasted text keeps its
    line breaks, Alt-Enter makes one, Ctrl-C drops the line and Ctrl-D leaves.

    :param history: file that keeps the questions from one run to the next.
    :param prompt: what stands before the line.
    :param words: beginnings of lines that Tab completes.
    """
    lines = _edited(history, prompt, words) if sys.stdin.isatty() and sys.stdout.isatty() else sys.stdin
    for line in lines:
        if entered := line.strip():
            yield entered


def _edited(history: Path, prompt: Callable[[], str], words: Callable[[], Iterable[str]]) -> Iterator[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import DynamicCompleter, WordCompleter
    from prompt_toolkit.history import FileHistory
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    keys = KeyBindings()

    @keys.add("enter")
    def enter(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    history.parent.mkdir(parents=True, exist_ok=True)
    history.touch(mode=0o600)
    # Many lines, so that a pasted text is shown as it is; Enter is bound to send them.
    session: PromptSession[str] = PromptSession(
        history=FileHistory(history),
        key_bindings=keys,
        multiline=True,
        prompt_continuation="… ",
        completer=DynamicCompleter(lambda: WordCompleter(list(words()), sentence=True)),
    )
    while True:
        try:
            yield session.prompt(prompt)
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
