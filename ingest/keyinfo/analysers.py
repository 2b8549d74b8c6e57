"""Who finds names, noun phrases and roles in a text: patterns of parts of speech, or a parser that is installed."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ingest.errors import KeyRAGError
from ingest.keyinfo.patterns import Patterns
from ingest.keyinfo.words import by_language, jieba_words, lac_words
from ingest.settings import KeyInfoSettings


class Analyser(Protocol):
    """Finds phrases, each as it stands in the text, in order and once."""

    def entities(self, text: str) -> list[str]:
        """Give names, dates and numbers with their units."""
        ...

    def noun_phrases(self, text: str) -> list[str]:
        """Give phrases that name things."""
        ...


@runtime_checkable
class RoleLabeller(Protocol):
    """Finds who did what to whom."""

    def roles(self, text: str) -> list[str]:
        """Give a text for each predicate, see :func:`ingest.keyinfo.roles.role_text`."""
        ...


def load_analyser(settings: KeyInfoSettings) -> Analyser:
    """Load the analyser that the settings name.

    :raises KeyRAGError: if its package or model is missing.
    """
    if settings.analyser == "patterns":
        return Patterns(by_language(jieba_words))
    if settings.analyser == "lac":
        lac_words("")  # loads it: what is missing is told before the first document is read
        return Patterns(by_language(lac_words))
    if settings.analyser_model is None:
        raise KeyRAGError(f"keyinfo.analyser {settings.analyser} needs a model: set keyinfo.analyser_model")
    if settings.analyser == "spacy":
        from ingest.keyinfo.with_spacy import Spacy

        return Spacy(settings.analyser_model)
    if settings.analyser == "hanlp":
        from ingest.keyinfo.with_hanlp import Hanlp

        return Hanlp(settings.analyser_model)
    from ingest.keyinfo.with_ltp import Ltp

    return Ltp(settings.analyser_model)


def load_role_labeller(settings: KeyInfoSettings) -> RoleLabeller:
    """Load the analyser that the settings name, for semantic roles.

    :raises KeyRAGError: if it labels none.
    """
    analyser = load_analyser(settings)
    if not isinstance(analyser, RoleLabeller):
        raise KeyRAGError(f"keyinfo.analyser {settings.analyser} labels no roles: set it to hanlp or ltp")
    return analyser
