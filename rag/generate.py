"""Let the model write: what may become a refusal is held back, a loop ends it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from langchain_core.messages import HumanMessage
from langchain_core.messages.ai import UsageMetadata

from ingest.config import Settings
from ingest.models.chat import Chat
from rag.checks.refusal import refuses
from rag.checks.repetition import loop_start

# Temperature of a second try where a provider may not know penalties.
_WARMER = 0.7
# Characters that tell whether an answer begins as a refusal.
_HELD_BACK = 16


def penalised(options: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Give the options of a second try after a loop: with a penalty on what was written already."""
    if settings.chat.backend in ("embedded", "openai"):
        return {**options, "frequency_penalty": settings.answer.retry_penalty}
    if settings.chat.backend == "transformers":
        return {**options, "repetition_penalty": 1 + settings.answer.retry_penalty / 2}
    return {**options, "temperature": _WARMER}


class Generation:
    """What the model has written so far; ``usage`` adds up over its calls."""

    def __init__(self, usage: Mapping[str, int] | None = None) -> None:
        self.text = ""
        self.looped = False
        self.usage: dict[str, int] = dict(usage or {})

    @property
    def refused(self) -> bool:
        return refuses(self.text)

    def stream(self, chat: Chat, prompt: str, options: Mapping[str, Any]) -> Iterator[str]:
        """Give what is safe to show: from where the first words are no refusal, up to a loop."""
        shown = 0
        for chunk in chat.model.stream([HumanMessage(prompt)], **options):
            self._count(chunk.usage_metadata)
            if not chunk.text:
                continue
            self.text += chunk.text
            loop = loop_start(self.text)
            if loop is not None:
                self.text, self.looped = self.text[:loop], True
                break
            if len(self.text) >= _HELD_BACK and not self.refused:
                yield self.text[shown:]
                shown = len(self.text)
        if not self.refused and shown < len(self.text):
            yield self.text[shown:]

    def _count(self, usage: UsageMetadata | None) -> None:
        names = {"prompt_tokens": "input_tokens", "completion_tokens": "output_tokens", "total_tokens": "total_tokens"}
        for name, theirs in names.items() if usage else ():
            self.usage[name] = self.usage.get(name, 0) + int(usage[theirs])  # type: ignore[index,literal-required]
