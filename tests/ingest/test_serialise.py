"""Documents as JSON values and back."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from ingest.serialise import blocks_from, document_from, document_json
from ingest.types import Block, Box, Document

_coordinates = st.integers(0, 20_000).map(lambda tenths: tenths / 10)
_boxes = st.builds(
    Box,
    page=st.integers(1, 999),
    start=st.integers(0, 99),
    end=st.integers(0, 99),
    bottom=_coordinates,
    top=_coordinates,
    edges=st.lists(_coordinates).map(tuple),
)
_blocks = st.builds(
    Block,
    text=st.text(),
    kind=st.sampled_from(["heading", "paragraph", "list", "row", "code"]),
    heading_path=st.lists(st.text()).map(tuple),
    page=st.none() | st.integers(1, 999),
    boxes=st.lists(_boxes).map(tuple),
)
_documents = st.builds(
    Document,
    doc_id=st.text(),
    title=st.text(),
    source=st.text(),
    media_type=st.text(),
    sha256=st.text(),
    blocks=st.lists(_blocks).map(tuple),
    pages=st.none() | st.integers(1, 999),
    warnings=st.lists(st.text()).map(tuple),
)


@given(_documents)
def test_a_document_comes_back_from_json_as_it_was(document: Document) -> None:
    assert document_from(json.loads(json.dumps(document_json(document)))) == document


def test_blocks_of_an_older_store_are_read_without_boxes() -> None:
    assert blocks_from([["十天。", "paragraph", ["年假"], 3]]) == (Block("十天。", "paragraph", ("年假",), 3),)
