"""Names and noun phrases by a spaCy pipeline (https://spacy.io)."""

from __future__ import annotations

from ingest.errors import KeyRAGError
from ingest.keyinfo.patterns import Patterns
from ingest.keyinfo.words import Word

# Universal parts of speech as the letters of ingest.keyinfo.words.
_TAGS = {"PROPN": "N", "NUM": "M", "SYM": "Q", "NOUN": "n", "ADJ": "a", "VERB": "v"}
# Chunks that name nothing.
_PRONOUNS = frozenset(("PRON", "DET"))


class Spacy:
    """A spaCy pipeline.

    :param model: an installed package such as ``en_core_web_sm``, or a folder.
    :raises KeyRAGError: if spaCy or the model is missing.
    """

    def __init__(self, model: str) -> None:
        try:
            import spacy
        except ImportError as error:
            raise KeyRAGError("keyinfo.analyser spacy needs the package spacy: pip install spacy") from error
        try:
            self._parse = spacy.load(model)
        except OSError as error:
            raise KeyRAGError(
                f"spaCy model {model!r} can't be loaded: install it, or set keyinfo.analyser_model to its folder"
            ) from error
        self._patterns = Patterns(self._tag)

    def entities(self, text: str) -> list[str]:
        return list(dict.fromkeys(entity.text for entity in self._parse(text).ents))

    def noun_phrases(self, text: str) -> list[str]:
        """Give the chunks of the parser; in a language whose chunks spaCy does not know, patterns of its tags."""
        document = self._parse(text)
        if document.vocab.get_noun_chunks is None or not document.has_annotation("DEP"):
            return self._patterns.noun_phrases(text)
        return list(dict.fromkeys(chunk.text for chunk in document.noun_chunks if chunk.root.pos_ not in _PRONOUNS))

    def _tag(self, text: str) -> list[Word]:
        return [Word(token.idx, token.idx + len(token.text), _TAGS.get(token.pos_, "o")) for token in self._parse(text)]
