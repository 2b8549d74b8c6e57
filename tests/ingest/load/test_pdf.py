from __future__ import annotations

import pytest

from ingest.errors import LoadError

from .conftest import Read
from .samples import TextLine, pdf_bytes, wrapped

PARAGRAPH = (
    "本公司员工每年享有十天年假，工作满十年的员工享有十五天年假，当年未休完的年假可以顺延到次年三月底，逾期作废，" * 2
)


def test_chinese_lines_are_joined_and_paragraphs_kept_apart(read: Read) -> None:
    lines = [
        *wrapped("　　" + PARAGRAPH[:-1] + "。", 36, 700),
        *wrapped("　　病假另算，按当地规定执行。", 36, 634),
    ]
    document = read("手册.pdf", pdf_bytes([lines]))
    assert [block.text for block in document.blocks] == [PARAGRAPH[:-1] + "。", "病假另算，按当地规定执行。"]
    assert (document.title, document.pages, document.blocks[0].page) == ("手册", 1, 1)


def test_english_lines_are_joined_and_hyphens_mended(read: Read) -> None:
    texts = (
        "KeyRAG keeps two levels of every document, the keys that are searched and the multi-",
        "lingual text that is read, and both are kept in one database so that a kill at any time",
        "loses nothing.",
        "A second paragraph begins after a short line, and it too goes on over the end of a line,",
        "as paragraphs do.",
    )
    lines = [(80, 700 - 14 * number, 11, text) for number, text in enumerate(texts)]
    assert [block.text for block in read("a.pdf", pdf_bytes([lines])).blocks] == [
        "KeyRAG keeps two levels of every document, the keys that are searched and the multilingual text "
        "that is read, and both are kept in one database so that a kill at any time loses nothing.",
        "A second paragraph begins after a short line, and it too goes on over the end of a line, as paragraphs do.",
    ]


def running_pages(count: int) -> list[list[TextLine]]:
    return [
        [
            (80, 800, 9, "公司内部文件"),
            (80, 700, 11, f"项目{number * 7}的代号是{number * 31}，由第{number % 5}组负责。"),
            (280, 30, 9, f"第 {number} 页 共 {count} 页" if number % 2 else f"{number}"),
        ]
        for number in range(1, count + 1)
    ]


@pytest.mark.parametrize("count", [2, 3, 12])
def test_running_heads_and_page_numbers_are_left_out(count: int, read: Read) -> None:
    document = read("a.pdf", pdf_bytes(running_pages(count)))
    assert "公司内部文件" not in document.text and "共" not in document.text
    assert [block.page for block in document.blocks] == list(range(1, count + 1))
    assert all(block.text.startswith("项目") for block in document.blocks)


def test_lines_with_other_numbers_on_every_page_are_content(read: Read) -> None:
    pages = [[(80, 780, 11, f"Code {number * 37 % 101} opens room {number}.")] for number in range(1, 9)]
    assert len(read("a.pdf", pdf_bytes(pages)).blocks) == 8


def test_headings_come_from_type_size_and_numbering(read: Read) -> None:
    pages = [
        [
            (80, 780, 20, "员工手册"),
            (80, 740, 16, "第一章 假期"),
            *wrapped(PARAGRAPH[:70] + "。", 36, 710),
            (80, 660, 11, "一、年假"),
            *wrapped(PARAGRAPH[:50] + "。", 36, 640),
            (80, 590, 16, "第二章 薪酬"),
            *wrapped("工资每月十日发放，遇节假日提前。", 36, 560),
        ]
    ]
    document = read("a.pdf", pdf_bytes(pages, title="员工手册"))
    assert document.title == "员工手册"
    assert [(b.text, b.heading_path) for b in document.blocks if b.kind == "heading"] == [
        ("员工手册", ()),
        ("第一章 假期", ()),
        ("一、年假", ("第一章 假期",)),
        ("第二章 薪酬", ()),
    ]
    assert document.blocks[-1].heading_path == ("第二章 薪酬",)


