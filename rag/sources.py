"""What the model is about to read: the question made to stand alone, its hits, the packed text, the evidence."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from langchain_core.example_selectors import BaseExampleSelector

from ingest.index.store import Store
from ingest.index.union import UnionStore
from ingest.models.chat import Chat, chat_errors
from ingest.models.tokens import estimate_tokens
from ingest.settings import Settings
from ingest.types import Hit
from rag.checks.evidence import evidence
from rag.checks.injection import gives_orders
from rag.decompose import decompose
from rag.examples import examples_text
from rag.history import Conversation, Turn, is_short, refers_back, stand_alone
from rag.language import Language, language_of
from rag.pack import Packed, pack
from rag.parse import TEXT, Output
from rag.prompt import context_text, example_template, question_text, template
from rag.retrieve import Retriever
from rag.translate import is_held, other_language, translated

# Hits looked at: more than any sensible budget holds.
_DEPTH = 60
# A short question with this evidence needs nothing of what was said before.
_STANDS_ALONE = 0.5
ANSWERED = 0.5
"""With less evidence a question is looked for in the other language too."""
# With less evidence in the other language, the question's own documents are read: a translation may miss.
_FOUND = 0.15
# How much more a hit of the translation must score to come before one of the question's own words: where documents of
# both languages tell of the same things, those in the question's own are meant (docs/benchmarks.md).
_OWN_LEAD = 5.0
# Sections named where there is no answer.
_NEAREST = 3
# What stands between a follow-up and its rewriting: of five forms the one that the default model understood best.
_THAT_IS = {"zh": "即：", "en": " That is: "}


@dataclass(frozen=True, slots=True)
class Sources:
    """What the model is about to read.

    ``rewritten`` is the question that was searched for, if not the user's: made to stand alone, or translated. Of
    these the prompt shows the first, ``alone``, behind the user's.
    ``system`` is the message in front of the prompt, "" for none.
    ``suspicious`` are sentences of the packed text that give orders to a language model.
    """

    question: str
    rewritten: str | None
    language: Language
    hits: tuple[Hit, ...]
    packed: Packed
    evidence: float
    prompt: str
    suspicious: tuple[str, ...] = ()
    output: Output = TEXT
    system: str = ""
    alone: str | None = None

    @property
    def asked(self) -> str:
        """The question as it was searched for."""
        return self.rewritten or self.question

    @property
    def translated(self) -> bool:
        return self.rewritten != self.alone

    @property
    def nearest(self) -> tuple[Hit, ...]:
        """The best hit of each of the sections that come closest to the question, at most three."""
        best: dict[tuple[str, str, tuple[str, ...]], Hit] = {}
        for hit in self.hits:
            best.setdefault((hit.kb, hit.doc_id, hit.heading_path), hit)
        return tuple(best.values())[:_NEAREST]


Lasted = Callable[[str, float], None]
"""Takes the name of a step and when it began, in seconds of ``time.perf_counter``."""


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds the sources of a question in one knowledge base, and fills prompts with them."""

    retriever: Retriever
    store: Store | UnionStore
    chat: Chat | None
    settings: Settings
    examples: BaseExampleSelector | None = None
    summaries: dict[tuple[Turn, ...], str] = field(default_factory=dict)

    def find(self, question: str, turns: Sequence[Turn], output: Output, lasted: Lasted) -> Sources:
        """:raises KeyRAGError: if the chat model fails at rewriting a follow-up."""
        chosen = self.settings.answer.language
        language = language_of(question) if chosen == "auto" else chosen
        wanted = turns and self.settings.history.turns
        rewritten = alone = self._rewritten(question, turns, language, lasted) if wanted else None
        began = time.perf_counter()
        asked = alone or question
        hits, found = self._found(asked)
        before = time.perf_counter()
        if translation := self._translated(asked, found):
            elsewhere, held = self._found(translation)
            if held > max(found, _FOUND):
                rewritten, found = translation, held
                # The evidence counts words, and people seldom ask in those of the text: where documents are in both
                # languages, those in the question's own may still be the ones.
                both = is_held(language_of(asked), self.retriever.frequencies)
                hits = _united(hits, elsewhere) if both else elsewhere
            lasted("translate_ms", before)
            began += time.perf_counter() - before
        packed = self._packed(hits)
        suspicious = tuple(
            span.text for passage in packed.passages for span in passage.spans if gives_orders(span.text)
        )
        if suspicious and self.settings.prompt.suspicious == "leave_out":
            packed = self._packed([hit for hit in hits if not gives_orders(hit.text)], leave_out=True)
        lasted("retrieve_ms", began)
        sources = Sources(
            question, rewritten, language, tuple(hits), packed, found, "", suspicious, output, alone=alone
        )
        prompt = self.prompt(self.settings.prompt.answer, sources)
        return replace(sources, prompt=prompt, system=self._system(sources))

    def _system(self, sources: Sources) -> str:
        """Give the message in front of the prompt; forms of answer other than text are asked for in the prompt."""
        name = self.settings.prompt.system
        if name is None or sources.output.kind != "text":
            return ""
        return template(self.settings.prompt, name, sources.language, frozenset()).format()

    def prompt(self, name: str, sources: Sources, more: Mapping[str, str] | None = None) -> str:
        """Fill a template with context, question and ``more``."""
        settings = self.settings.prompt
        question = sources.question
        if sources.alone:
            question += _THAT_IS[sources.language] + sources.alone
        question = question_text(settings, question, sources.output, sources.language)
        values = {"context": context_text(sources.packed), "question": question, **(more or {})}
        filled = template(settings, name, sources.language, frozenset(values)).format(**values)
        if self.examples is None:
            return filled
        example = example_template(settings, sources.language)
        return examples_text(self.examples, example, sources.asked) + filled

    def _packed(self, hits: Sequence[Hit], *, leave_out: bool = False) -> Packed:
        if not hits:
            return Packed(())
        measure = self.chat.count_tokens if self.chat else estimate_tokens
        limits = self.settings.pack
        best = hits[0].why.fused
        worth = [hit for hit in hits if hit.why.fused >= min(limits.min_share * best, best)]
        packed = pack(self.store, worth, limits.budget_tokens, measure, limits.neighbours)
        return _without_orders(packed) if leave_out else packed

    def _found(self, asked: str) -> tuple[list[Hit], float]:
        """Give the hits for a question and the evidence that they answer it."""
        hits = self.retriever.retrieve(asked, _DEPTH)
        return hits, evidence(decompose(asked), hits, self.retriever.frequencies)

    def _rewritten(self, question: str, turns: Sequence[Turn], language: Language, lasted: Lasted) -> str | None:
        """Give the question made to stand alone, None if it does already."""
        if not refers_back(question) and not (is_short(question) and self._found(question)[1] < _STANDS_ALONE):
            return None
        began = time.perf_counter()
        prompts = self.settings.prompt
        condense = template(prompts, prompts.condense, language, frozenset({"history", "question"}))
        summarise = template(prompts, prompts.summarise, language, frozenset({"history"}))
        conversation = Conversation(self.settings.history, self.chat, summarise, self.summaries)
        with chat_errors(self.settings.chat):
            rewritten = stand_alone(question, conversation.kept(turns), self.chat, condense, conversation.before(turns))
        lasted("rewrite_ms", began)
        return rewritten

    def _translated(self, asked: str, found: float) -> str | None:
        """Give the question in the other language, None where its own answers it or no document is in the other."""
        prompts = self.settings.prompt
        language = other_language(asked)
        if found >= ANSWERED or prompts.translate is None or self.chat is None:
            return None
        if not is_held(language, self.retriever.frequencies):
            return None
        prompt = template(prompts, prompts.translate, language_of(asked), frozenset({"question"}))
        with chat_errors(self.settings.chat):
            return translated(asked, self.chat, prompt)


def _united(own: Sequence[Hit], translated: Sequence[Hit]) -> list[Hit]:
    """Give the hits of both, best first, each as the search that ranks it higher has it."""
    less = [replace(hit, why=replace(hit.why, fused=round(hit.why.fused - _OWN_LEAD, 4))) for hit in translated]
    best: dict[int, Hit] = {}
    for hit in sorted((*own, *less), key=lambda hit: -hit.why.fused):
        best.setdefault(hit.unit_id, hit)
    return list(best.values())


def _without_orders(packed: Packed) -> Packed:
    """Leave out neighbours of hits too that give orders."""
    passages = []
    for passage in packed.passages:
        spans = tuple(span for span in passage.spans if not gives_orders(span.text))
        if len(spans) == len(passage.spans):
            passages.append(passage)
        elif spans:
            text = "\n".join(span.text for span in spans)
            passages.append(replace(passage, text=text, spans=spans))
    return Packed(tuple(replace(passage, n=n) for n, passage in enumerate(passages, 1)))
