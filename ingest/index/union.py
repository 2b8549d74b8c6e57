"""Several knowledge bases searched as one.

An id's upper bits tell the member, its lower ones are the member's own, so that ids of one knowledge base alone stay as
they are. What is measured against a whole, the mean of cosines and how rare a word is, is measured against all members
together: a sentence is worth the same whichever of them it stands in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ingest.errors import KeyRAGError
from ingest.index.backend import SEARCHED, Dense, Lexical
from ingest.index.dense import DenseHits
from ingest.index.knowledge_base import KnowledgeBase
from ingest.index.lexical import rarity
from ingest.index.moments import standardised
from ingest.index.scope import Scope
from ingest.index.store import Store, UnitRow
from ingest.index.view import View
from ingest.types import LEVELS, Level

_BITS = 48
_OWN = (1 << _BITS) - 1
# More would leave the 53 bits that a number in JavaScript holds.
MOST_MEMBERS = 1 << (53 - _BITS)

Ids = NDArray[np.int64]


def own_id(unit_id: int) -> int:
    """Give the id that a unit has in its own knowledge base.

    >>> own_id(7), own_id((3 << 48) + 7)
    (7, 7)
    """
    return unit_id & _OWN


class Union:
    """Several knowledge bases, for whoever reads only; stands in for one of them.

    :raises KeyRAGError: if there are too many.
    """

    def __init__(self, members: Sequence[KnowledgeBase]) -> None:
        if len(members) > MOST_MEMBERS:
            raise KeyRAGError(f"{len(members)} knowledge bases are too many at once: name at most {MOST_MEMBERS}")
        self.name = "+".join(member.name for member in members)
        self.store = UnionStore([member.store for member in members])
        self._members = members

    def view(self) -> UnionView:
        """Give the newest generation of each."""
        return UnionView(tuple(member.view() for member in self._members))


class UnionStore:
    """What searches and packing read of the members' stores."""

    def __init__(self, members: Sequence[Store]) -> None:
        self._members = members

    def units(self, ids: Iterable[int]) -> dict[int, UnitRow]:
        """Give the units with these ids; ids that do not exist are left out."""
        found: dict[int, UnitRow] = {}
        for member, own in _split_ids(ids):
            rows = self._members[member].units(own).values()
            found |= {row.unit_id: row for row in (_moved(row, member) for row in rows)}
        return found

    def inside(self, parents: Iterable[int]) -> list[UnitRow]:
        """Give the units directly inside these units, in reading order within each."""
        return [_moved(row, m) for m, own in _split_ids(parents) for row in self._members[m].inside(own)]

    def unit_keys(self, ids: Iterable[int]) -> dict[int, list[str]]:
        """Give the texts of the keys of each of these units."""
        found: dict[int, list[str]] = {}
        for member, own in _split_ids(ids):
            found |= {_id(key, member): texts for key, texts in self._members[member].unit_keys(own).items()}
        return found

    def versions_in(self, scope: Scope) -> set[int] | None:
        """Give the versions of the documents in ``scope``; None stands for all."""
        listed = [member.versions_in(scope) for member in self._members]
        return None if None in listed else {_id(v, m) for m, held in enumerate(listed) for v in held or ()}

    def sentences_in(self, scope: Scope) -> Ids | None:
        """Give the sentences, int64 (n,), under the heading that ``scope`` names; None stands for all."""
        listed = [member.sentences_in(scope) for member in self._members]
        found = [_shifted(held, member) for member, held in enumerate(listed) if held is not None]
        return np.concatenate(found) if found else None


@dataclass(frozen=True)
class UnionView:
    """One generation of every member; see :class:`ingest.index.knowledge_base.View`."""

    members: tuple[View, ...]

    @cached_property
    def dense(self) -> dict[Level, UnionDense]:
        return {level: UnionDense([view.dense[level] for view in self.members]) for level in LEVELS}

    @cached_property
    def lexical(self) -> dict[Level, UnionLexical]:
        return {level: UnionLexical([view.lexical[level] for view in self.members]) for level in SEARCHED}

    def sentences_of(self, segments: Ids) -> Ids:
        return _joined([_shifted(self.members[m].sentences_of(own), m) for m, own, _ in _split(segments)])

    def held(self, sentences: Ids) -> Ids:
        return _joined([_shifted(self.members[m].held(own), m) for m, own, _ in _split(sentences)])

    def segments_of(self, sentences: Ids) -> Ids:
        found = np.zeros(len(sentences), np.int64)
        for member, own, where in _split(sentences):
            found[where] = _shifted(self.members[member].segments_of(own), member)
        return found

    def articles_of(self, sentences: Ids) -> Ids:
        found = np.zeros(len(sentences), np.int64)
        for member, own, where in _split(sentences):
            found[where] = _shifted(self.members[member].articles_of(own), member)
        return found