def test_headings_come_from_the_outline(read: Read) -> None:
    pages = [
        [
            (80, 780, 11, "Safety"),
            (80, 750, 11, "Wear gloves at all times when the lid is open."),
            (80, 720, 11, "Gloves"),
            (80, 690, 11, "They are in the drawer."),
        ],
        [(80, 780, 11, "Service"), (80, 750, 11, "Call us.")],
    ]
    outline = (("Safety", 0, 0), ("Gloves", 0, 1), ("Service", 1, 0))
    document = read("a.pdf", pdf_bytes(pages, outline=outline))
    assert [(b.text, b.kind, b.heading_path) for b in document.blocks] == [
        ("Safety", "heading", ()),
        ("Wear gloves at all times when the lid is open.", "paragraph", ("Safety",)),
        ("Gloves", "heading", ("Safety",)),
        ("They are in the drawer.", "paragraph", ("Safety", "Gloves")),
        ("Service", "heading", ()),
        ("Call us.", "paragraph", ("Service",)),
    ]


def test_headings_with_numbers_are_those_of_an_outline_without(read: Read) -> None:
    lines = [
        (80, 780, 11, "Chapter 2 Safety"),
        (80, 750, 11, "2.1 gloves and boots"),
        (80, 720, 11, "They are in the drawer."),
        (80, 690, 11, "2.1.1 “Why not mittens”"),
        (80, 660, 11, "They slip."),
    ]
    outline = (("Safety", 0, 0), ("gloves and boots", 0, 1), ("“Why not mittens”", 0, 2))
    document = read("a.pdf", pdf_bytes([lines], outline=outline))
    assert [(b.kind, len(b.heading_path)) for b in document.blocks] == [
        ("heading", 0),
        ("heading", 1),
        ("paragraph", 2),
        ("heading", 2),
        ("paragraph", 3),
    ]


def test_large_headings_are_ranked_by_decimal_numbers_before_any_word(read: Read) -> None:
    lines = [
        (80, 780, 11, "Body text of the usual size stands in most of the lines of this page, as it should."),
        (80, 750, 15, "4.5 Groups"),
        (80, 720, 15, "4.5.3 “Why not wheel”"),
        (80, 690, 15, "4.5.4 su command"),
        (80, 660, 11, "Another line of the usual size ends the page, and it is long enough to be the body."),
    ]
    document = read("a.pdf", pdf_bytes([lines]))
    assert document.blocks[-1].heading_path == ("4.5 Groups", "4.5.4 su command")


def test_a_paragraph_goes_on_over_a_page_break(read: Read) -> None:
    text = PARAGRAPH[:-1] + "。"
    pages = [wrapped(text[:72], 36, 100), wrapped(text[72:], 36, 780)]
    blocks = read("a.pdf", pdf_bytes(pages)).blocks
    assert [(block.text, block.page) for block in blocks] == [(text, 1)]


def test_two_columns_are_read_one_after_the_other(read: Read) -> None:
    left = wrapped(PARAGRAPH[:60] + "。", 18, 700, x=60)
    right = wrapped("第二栏的文字在第一栏之后，" + PARAGRAPH[:40] + "。", 18, 700, x=320)
    blocks = read("a.pdf", pdf_bytes([[*left, *right]])).blocks
    assert [block.text[:4] for block in blocks] == ["本公司员", "第二栏的"]


def test_pages_without_text_are_named(read: Read) -> None:
    with pytest.raises(LoadError, match=r"^blank\.pdf: holds no text: check"):
        read("blank.pdf", pdf_bytes([[], []]))
    mixed = read("mixed.pdf", pdf_bytes([[(80, 700, 11, "Text.")], []]))
    assert mixed.warnings == ("without text: page 2",)


def test_500_pages_are_read_whole(read: Read) -> None:
    text = "The keys that are searched and the text that is read are kept in one database, page after page. "
    page = [(60.0, 780.0 - 14 * line, 10.0, text[:90]) for line in range(45)]
    content = pdf_bytes([[*page, (300, 20, 9, str(number))] for number in range(500)])
    document = read("long.pdf", content)
    assert document.pages == 500
