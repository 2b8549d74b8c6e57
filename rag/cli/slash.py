"""What can be typed in ``keyrag chat`` in place of a question: ``/help``, ``/sources``, ..."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from ingest.errors import KeyRAGError
from rag.answer import Answer, Sources
from rag.cli.answers import timing_line
from rag.cli.app import out
from rag.cli.conversation import Conversation
from rag.cli.display import shown, shown_key, table
from rag.prompt import heading
from rag.sessions import session_markdown

_COMMAND = re.compile(r"/(\w+)(?:\s+(.*))?", re.DOTALL)
_SHOWN_HITS = 10
_SHOWN_SESSIONS = 20


class Leave(Exception):
    """The user wants to go."""


@dataclass(frozen=True, slots=True)
class Command:
    argument: str
    about: str
    run: Callable[[Conversation, str], None]


def is_command(line: str) -> bool:
    """Tell whether a line is a command; ``/etc/hosts`` at its beginning is none.

    >>> is_command("/kb hr"), is_command("/etc/hosts is what?")
    (True, False)
    """
    return _COMMAND.fullmatch(line) is not None


def run(line: str, conversation: Conversation) -> None:
    """Do what a command says.

    :raises KeyRAGError: if there is no such command, or it can't be done.
    :raises Leave: if it is ``/exit``.
    """
    match = _COMMAND.fullmatch(line)
    assert match is not None
    name, argument = match.groups()
    if name not in COMMANDS:
        raise KeyRAGError(f"there is no command /{name}: /help lists them")
    COMMANDS[name].run(conversation, (argument or "").strip())


def _help(_: Conversation, __: str) -> None:
    listed = table("", "")
    listed.show_header = False
    for name, command in COMMANDS.items():
        listed.add_row(f"[bold]/{name}[/] {command.argument}".rstrip(), command.about)
    out.print(listed)
    out.print("[dim]Ctrl-C stops an answer, Ctrl-D leaves, Alt-Enter makes a line break, Tab completes.[/]")


def _new(conversation: Conversation, _: str) -> None:
    conversation.begin()
    out.print("[dim]A new conversation; what was said before is forgotten.[/]")


def _sessions(conversation: Conversation, _: str) -> None:
    sessions = conversation.service.sessions.of(conversation.kb)
    if not sessions:
        out.print(f"[dim]There is no session in {shown(conversation.kb)} yet.[/]")
        return
    listed = table(">", "session", ">turns", "last used", "began with")
    for number, session in enumerate(sessions[:_SHOWN_SESSIONS], 1):
        here = "*" if session.session == conversation.session else ""
        cells = (shown(session.session), str(session.turns), session.updated_at[:16], shown(session.title))
        listed.add_row(f"{here}{number}", *cells)
    out.print(listed)
    if len(sessions) > _SHOWN_SESSIONS:
        out.print(f"[dim]and {len(sessions) - _SHOWN_SESSIONS} older ones[/]")


def _open(conversation: Conversation, argument: str) -> None:
    sessions = conversation.service.sessions.of(conversation.kb)
    named = {str(number): session.session for number, session in enumerate(sessions, 1)}
    named |= {session.session: session.session for session in sessions}
    if argument not in named:
        raise KeyRAGError(f"there is no session {argument!r}: give a number or a name of /sessions")
    conversation.open(named[argument])
    for turn in conversation.turns:
        out.print(f"[bold green]>[/] {shown(turn.question)}\n{shown(turn.answer)}")


def _sources(conversation: Conversation, _: str) -> None:
    sources, answer = _last(conversation)
    if sources is None:
        out.print("[dim]The answer stands in the routes: nothing was searched for.[/]")
        return
    cited = {note.n for note in answer.citations}
    for passage in sources.packed.passages:
        page = f", p. {passage.page}" if passage.page else ""
        used = " [green](cited)[/]" if passage.n in cited else ""
        out.print(f"[cyan]{shown(heading(passage))}{page}[/]{used}\n{shown(passage.text)}\n")
    if not sources.packed.passages:
        out.print("[dim]The model was given nothing: no passage was found.[/]")


def _why(conversation: Conversation, _: str) -> None:
    sources, answer = _last(conversation)
    if sources is None:
        out.print(f"the question is of the route {shown(answer.routed.route if answer.routed else '')}")
        return
    if sources.rewritten:
        out.print(f"searched for: {shown(sources.rewritten)}")
    least = conversation.service.settings.answer.min_evidence
    out.print(f"evidence {sources.evidence:.3f} (below {least:g} it is refused without asking the model)")
    if answer.answerable is not None:
        least = conversation.service.settings.answer.min_answerable
        out.print(f"after the model's word {answer.answerable:.2f} (below {least:g} it is refused)")
    if answer.grounding:
        out.print(f"support of the answer's words {answer.grounding.support:.2f}")
    out.print(timing_line(answer))
    packed = {span.unit_id for passage in sources.packed.passages for span in passage.spans}
    for rank, hit in enumerate(sources.hits[:_SHOWN_HITS], 1):
        scores = f"[cyan]{hit.score:6.2f}[/]  meaning {hit.why.dense:.2f}, words {hit.why.lexical:.2f}"
        scores += f", date or number {hit.why.answer_type:.2f}" if hit.why.answer_type else ""
        read = "" if hit.unit_id in packed else "  [dim]not read[/]"
        out.print(f"[bold]{rank:2}[/] {scores}{read}\n   {shown(hit.text)}")
        for key in hit.why.keys:
            out.print(f"   [dim]key: {shown_key(key, hit.text)}[/]")


def _last(conversation: Conversation) -> tuple[Sources | None, Answer]:
    if conversation.last is None:
        raise KeyRAGError("nothing was asked yet: ask a question first")
    return conversation.last


def _kb(conversation: Conversation, argument: str) -> None:
    if argument:
        conversation.move_to(argument)
        out.print(f"[dim]A new conversation with {shown(conversation.kb)}.[/]")
        return
    for name in conversation.service.library.names():
        out.print(f"{'*' if name == conversation.kb else ' '} {shown(name)}")


def _budget(conversation: Conversation, argument: str) -> None:
    if argument:
        conversation.set_budget(argument)
    out.print(f"The model is given up to {conversation.service.settings.pack.budget_tokens} tokens of text.")


def _export(conversation: Conversation, argument: str) -> None:
    if not argument:
        raise KeyRAGError("/export needs a file: /export talk.md or /export talk.json")
    if not conversation.turns:
        raise KeyRAGError("nothing was asked yet: ask a question first")
    target = Path(argument).expanduser()
    if target.exists():
        raise KeyRAGError(f"{target} exists already: choose another name")
    session, turns = conversation.service.sessions.get(conversation.kb, conversation.session)
    if target.suffix == ".json":
        content = {"kb": conversation.kb, **asdict(session), "turns": [asdict(turn) for turn in turns]}
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    else:
        text = session_markdown(session, turns)
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise KeyRAGError(f"{target} can't be written: {error.strerror}") from error
    out.print(f"[dim]wrote {shown(str(target))}[/]")


def _exit(_: Conversation, __: str) -> None:
    raise Leave


COMMANDS = {
    "help": Command("", "list the commands", _help),
    "new": Command("", "begin a new conversation", _new),
    "sessions": Command("", "list the conversations with this knowledge base", _sessions),
    "open": Command("N", "go on with conversation N of /sessions", _open),
    "sources": Command("", "show what the model read for the last answer", _sources),
    "why": Command("", "tell why: evidence, scores and keys of the hits", _why),
    "kb": Command("[NAME]", "change the knowledge base, or list them", _kb),
    "budget": Command("[TOKENS]", "show or change how much text the model is given", _budget),
    "export": Command("FILE", "write the conversation as Markdown, or as JSON if FILE ends in .json", _export),
    "exit": Command("", "leave", _exit),
}
