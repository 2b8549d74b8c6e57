from __future__ import annotations

import pytest

from ingest.load.clean import join_lines
from ingest.load.headings import numbered_level, numbered_levels

from .conftest import Read

SIMPLIFIED = "第一章 总则\n本公司员工每年享有十天年假。\n工作满十年的员工享有十五天。\n"
TRADITIONAL = "第一章 總則\n本公司員工每年享有十天年假。\n工作滿十年的員工享有十五天。\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED, "utf-8"),
        (SIMPLIFIED, "utf-8-sig"),
        (SIMPLIFIED, "utf-16"),
        (SIMPLIFIED, "utf-16-le"),
        (SIMPLIFIED, "utf-16-be"),
        (SIMPLIFIED, "utf-32"),
        (SIMPLIFIED, "gb18030"),
        (SIMPLIFIED, "gb2312"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL, "utf-8"),
        ("价格表：打印机二百元，纸张十元\n", "gb18030"),
        ("電源開關說明\n", "big5"),
        ("これは日本語の文章です。文字コードを確認します。", "shift_jis"),
        ("이것은 한국어 문장입니다. 문자 코드를 확인합니다.\n" * 9, "euc_kr"),
        ("Съешь же ещё этих мягких французских булок, да выпей чаю.", "cp1251"),
        ("Café crème, déjà vu à l'été. Voilà une phrase très française.\n", "cp1252"),
    ],
)
def test_every_encoding_is_recognised(text: str, encoding: str, read: Read) -> None:
    document = read("a.txt", text.encode(encoding))
    assert document.text == text.strip()
    assert not document.warnings


def test_a_cut_utf8_file_is_read_and_reported(read: Read) -> None:
    document = read("a.txt", SIMPLIFIED.encode()[:-5])
    assert document.text == SIMPLIFIED.strip()[:-2]
    assert document.warnings == ("1 bytes are no utf-8 and were left out",)


def test_numbered_headings_make_the_path(read: Read) -> None:
    document = read(
        "a.txt", "第一章 总则\n正文一。\n第一节 范围\n正文二。\n一、适用\n正文三。\n第二章 假期\n正文四。\n"
    )
    paths = {block.text: block.heading_path for block in document.blocks if block.kind == "paragraph"}
    assert paths == {
        "正文一。": ("第一章 总则",),
        "正文二。": ("第一章 总则", "第一节 范围"),
        "正文三。": ("第一章 总则", "第一节 范围", "一、适用"),
        "正文四。": ("第二章 假期",),
    }


@pytest.mark.parametrize(
    "line",
    [
        "2.5 kg of flour",
        "3 台打印机",
        "1998年",
        "第三部分是附录。",
        "一、本合同自签字之日起生效。",
        "1.2.2026",
        "共3页",
    ],
)
def test_what_only_looks_numbered_is_no_heading(line: str) -> None:
    assert numbered_level(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "2.1 年假",
        "1.2概述",
        "3. 年度计划",
        "1 Introduction",
        "2.3.1 Data",
        "第二章　附则",
        "（一）范围",
        "附录A 术语",
    ],
)
def test_numberings_of_headings_are_known(line: str) -> None:
    assert numbered_level(line) is not None


def test_steps_and_tables_of_contents_are_no_headings() -> None:
    assert numbered_levels(["1. Open", "2. Close", "Text", "3. Scope", "Text"]) == [None, None, None, 6, None]
    assert numbered_levels(["第一章 总则", "第二章 假期", "正文"]) == [None, None, None]