class UnionDense:
    """The keys of one level in every member; see :class:`ingest.index.backend.Dense`."""

    def __init__(self, members: Sequence[Dense]) -> None:
        self._members = members

    def __len__(self) -> int:
        return sum(map(len, self._members))

    def search(self, question: NDArray[np.float32], k: int, versions: set[int] | None = None) -> DenseHits:
        held = _by_member(versions, len(self._members))
        found = [index.search(question, k, own) for index, own in zip(self._members, held, strict=True)]
        cosines = np.concatenate([hits.cosines for hits in found])
        best = np.argsort(-cosines, kind="stable")[:k]
        keys = np.concatenate([_shifted(hits.keys, member) for member, hits in enumerate(found)])
        units = np.concatenate([_shifted(hits.units, member) for member, hits in enumerate(found)])
        return DenseHits(keys[best], units[best], cosines[best])

    def cosines(self, question: NDArray[np.float32], units: Ids) -> NDArray[np.float32]:
        found = np.zeros(len(units), np.float32)
        for member, own, where in _split(units):
            found[where] = self._members[member].cosines(question, own)
        return found

    def standardise(self, question: NDArray[np.float32], cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        sizes = np.array([len(index) for index in self._members], np.float64)
        moments = np.array([index.moments(question) for index in self._members])
        mean, square = (sizes / max(sizes.sum(), 1)) @ moments
        return standardised(cosines, mean, square)


class UnionLexical:
    """The words of one level in every member; see :class:`ingest.index.backend.Lexical`."""

    def __init__(self, members: Sequence[Lexical]) -> None:
        self._members = members

    def frequencies(self, given: list[str]) -> tuple[list[int], int]:
        counts, sizes = zip(*(index.frequencies(given) for index in self._members), strict=True)
        return [sum(column) for column in zip(*counts, strict=True)], sum(sizes)

    def search(
        self, question_terms: list[str], k: int, versions: set[int] | None = None
    ) -> tuple[Ids, NDArray[np.float32]]:
        terms = list(dict.fromkeys(question_terms))
        everywhere, size = self.frequencies(terms)
        held = _by_member(versions, len(self._members))
        units, scores = [], []
        for member, (index, own) in enumerate(zip(self._members, held, strict=True)):
            here, count = index.frequencies(terms)
            # The member weighs a word by how rare it is there; what counts is how rare it is in all.
            boosts = {
                term: rarity(all_, size) / rarity(few, count)
                for term, all_, few in zip(terms, everywhere, here, strict=True)
                if few
            }
            found, scored = index.search([term for term in terms if term in boosts], k, own, boosts)
            units.append(_shifted(found, member))
            scores.append(scored)
        joined = np.concatenate(scores)
        best = np.argsort(-joined, kind="stable")[:k]
        return np.concatenate(units)[best], joined[best]


def _id(own: int, member: int) -> int:
    return own + (member << _BITS)


def _shifted(own: Ids, member: int) -> Ids:
    return own + (member << _BITS)


def _moved(row: UnitRow, member: int) -> UnitRow:
    parent = None if row.parent is None else _id(row.parent, member)
    return replace(row, unit_id=_id(row.unit_id, member), parent=parent)


def _split_ids(ids: Iterable[int]) -> list[tuple[int, list[int]]]:
    """Give each member that is meant and its own ids."""
    return [(member, own.tolist()) for member, own, _ in _split(np.fromiter(ids, np.int64))]


def _split(ids: Ids) -> list[tuple[int, Ids, NDArray[np.bool_]]]:
    """Give each member that is meant, its own ids, and where they stand among all."""
    members = ids >> _BITS
    return [(int(m), ids[members == m] & _OWN, members == m) for m in np.unique(members)]


def _by_member(ids: set[int] | None, count: int) -> list[set[int] | None]:
    if ids is None:
        return [None] * count
    held: list[set[int] | None] = [set() for _ in range(count)]
    for member, own in _split_ids(ids):
        held[member] = set(own)
    return held


def _joined(parts: Sequence[Ids]) -> Ids:
    return np.concatenate([np.zeros(0, np.int64), *parts])
