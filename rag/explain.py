"""What each stage of a search gave, for people who want to know why something is found or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.types import Hit
from rag.decompose import decompose

# Hits ranked to show the best of each kind of search: more than the searches bring in.
DEPTH = 1000


@dataclass(frozen=True, slots=True)
class Stages:
    """The parts of the question, and the hits that are best by meaning, by words, and by both."""

    parts: tuple[str, ...]
    dense: tuple[Hit, ...]
    lexical: tuple[Hit, ...]
    fused: tuple[Hit, ...]


def stages(question: str, hits: Sequence[Hit], k: int) -> Stages:
    """Take the ranked hits of a search apart; ``k`` are shown of each kind."""
    dense = sorted(hits, key=lambda hit: -hit.why.dense)[:k]
    lexical = sorted((hit for hit in hits if hit.why.lexical > 0), key=lambda hit: -hit.why.lexical)[:k]
    return Stages(tuple(decompose(question)), tuple(dense), tuple(lexical), tuple(hits[:k]))
