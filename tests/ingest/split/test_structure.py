from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingest.config import load_settings
from ingest.models.tokens import estimate_tokens
from ingest.split import Splitter
from ingest.types import Block, BlockKind, Document, Unit
from tests.small import HashedEmbeddings

METHODS = ("structure", "discourse", "cohesion")


def splitter(**changes: object) -> Splitter:
    limits = {"sentence_max_chars": 40, "segment_min_tokens": 20, "segment_max_tokens": 80}
    return Splitter(load_settings(overrides={"split": {**limits, **changes}}).split, HashedEmbeddings())


SPLITTERS = [splitter(method=method, cut=cut) for method in METHODS for cut in ("bisect", "forward")]
SPLITTER = SPLITTERS[0]

_TEXT = st.text(alphabet=st.sampled_from("年假有天ab。！，; "), min_size=1, max_size=200).filter(str.strip)
_KINDS: list[BlockKind] = ["paragraph", "list", "row", "code"]


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Blocks below headings up to two deep, as the loaders give them."""
    blocks: list[Block] = []
    path: tuple[str, ...] = ()
    for number in range(draw(st.integers(min_value=1, max_value=8))):
        if draw(st.booleans()):
            path = path[: draw(st.integers(min_value=0, max_value=1))]
            heading = f"第{number}章"
            blocks.append(Block(heading, "heading", path))
            path = (*path, heading)
        blocks.append(Block(draw(_TEXT), draw(st.sampled_from(_KINDS)), path, page=number + 1))
    return Document("d", "手册", "s", "text/plain", "0", tuple(blocks))


def of(units: tuple[Unit, ...], level: str) -> list[Unit]:
    return [unit for unit in units if unit.level == level]


def doc(*blocks: Block) -> Document:
    return Document("d", "手册", "s", "text/plain", "0", blocks)


@given(documents(), st.sampled_from(SPLITTERS))
def test_every_character_below_a_heading_is_in_one_sentence_and_every_unit_is_its_span(
    document: Document, splitter: Splitter
) -> None:
    units = splitter.split(document)
    covered = [0] * len(document.text)
    for unit in units:
        assert unit.text == document.text[unit.start : unit.end]
        if unit.level == "sentence":
            for position in range(unit.start, unit.end):
                covered[position] += 1
    offset = 0
    for block in document.blocks:
        for position, char in enumerate(block.text, offset):
            if block.kind == "heading":
                assert covered[position] == 0
            else:
                assert covered[position] == 1 or (char.isspace() and covered[position] == 0)
        offset += len(block.text) + 1


@given(documents())
def test_units_form_a_tree_in_reading_order(document: Document) -> None:
    units = SPLITTER.split(document)
    assert [unit.ordinal for unit in units] == list(range(len(units)))
    assert [unit.level for unit in units if unit.parent is None] == ["article"]
    for unit in units[1:]:
        assert unit.parent is not None
        parent = units[unit.parent]
        assert (parent.level, unit.level) in {("article", "segment"), ("segment", "sentence")}
        assert parent.start <= unit.start < unit.end <= parent.end
    for before, after in pairwise(of(units, "sentence")):
        assert before.end <= after.start


@given(documents(), st.sampled_from(SPLITTERS))
def test_a_segment_stays_under_one_heading_and_within_its_length(document: Document, splitter: Splitter) -> None:
    units = splitter.split(document)
    for segment in of(units, "segment"):
        inside = [unit for unit in units if unit.parent == segment.ordinal]
        assert inside[0].start == segment.start and inside[-1].end == segment.end
        assert {unit.heading_path for unit in inside} == {segment.heading_path}
        assert sum(estimate_tokens(unit.text) for unit in inside) <= 80 or len(inside) == 1


def test_a_short_paragraph_joins_the_next_and_the_last_the_one_before() -> None:
    short, long = "年假十天。", "病假要医生证明，三天以内。" * 4
    units = SPLITTER.split(doc(Block(short), Block(short), Block(long), Block(long), Block(short)))
    assert [segment.text for segment in of(units, "segment")] == [f"{short}\n{short}\n{long}", f"{long}\n{short}"]


def test_a_table_a_list_and_what_introduces_them_are_one_segment() -> None:
    text, rows = (
        "出差的住宿标准按城市的级别分为以下三档：",
        [f"城市：第{n}档。标准：每晚{n}00元整。" for n in range(1, 4)],
    )
    units = SPLITTER.split(doc(Block("前言" * 20 + "。"), Block(text), *(Block(row, "row") for row in rows)))
    assert [segment.text for segment in of(units, "segment")] == ["前言" * 20 + "。", "\n".join([text, *rows])]


def test_code_is_cut_between_lines() -> None:
    code = "\n".join(f"    value_{n} = compute(n. a, {n})  # step." for n in range(4))
    assert [unit.text for unit in of(SPLITTER.split(doc(Block(code, "code"))), "sentence")] == [
        line.strip() for line in code.split("\n")
    ]


def test_headings_stand_in_the_path_and_are_no_sentences() -> None:
    units = SPLITTER.split(doc(Block("年假", "heading"), Block("十天。", heading_path=("年假",))))
    assert [(unit.text, unit.heading_path) for unit in of(units, "sentence")] == [("十天。", ("手册", "年假"))]


def test_a_heading_with_nothing_below_it_is_kept_as_a_sentence() -> None:
    units = SPLITTER.split(
        doc(Block("附件另发", "heading"), Block("年假", "heading"), Block("十天。", heading_path=("年假",)))
    )
    assert [unit.text for unit in of(units, "sentence")] == ["附件另发", "十天。"]


def test_a_table_row_is_one_statement() -> None:
    row = "型号：PPR-9087。价格：30元。颜色：白。产地：上海。质保：五年。重量：三公斤。"
    assert [unit.text for unit in of(SPLITTER.split(doc(Block(row, "row"))), "sentence")] == [row]


def test_an_empty_document_is_only_its_article() -> None:
    assert [unit.level for unit in SPLITTER.split(doc())] == ["article"]