def test_wrapped_lines_are_joined_and_short_lines_are_not(read: Read) -> None:
    english = (
        "KeyRAG keeps two levels of every document, the keys that are searched and the multi-\n"
        "lingual text that is read; both are kept in one database so that a kill at any mo-\n"
        "ment loses nothing.\n\nA second paragraph follows here.\n"
    )
    assert read("a.txt", english).text.split("\n") == [
        "KeyRAG keeps two levels of every document, the keys that are searched and the multilingual text "
        "that is read; both are kept in one database so that a kill at any moment loses nothing.",
        "A second paragraph follows here.",
    ]
    chinese = "　　本公司员工每年享有十天年假，工作满十年的员工享有十五天\n"
    chinese += "年假，当年未休完的年假可以顺延到次年三月底，逾期作废。\n　　病假另算。\n"
    assert [block.text for block in read("b.txt", chinese).blocks] == [
        "本公司员工每年享有十天年假，工作满十年的员工享有十五天年假，当年未休完的年假可以顺延到次年三月底，逾期作废。",
        "病假另算。",
    ]
    facts = "".join(
        f"编号{number}的仪器放在{number + 7}号楼的第二间实验室，由张老师保管。\n" for number in range(10, 20)
    )
    assert len(read("d.txt", facts).blocks) == 10
    assert len(read("c.txt", "姓名：张三\n电话：123456\n部门：财务部\n").blocks) == 3


def test_lines_are_joined_by_their_script() -> None:
    assert join_lines(["年假", "十天", "KeyRAG", "文档"]) == "年假十天 KeyRAG 文档"
    assert (
        join_lines(["自2026", "年1月1日起，", "YL300的重复精度为", "0.03毫米"])
        == "自2026年1月1日起，YL300的重复精度为0.03毫米"
    )
    assert join_lines(["Anglo-", "American state-", "ment"]) == "Anglo-American statement"


def test_a_csv_row_can_be_understood_alone(read: Read) -> None:
    assert [b.text for b in read("a.csv", "型号,价格,备注\nX1,299 元,\nX2,,停产\n").blocks] == [
        "型号：X1；价格：299 元",
        "型号：X2；备注：停产",
    ]
    assert [b.text for b in read("b.csv", 'Model;Price\nX1;299\n"X;2";"3\n4"\n').blocks] == [
        "Model: X1; Price: 299",
        "Model: X;2; Price: 3 4",
    ]
    assert [b.text for b in read("c.tsv", "Model\tPrice\nX1\t2,99\n".encode("utf-16")).blocks] == [
        "Model: X1; Price: 2,99"
    ]
    assert all(block.kind == "row" for block in read("d.csv", "a,b\n1,2\n").blocks)


def test_pairs_of_name_and_value_need_no_header(read: Read) -> None:
    assert [b.text for b in read("a.csv", "姓名：,张三\n部门：,财务\n").blocks] == [
        "姓名：张三",
        "部门：财务",
    ]


def test_json_lines_keep_titles_as_headings_and_records_as_rows(read: Read) -> None:
    document = read("a.jsonl", '{"title": "假期", "text": "十天。\\n顺延。"}\n\n{"型号": "X1", "价格": 299}\n"plain"\n')
    assert [(b.text, b.kind, b.heading_path) for b in document.blocks] == [
        ("假期", "heading", ()),
        ("十天。", "paragraph", ("假期",)),
        ("顺延。", "paragraph", ("假期",)),
        ("型号：X1；价格：299", "row", ()),
        ("plain", "paragraph", ()),
    ]


def test_a_wrapped_line_that_begins_with_a_date_is_no_heading(read: Read) -> None:
    lines = (
        "The supplier reports its carbon emissions of the last calendar year to the company by\n"
        "31 March of each year. The company publishes the sums in its own report on the environment\n"
        "and keeps the figures of each supplier to itself.\n"
    )
    document = read("report.txt", lines)
    assert not [block for block in document.blocks if block.kind == "heading"]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("关于放假的通知\n\n各部门：国庆节放假七天。\n", "关于放假的通知"),
        ("Holiday notice\r\n\r\nThe office is closed.\r\n", "Holiday notice"),
        ("国庆节放假七天。\n\n请各部门安排好工作。\n", "file"),
        ("关于放假的通知\n各部门：国庆节放假七天。\n", "file"),
        ("2025-01-01 10:00 started\n\n2025-01-01 10:01 stopped\n", "file"),
        ("只有一行", "file"),
    ],
)
def test_a_first_line_that_stands_alone_is_the_title(text: str, title: str, read: Read) -> None:
    document = read("file.txt", text)
    assert document.title == title
    assert "".join(document.text.split()) == "".join(text.split())
