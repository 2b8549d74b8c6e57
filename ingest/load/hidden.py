"""Text that a reader of the file can't see: reported, and left out unless the settings keep it."""

from __future__ import annotations

from ingest.load.clean import clean
from ingest.settings import LoadSettings

_EXCERPT = 60


class HiddenText:
    """Counts what is hidden in a file.

    ``keep`` tells a loader whether to take it in all the same.
    """

    def __init__(self, settings: LoadSettings) -> None:
        self.keep = settings.hidden_text == "keep"
        self._count = 0
        self._excerpt = ""

    def note(self, text: str) -> None:
        """Note a hidden stretch; white space alone does not count."""
        if text := clean(text):
            self._count += 1
            self._excerpt = self._excerpt or text

    @property
    def warnings(self) -> tuple[str, ...]:
        """One line with the number of stretches and the beginning of the first, none if nothing was hidden."""
        if not self._count:
            return ()
        done = "taken in" if self.keep else "left out"
        excerpt = self._excerpt if len(self._excerpt) <= _EXCERPT else f"{self._excerpt[:_EXCERPT]}…"
        return (f"hidden text {done} ({self._count}): {excerpt}",)
