"""Citations as footnotes in the text of an answer, for front ends that show nothing but text."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer import Answer
from rag.cite import Citation

_QUOTE_CHARS = 200


def footnotes(answer: Answer) -> str:
    """Give the cited sentences as Markdown to stand below an answer; empty if there is none."""
    numbers = _numbers(answer.citations)
    lines = [f"[{numbers[_place(one)]}] {_line(one)}" for one in _distinct(answer.citations)]
    return "\n\n---\n" + "  \n".join(lines) if lines else ""


def with_footnotes(answer: Answer) -> str:
    """Give the answer with a number behind each statement that is tied to a sentence, and the footnotes below."""
    numbers = _numbers(answer.citations)
    marks: dict[int, list[int]] = {}
    for one in answer.citations:
        marks.setdefault(one.answer_end, []).append(numbers[_place(one)])
    text = answer.text
    for end in sorted(marks, reverse=True):
        text = text[:end] + "".join(f"[{number}]" for number in dict.fromkeys(marks[end])) + text[end:]
    return text + footnotes(answer)


def _place(citation: Citation) -> tuple[str, str, int, int]:
    return (citation.kb, citation.doc_id, citation.start, citation.end)


def _distinct(citations: Sequence[Citation]) -> list[Citation]:
    return list({_place(one): one for one in citations}.values())


def _numbers(citations: Sequence[Citation]) -> dict[tuple[str, str, int, int], int]:
    return {_place(one): number for number, one in enumerate(_distinct(citations), 1)}


def _line(citation: Citation) -> str:
    quote = " ".join(citation.quote.split())
    if len(quote) > _QUOTE_CHARS:
        quote = quote[:_QUOTE_CHARS] + "…"
    return f"{citation.document}{f' · {citation.page}' if citation.page else ''}: “{quote}”"
