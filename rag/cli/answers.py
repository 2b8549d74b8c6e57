"""How an answer looks in the terminal: it appears as it is written, its citations stand below as footnotes."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator, Sequence

from rag.answer import Answer, Event, Sources, Token
from rag.cite import Citation
from rag.cli.app import out
from rag.cli.display import cut, printable, shown

_LONGEST_QUOTE = 160
_LONGEST_STATEMENT = 24


def show_as_it_comes(events: Iterator[Event]) -> tuple[Sources | None, Answer]:
    """Print an answer while the model writes it, then its footnotes; interrupted, it stops the model.

    :return: what the model read, None if a route took the question, and the whole answer.
    """
    sources: Sources | None = None
    written = ""
    waiting = out.status("searching")
    waiting.start()
    try:
        for event in events:
            if isinstance(event, Sources):
                sources = event
                if event.rewritten:
                    out.print(f"[dim]Searching for: {shown(event.rewritten)}[/]")
                count = len(event.packed.passages)
                waiting.update(f"reading {count} passage{'s' if count != 1 else ''}")
            elif isinstance(event, Token):
                waiting.stop()
                written += event.text
                sys.stdout.write(printable(event.text))
                sys.stdout.flush()
            else:
                waiting.stop()
                if written:
                    sys.stdout.write("\n")
                if event.text != written.strip():  # a refusal, or a second try of the model
                    out.print(shown(event.text))
                show_footnotes(event)
                return sources, event
    finally:
        waiting.stop()
        if isinstance(events, Generator):
            events.close()
    raise AssertionError("an answer ends with an Answer")


def footnotes(citations: Sequence[Citation]) -> list[Citation]:
    """Give each cited sentence once, in the order of the answer; the first is footnote 1."""
    return list({_place(citation): citation for citation in reversed(citations)}.values())[::-1]


def _place(citation: Citation) -> tuple[str, str, int]:
    return citation.kb, citation.doc_id, citation.start


def with_marks(text: str, citations: Sequence[Citation]) -> str:
    """Put ``[1]``, ``[2]``, ... behind the statements of an answer, numbered as :func:`footnotes` does."""
    numbers = {_place(note): n for n, note in enumerate(footnotes(citations), 1)}
    marks: dict[int, str] = {}
    for citation in citations:
        mark = f"[{numbers[_place(citation)]}]"
        marks[citation.answer_end] = marks.get(citation.answer_end, "") + mark
    for end in sorted(marks, reverse=True):
        said = text[:end].rstrip()
        text = said + marks[end] + text[len(said) :]
    return text


def place(citation: Citation) -> str:
    """Give where a citation stands: document and page."""
    return citation.document + (f", p. {citation.page}" if citation.page else "")


def show_footnotes(answer: Answer) -> None:
    """List the sentences an answer rests on, and what the checks found."""
    notes = footnotes(answer.citations)
    several = len({note.answer_start for note in notes}) > 1
    for n, note in enumerate(notes, 1):
        line = f"  [cyan]\\[{n}][/] {shown(place(note))}: [dim]{shown(cut(note.quote, _LONGEST_QUOTE))}[/]"
        if several:
            statement = cut(answer.text[note.answer_start : note.answer_end].strip(), _LONGEST_STATEMENT)
            line += f" [dim italic]← {shown(statement)}[/]"
        out.print(line)
    if answer.nearest:
        out.print("  Closest in the documents, in other words or about something else:")
    for hit in answer.nearest:
        where = " > ".join(hit.heading_path) + (f", p. {hit.page}" if hit.page else "")
        out.print(f"  - {shown(where)}: [dim]{shown(cut(hit.text, _LONGEST_QUOTE))}[/]")
    if answer.mode == "quoted" and not answer.refused:
        out.print("  [yellow]No language model is configured: these are the best sentences, word for word.[/]")
    grounding = answer.grounding
    if grounding and grounding.faults:
        words = dict.fromkeys(fault.text for fault in grounding.faults)
        out.print(f"  [red]Not in the cited sentences: {shown(', '.join(words))}[/]")
    for denied in grounding.dropped_negations if grounding else ():
        out.print(f"  [red]A cited sentence denies it: {shown(denied)}[/]")
    for statement in grounding.unsupported if grounding else ():
        out.print(f"  [yellow]Weakly supported: {shown(statement)}[/]")
    if answer.looped:
        out.print("  [yellow]The model began to repeat itself; the answer was cut there.[/]")
    out.print(f"  [dim]{timing_line(answer)}[/]")


def timing_line(answer: Answer) -> str:
    """Sum up the timings of an answer in a line."""
    parts = [f"{answer.timings['total_ms'] / 1000:.1f} s"]
    if "retrieve_ms" in answer.timings:
        parts.append(f"retrieval {answer.timings['retrieve_ms']:.0f} ms")
    if "first_token_ms" in answer.timings:
        parts.append(f"first token {answer.timings['first_token_ms'] / 1000:.1f} s")
    if answer.usage:
        parts.append(f"{answer.usage['prompt_tokens']} + {answer.usage['completion_tokens']} tokens")
    return ", ".join(parts)
