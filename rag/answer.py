"""What an answer consists of, and the trace of how it came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ingest.types import Hit
from rag.checks.grounding import Grounding
from rag.cite import Citation
from rag.compliance import Compliant
from rag.generate import Attempt
from rag.routes import Routed
from rag.sources import Sources

Mode = Literal["generated", "quoted", "scripted", "asked_back", "compliant"]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer as it comes."""

    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer.

    ``evidence`` is the probability, 0 to 1, that the documents hold the answer, judged before the model is asked;
    ``answerable`` the same after it has read the text and said whether it does, None if it was not asked that.
    ``mode`` is ``generated``; ``quoted`` where there is no language model; ``scripted`` or ``asked_back`` where a
    route took the question; ``compliant`` where an approved phrasing stands in for the answer. ``parsed`` is the
    value of an answer in another form than text. ``retried`` names the second tries of the model. ``timings`` are
    milliseconds since the question came, but for ``rewrite_ms``, ``translate_ms``, ``retrieve_ms`` and
    ``generate_ms``, which are durations. ``usage`` counts tokens; it is empty where the model does not tell.
    ``nearest`` are places to look at where the question is refused, best first; what was asked may stand there in
    other words, or not at all.
    """

    text: str
    refused: bool
    evidence: float
    citations: tuple[Citation, ...]
    grounding: Grounding | None
    looped: bool
    rewritten: str | None
    mode: Mode
    model: str | None
    timings: Mapping[str, float]
    usage: Mapping[str, int] = field(default_factory=dict)
    parsed: Any = None
    retried: tuple[str, ...] = ()
    answerable: float | None = None
    routed: Routed | None = None
    compliant: Compliant | None = None
    nearest: tuple[Hit, ...] = ()


Event = Sources | Token | Answer


@dataclass(slots=True)
class Trace:
    """How an answer came about; ``raw`` is the answer before compliance, ``shown`` what was given in the end."""

    question: str
    session: str | None = None
    caller: str | None = None
    sources: Sources | None = None
    attempts: Sequence[Attempt] = ()
    raw: Answer | None = None
    shown: Answer | None = None
