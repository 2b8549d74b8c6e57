from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rag.cite import cite
from rag.pack import Packed, Passage, Span
from tests.rag.context import packed

TEXTS = ["员工每年有十天年假。", "病假期间按基本工资的80%发放。", "上海的住宿标准为每晚650元。"]


def _packed() -> Packed:
    passages = []
    start = 0
    for n, text in enumerate(TEXTS, 1):
        span = Span(100 + n, start, start + len(text), text, n)
        passages.append(Passage(n, "d", "手册", ("手册",), n, text, (span,)))
        start += len(text) + 1
    return Packed(tuple(passages))


def test_each_statement_is_tied_to_the_sentence_that_says_it() -> None:
    answer = "年假为十天。住宿标准是650元。"
    statements = cite(answer, "年假几天？住宿标准多少？", _packed())
    assert [[c.n for c in s.citations] for s in statements] == [[1], [3]]
    cited = statements[1].citations[0]
    assert (cited.quote, cited.page, answer[cited.answer_start : cited.answer_end]) == (
        TEXTS[2],
        3,
        "住宿标准是650元。",
    )
    assert "\n".join(TEXTS)[cited.start : cited.end] == cited.quote


def test_what_nothing_supports_has_little_support() -> None:
    (statement,) = cite("班车早上七点发车。", "班车几点发车？", _packed())
    assert statement.support < 0.3


def test_a_statement_that_joins_two_sentences_cites_both() -> None:
    (statement,) = cite("年假十天，病假发80%工资", "假期待遇？", _packed())
    assert {citation.n for citation in statement.citations} == {1, 2}


@settings(deadline=None)
@given(st.text(max_size=80))
def test_statements_cover_any_answer_in_order(answer: str) -> None:
    statements = cite(answer, "问", _packed())
    end = 0
    for statement in statements:
        assert end <= statement.start < statement.end <= len(answer)
        assert not answer[end : statement.start].strip()
        assert 0 <= statement.support <= 1
        end = statement.end
    assert not answer[end:].strip()


def test_the_same_fact_in_two_documents_is_cited_with_both() -> None:
    context = packed(("员工每年有十天年假。", "班车七点发车。"), ("公司规定：员工每年有10天年假。",), ("病假三天。",))
    (statement,) = cite("员工每年有10天年假。", "年假几天？", context)
    assert {citation.doc_id for citation in statement.citations} == {"d1", "d2"}


def test_list_items_and_rows_are_statements_of_their_own() -> None:
    answer = "待遇：\n- 年假十天\n- 病假发80%\n\n| 住宿 | 650元 |"
    statements = cite(answer, "待遇？", _packed())
    assert [[c.n for c in s.citations] for s in statements if s.claims] == [[1], [2], [3]]
    assert [s.claims for s in statements] == [False, True, True, True]


def test_words_that_only_lead_in_need_no_support() -> None:
    for opening in ("根据已知信息，", "根據已知信息，"):
        (statement,) = cite(f"{opening}年假为十天。", "年假几天？", _packed())
        assert statement.support == 1.0


def test_the_words_that_tie_a_sentence_together_need_no_support() -> None:
    (statement,) = cite("雨桥的本名是廖羽。", "雨桥本来叫什么？", packed(("雨桥，本名廖羽，歌手。",)))
    assert statement.support == 1.0


def test_a_sentence_with_several_numbers_of_a_long_statement_is_cited_for_them() -> None:
    context = packed(
        ("The drought of 2010 hit 1,160,000 square miles (3,000,000 km2) of the forest.",),
        ("From 2000 to 2005 a mean of 22,392 km2 (8,646 sq mi) a year was lost, 18% more than the 19,018 km2 before.",),
    )
    answer = (
        "The drought hit 1,160,000 square miles (3,000,000 km2), and from 2000 to 2005 a mean of 22,392 km2 "
        "(8,646 sq mi) a year was lost, 18% more than the 19,018 km2 before."
    )
    (statement,) = cite(answer, "How many square miles did the drought hit, and how much was lost?", context)
    assert {citation.n for citation in statement.citations} == {1, 2}


def test_what_the_title_says_needs_not_be_said_again_by_the_sentence() -> None:
    context = packed(("全年实现营业收入18.64亿元。",), titles=("云岭智能制造有限公司会议纪要",))
    (statement,) = cite("云岭智能制造有限公司的营业收入是18.64亿元。", "营业收入多少？", context)
    assert statement.support == 1.0


def test_each_item_of_an_enumeration_is_cited_where_it_stands() -> None:
    steps = (
        "第一步，提出申请：提前三十日书面通知公司。",
        "第二步，工作交接：填写清单，由接手人签字确认。",
        "第三步，归还物品：向行政部归还工牌和电脑。",
        "第四步，结算证明：七日内结清工资。",
        "离职面谈记录保存两年。",
    )
    context = packed(steps)
    answers = (
        "离职要办提出申请、工作交接、归还物品、结算证明等手续。",
        "手续包括结算证明和归还物品，工作交接，提出申请。",
    )
    for answer in answers:
        (statement,) = cite(answer, "离职要办哪些手续？", context)
        assert {citation.quote for citation in statement.citations} == set(steps[:4])
        assert statement.support >= 0.5
    (statement,) = cite("离职要办提出申请、体检等手续。", "离职要办哪些手续？", context)
    assert {citation.quote for citation in statement.citations} == {steps[0]}


def test_an_answer_in_another_language_is_judged_by_its_numbers_and_names_alone() -> None:
    context = packed(
        ("The Victoria and Albert Museum grew out of the Great Exhibition of 1851.", "It is open daily."),
        ("Admission is free of charge.", "Lunch is served from noon."),
    )
    question = "What did the Victoria and Albert Museum grow out of?"
    (statement,) = cite("该博物馆源于1851年的 Great Exhibition。", question, context)
    assert (statement.claims, statement.support, statement.citations[0].unit_id) == (True, 1.0, 100)
    (wrong,) = cite("该博物馆源于1862年的 Great Exhibition。", question, context)
    assert wrong.support < 1
    (untold,) = cite("参观是免费的。", "Is admission free of charge?", context)
    assert (untold.claims, untold.citations[0].unit_id) == (False, 200)
    (chinese,) = cite("The hotel limit in Shanghai is CNY 650.", "上海的住宿标准是多少？", _packed())
    assert (chinese.claims, chinese.support, chinese.citations[0].n) == (True, 1.0, 3)
