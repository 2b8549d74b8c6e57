"""Questions that the language model writes about sentences of a knowledge base: the sentence is what must be found."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing

from ingest.errors import KeyRAGError
from ingest.index.store import Store, UnitRow
from ingest.keyinfo.generated import Generated, Writer
from ingest.settings import Settings
from ingest.types import Unit
from rag.evaluate.datasets import Query
from rag.evaluate.metrics import BUDGETS, normalised

# Shorter sentences say too little to be asked about.
_SHORTEST = 10
# Sentences that are written about, as a multiple of the questions wanted: many get no question of use.
_SPARE = 3
_SEED = 0


def written_queries(
    store: Store, settings: Settings, count: int, progress: Callable[[int], None] = lambda _: None
) -> list[Query]:
    """Have ``count`` questions written, each about another sentence, in turn from all documents; fewer if need be.

    What was written before is remembered as the keys are, so that a run that was killed goes on. A sentence whose
    questions are of no use (none in the reply, a copy of the sentence, one that was written before) is passed over.

    :param progress: is told how many there are so far.
    :raises KeyRAGError: if there is no language model, or such questions are keys of the index too.
    """
    if "questions" in settings.keyinfo.sentence + settings.keyinfo.segment:
        raise KeyRAGError(
            "questions that the model writes can't judge an index whose keys are such questions (keyinfo): "
            "name a folder of labelled questions"
        )
    write = Generated("questions", Writer(settings), settings)
    rows = _sentences(store, count * _SPARE)
    queries: dict[str, Query] = {}
    with closing(write.texts([_unit(row) for row in rows])) as written:
        for row, questions in zip(rows, written, strict=True):
            if question := next((q for q in questions if q not in queries and _usable(q, row.text)), None):
                queries[question] = Query(str(row.unit_id), question, "fine", ((row.text,),), frozenset({row.doc_id}))
                progress(len(queries))
            if len(queries) == count:
                break
    return list(queries.values())


def _sentences(store: Store, count: int) -> list[UnitRow]:
    """Choose sentences, in turn from all documents, that fit into the smallest budget."""
    draw = random.Random(_SEED)
    documents = [row.doc_id for row in store.documents()]
    draw.shuffle(documents)
    turns = [_shuffled(store, doc_id, draw) for doc_id in documents]
    chosen: list[UnitRow] = []
    while turns and len(chosen) < count:
        going = []
        for turn in turns:
            if (row := next(turn, None)) is not None:
                chosen.append(row)
                going.append(turn)
        turns = going
    return chosen[:count]


def _shuffled(store: Store, doc_id: str, draw: random.Random) -> Iterator[UnitRow]:
    rows = [
        row
        for row in store.document_units(doc_id)
        if row.level == "sentence" and row.kind != "heading" and _SHORTEST <= len(row.text) < BUDGETS[0]
    ]
    draw.shuffle(rows)
    yield from rows


def _unit(row: UnitRow) -> Unit:
    return Unit(row.ordinal, row.level, row.start, row.end, row.text, row.heading_path)


def _usable(question: str, text: str) -> bool:
    """Tell whether a question asks anything: one that repeats the text, or a part of it, doesn't."""
    asked, told = normalised(question), normalised(text)
    return bool(asked) and asked not in told and told not in asked
