"""The kinds of key, what each is made from, and which of them a unit gets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from langchain_core.embeddings import Embeddings

from ingest.errors import KeyRAGError
from ingest.keyinfo.analysers import load_analyser, load_role_labeller
from ingest.keyinfo.antecedent import antecedent
from ingest.keyinfo.clauses import clauses
from ingest.keyinfo.context import context
from ingest.keyinfo.extractor import Extractor, each
from ingest.keyinfo.generated import PROMPTS, Generated, Writer, prompt_text
from ingest.keyinfo.keyphrases import Keyphrases, TfIdf
from ingest.keyinfo.phrases import phrase_keys
from ingest.keyinfo.roles import role_keys
from ingest.settings import KeyInfoSettings, Settings
from ingest.types import Key, Level, Unit

PLAIN: Mapping[str, Extractor] = {"context": each(context), "antecedent": antecedent, "clauses": each(clauses)}
"""The kinds that are made from the text alone."""

_PHRASES = ("entities", "noun_phrases", "keyphrases", "tfidf")
KINDS = (*PLAIN, *_PHRASES, "roles", *PROMPTS)


def extractors(settings: Settings, embeddings: Embeddings) -> Mapping[str, Extractor]:
    """Make the extractors of the kinds that the settings name, by kind; models are loaded only for these.

    :raises KeyRAGError: if a kind is unknown, or what it needs is not installed or can't be loaded.
    """
    wanted = _wanted(settings.keyinfo)
    made = dict(PLAIN)
    if wanted & {*_PHRASES}:
        analyser = load_analyser(settings.keyinfo)
        made["entities"] = phrase_keys(analyser.entities)
        made["noun_phrases"] = phrase_keys(analyser.noun_phrases)
        made["keyphrases"] = Keyphrases(analyser, embeddings, settings.keyinfo.phrases)
        made["tfidf"] = TfIdf(analyser, settings.keyinfo.phrases)
    if "roles" in wanted:
        made["roles"] = role_keys(load_role_labeller(settings.keyinfo).roles)
    if written := wanted & {*PROMPTS}:
        writer = Writer(settings)
        made |= {kind: Generated(kind, writer, settings) for kind in written}
    return made


def keys(
    units: Iterable[Unit],
    settings: KeyInfoSettings,
    extractors: Mapping[str, Extractor] = PLAIN,
    made: Callable[[int], None] = lambda count: None,
) -> list[Key]:
    """Give the keys of a document's units, in the order of the units, of the kinds that the settings name.

    A text that is a unit's key already is not given twice.

    :param units: all units of the document, by ordinal.
    :param made: called with the number of keys so far whenever a language model has written some.
    :raises KeyRAGError: if a kind is unknown.
    """
    _wanted(settings)
    document = list(units)
    found: dict[tuple[int, str], Key] = {}
    for level, kinds in _by_level(settings).items():
        chosen = [unit for unit in document if unit.level == level]
        for kind in kinds:
            for unit, texts in zip(chosen, extractors[kind](chosen, document), strict=True):
                for text in texts:
                    found.setdefault((unit.ordinal, text), Key(unit.ordinal, kind, text))
                if kind in PROMPTS:
                    made(len(found))
    return sorted(found.values(), key=lambda key: key.unit)


def key_shape(settings: Settings) -> dict[str, Any]:
    """Give everything that shapes keys: the settings and, where a language model writes them, its name and prompts."""
    own = settings.keyinfo.model_dump(mode="json", exclude={"chat"})
    if written := sorted(_wanted(settings.keyinfo) & {*PROMPTS}):
        own["model"] = settings.keyinfo.chat_settings(settings.chat).model
        own["prompts"] = [prompt_text(kind, language, settings) for kind in written for language in ("zh", "en")]
    return own


def _by_level(settings: KeyInfoSettings) -> dict[Level, tuple[str, ...]]:
    return {"sentence": settings.sentence, "segment": settings.segment, "article": settings.article}


def _wanted(settings: KeyInfoSettings) -> set[str]:
    wanted = {kind for kinds in _by_level(settings).values() for kind in kinds}
    for kind in sorted(wanted):
        if kind not in KINDS:
            raise KeyRAGError(f"keyinfo kind {kind!r} is unknown: choose from {', '.join(KINDS)}")
    return wanted
