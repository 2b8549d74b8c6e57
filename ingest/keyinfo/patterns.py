"""Entities and noun phrases as patterns of parts of speech."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.keyinfo.words import Tagger, Word

# One letter a word, "/" where words are not next to each other; the tags are those of ingest.keyinfo.words.
_ENTITY = re.compile(r"N+|[TMQ]*T[TM]*|Q?M+[QTM]*n?")
_NOUN_PHRASE = re.compile(r"[aNnTM]*[Nn]")
# What may stand between the words of a phrase: "威廉·琼斯", "New York"; between those of a date a comma too.
_GAPS = frozenset(("", " ", "·", "・", "‧", "•", "-"))
_DOTS = "·・‧•- \u3000"
_LONGEST = 8
_SHORTEST = 2
_COUNT = re.compile(r"[一二三两兩几幾数數这這那每各某第]?[个個些种種位名次]?$")


@dataclass(frozen=True, slots=True)
class Patterns:
    """Finds phrases in tagged text, each as it stands there, in order and once."""

    tag: Tagger

    def entities(self, text: str) -> list[str]:
        """Give names, dates and numbers with their units."""
        return list(dict.fromkeys(self._spans(text, _ENTITY)))

    def noun_phrases(self, text: str) -> list[str]:
        """Give runs of adjectives, names and nouns that end in a noun or a name."""
        return list(dict.fromkeys(self._spans(text, _NOUN_PHRASE)))

    def _spans(self, text: str, pattern: re.Pattern[str]) -> Iterator[str]:
        words = [word for word in self.tag(text) if text[word.start : word.end].strip(_DOTS)]
        tags, places = "", []
        for number, word in enumerate(words):
            if number and not _next_to(words[number - 1], word, text):
                tags += "/"
                places.append(number)
            tags += word.tag
            places.append(number)
        for match in pattern.finditer(tags):
            first, last = words[places[match.start()]], words[places[match.end() - 1]]
            phrase = text[first.start : last.end].strip()
            if match.end() - match.start() <= _LONGEST and len(phrase) >= _SHORTEST and not _COUNT.match(phrase):
                yield phrase


def _next_to(before: Word, word: Word, text: str) -> bool:
    gap = text[before.end : word.start]
    return gap in _GAPS or (gap == ", " and before.tag in "TM" and word.tag in "TM")
