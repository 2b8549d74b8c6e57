"""Translation: a question is put into the other language where its own finds nothing."""

from __future__ import annotations

from collections.abc import Callable

from langchain_core.messages import HumanMessage
from langchain_core.prompts import PromptTemplate

from ingest.models.chat import Chat
from rag.language import Language, language_of, main_language

# Words that few pages of the language are without, and that no name or title in a text of the other has all of.
_EVERYWHERE = {"zh": ["的"], "en": ["the", "to", "is"]}
_LONGEST = 120


def other_language(question: str) -> Language:
    """Give the language that a question is not in."""
    return "en" if language_of(question) == "zh" else "zh"


def is_held(language: Language, frequencies: Callable[[list[str]], tuple[list[int], int]]) -> bool:
    """Tell whether documents are in a language.

    :param frequencies: gives, for terms, the number of segments that hold each, and the number of all segments.
    """
    counts, _ = frequencies(_EVERYWHERE[language])
    return all(counts)


def translated(question: str, chat: Chat, prompt: PromptTemplate) -> str | None:
    """Let the model put a question into the other language; None where what it writes is none.

    :param prompt: asks for it, with a place for the ``question``.
    """
    reply = chat.model.invoke([HumanMessage(prompt.format(question=question))], max_tokens=_LONGEST)
    lines = [line.strip() for line in reply.text.splitlines() if line.strip()]
    text = lines[0].strip("\"'“”「」 ") if lines else ""
    return text if main_language(text) == other_language(question) else None
