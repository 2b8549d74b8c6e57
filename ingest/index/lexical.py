"""BM25 over the units of one level: tantivy on disk, with our own terms."""

from __future__ import annotations

import json
import math
import os
import shutil
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray

from ingest.index.terms import EDITION, terms

_WRITER_BYTES = 64_000_000


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("unit", stored=True, fast=True)
    builder.add_integer_field("version", indexed=True)
    builder.add_text_field("terms", tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def rarity(holding: int, size: int) -> float:
    """Give the weight of a word by BM25 (Robertson and Zaragoza 2009, 3.2), as tantivy has it.

    ``holding`` counts units that were deleted, too, until tantivy merges its files, ``size`` does not.
    """
    return math.log(1 + (max(size - holding, 0) + 0.5) / (holding + 0.5))


class LexicalIndex:
    """A tantivy index with the set of document versions it holds.

    Adding a version first removes what a torn earlier attempt may have left of it, so that an update may
    be repeated after a kill at any point.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._schema = _schema()
        self._listing = folder / f"versions.{EDITION}.json"
        self.versions: frozenset[int] = frozenset()
        self._index = self._open()

    def _open(self) -> tantivy.Index:
        try:
            index = tantivy.Index(self._schema, path=str(self._folder), reuse=True)
            self.versions = frozenset(json.loads(self._listing.read_text()))
        except (OSError, ValueError):
            # Missing or damaged: begin with an empty index, which the caller fills from the store.
            self._clear()
            self.versions = frozenset()
            return tantivy.Index(self._schema, path=str(self._folder), reuse=False)
        return index

    def _clear(self) -> None:
        """Empty the folder. It is moved away first: an index that was open may still write to it."""
        doomed = self._folder.with_name(f".{self._folder.name}-{uuid.uuid4().hex}")
        with suppress(FileNotFoundError):
            self._folder.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)

    def update(self, removed: set[int], added: Iterable[tuple[int, int, tuple[str, ...], str]]) -> None:
        """Remove versions and add units given as (unit_id, version, heading_path, text)."""
        versions = set(self.versions) - removed
        writer = self._index.writer(heap_size=_WRITER_BYTES, num_threads=1)
        for version in removed:
            writer.delete_documents_by_query(self._version_query(version))
        for unit, version, heading_path, text in added:
            if version not in versions:
                writer.delete_documents_by_query(self._version_query(version))
                versions.add(version)
            words = " ".join(terms(" ".join((*heading_path, text))))
            writer.add_document(tantivy.Document(unit=unit, version=version, terms=words))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        temporary = self._listing.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(sorted(versions)))
        temporary.replace(self._listing)
        self.versions = frozenset(versions)

    def reload(self) -> None:
        """See what another process has written."""
        self._index.reload()
        try:
            self.versions = frozenset(json.loads(self._listing.read_text()))
        except (OSError, ValueError):
            self.versions = frozenset()

    def _version_query(self, version: int) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, "version", version)

    def frequencies(self, given: list[str]) -> tuple[list[int], int]:
        """Give the number of units that hold each term, and the number of all units."""
        searcher = self._index.searcher()
        return [searcher.doc_freq("terms", term) for term in given], searcher.num_docs

    def search(
        self,
        question_terms: list[str],
        k: int,
        versions: set[int] | None = None,
        boosts: Mapping[str, float] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Find the ``k`` units that score best: ids int64 (n,), BM25 scores float32 (n,), best first.

        :param versions: look at the units of these versions alone; None looks at all.
        :param boosts: factors for the scores of terms.
        """
        clauses = []
        for term in dict.fromkeys(question_terms):
            asked = tantivy.Query.term_query(self._schema, "terms", term, "freq")
            if boosts is not None:
                asked = tantivy.Query.boost_query(asked, boosts[term])
            clauses.append((tantivy.Occur.Should, asked))
        if not clauses:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        query = tantivy.Query.boolean_query(clauses)
        if versions is not None:
            held = tantivy.Query.term_set_query(self._schema, "version", sorted(versions))
            query = tantivy.Query.boolean_query(
                [(tantivy.Occur.Must, query), (tantivy.Occur.Must, tantivy.Query.const_score_query(held, 0.0))]
            )
        searcher = self._index.searcher()
        hits = searcher.search(query, k, count=False).hits
        units = np.array([searcher.doc(address)["unit"][0] for _, address in hits], np.int64)
        return units, np.array([score for score, _ in hits], np.float32)
