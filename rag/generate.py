"""One call of the model: what may become a refusal is held back, a loop ends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langchain_core.messages.ai import AIMessageChunk, UsageMetadata

from ingest.settings import Settings
from rag.checks.refusal import may_become_refusal, refuses
from rag.checks.repetition import loop_start
from rag.lead_in import capitalised, lead_in, may_become_lead_in
from rag.script import in_traditional, last_stop

# Temperature of a second try where a provider may not know penalties.
_WARMER = 0.7
# Characters after which an answer is no refusal any more.
_OPENING = 200

Purpose = Literal["judge", "answer", "loop", "insist", "parse", "mend"]


def penalised(options: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Give the options of a second try after a loop: with a penalty on what was written already."""
    if settings.chat.backend in ("embedded", "openai"):
        return {**options, "frequency_penalty": settings.answer.retry_penalty}
    if settings.chat.backend == "transformers":
        return {**options, "repetition_penalty": 1 + settings.answer.retry_penalty / 2}
    return {**options, "temperature": _WARMER}


@dataclass(slots=True)
class Attempt:
    """A call of the model: why, with which messages and generation settings, and what it has written so far.

    Whoever makes the call puts every chunk in with :meth:`take`, stops where the attempt has ``looped``, and
    asks for the :meth:`rest`. ``system`` goes in front of the prompt, "" for nothing. ``shown``: people may read the
    text while it is written, with ``traditional`` in traditional characters. ``usage`` counts tokens. ``first`` has
    the log probabilities of the words that the model may have begun with, if they were asked for and told.
    """

    purpose: Purpose
    prompt: str
    options: Mapping[str, Any]
    system: str = ""
    shown: bool = False
    traditional: bool = False
    text: str = ""
    looped: bool = False
    usage: dict[str, int] = field(default_factory=dict)
    first: dict[str, float] = field(default_factory=dict)
    _given: int = field(default=0, init=False)

    @property
    def messages(self) -> list[BaseMessage]:
        system: list[BaseMessage] = [SystemMessage(self.system)] if self.system else []
        return [*system, HumanMessage(self.prompt)]

    @property
    def refused(self) -> bool:
        return refuses(self.text)

    def take(self, chunk: AIMessageChunk) -> str:
        """Take what the model wrote next; give what is safe to show: no refusal, no words that only lead in."""
        self._count(chunk.usage_metadata)
        if not chunk.text:
            return ""
        if (told := chunk.response_metadata.get("logprobs")) and not self.first:
            self.first = {one["token"]: one["logprob"] for one in told["content"][0]["top_logprobs"]}
        self.text += chunk.text
        loop = loop_start(self.text)
        if loop is not None:
            self.text, self.looped = self.text[:loop], True
            return ""
        return self._until(last_stop(self.text) if self.traditional else len(self.text))

    def rest(self) -> str:
        """Give what is still to be shown of the whole text."""
        return self._until(len(self.text), whole=True)

    def _until(self, end: int, *, whole: bool = False) -> str:
        if not self.shown or end <= self._given or (self._given < _OPENING and self.refused):
            return ""
        if self._given:
            piece = self.text[self._given : end]
        else:
            skipped = lead_in(self.text)
            undecided = may_become_lead_in(self.text) or may_become_refusal(self.text[skipped:])
            if skipped >= end or (undecided and not whole):
                return ""
            piece = self.text[skipped:end]
            if skipped:
                piece = capitalised(piece)
        self._given = end
        return in_traditional(piece) if self.traditional else piece

    def _count(self, usage: UsageMetadata | None) -> None:
        names = {"prompt_tokens": "input_tokens", "completion_tokens": "output_tokens", "total_tokens": "total_tokens"}
        for name, theirs in names.items() if usage else ():
            self.usage[name] = self.usage.get(name, 0) + int(usage[theirs])  # type: ignore[index,literal-required]
