from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.rag.web.conftest import ANSWER, DESKTOP, MEMO, PHONE, QUESTION, Site, Visit, ask


@pytest.mark.parametrize(
    ("locale", "size", "words"),
    [
        (
            "en-US",
            DESKTOP,
            ("New knowledge base", "Added", "page 2", "Page 2 of 2", "Good answer", "Thank you.", "History"),
        ),
        ("zh-CN", PHONE, ("新建知识库", "已添加", "第 2 页", "第 2 页，共 2 页", "回答得好", "谢谢。", "历史")),
    ],
    ids=["desktop, English", "phone, Chinese"],
)
def test_from_the_upload_to_the_marked_page_and_the_history(
    visit: Visit, site: Site, documents: tuple[Path, Path], locale: str, size: dict[str, int], words: tuple[str, ...]
) -> None:
    new, added, cited, shown, good, thanks, history = words
    site.chat.reply, site.chat.pause = MEMO[1], 0.01
    page = visit("documents", locale=locale, size=size)
    page.locator(".kb-button").click()
    page.get_by_role("button", name=new).click()
    name = f"memos-{locale}"
    page.locator("dialog input").fill(name)
    page.locator("dialog input").press("Enter")
    expect(page.locator(".kb-name")).to_have_text(name)

    page.locator("input[type=file]").first.set_input_files(documents[1])
    expect(page.locator(".work-list li")).to_contain_text("memo.pdf")
    expect(page.locator(".work-list .tag")).to_contain_text(added)
    expect(page.locator(".documents .document")).to_contain_text("memo")

    page.locator("#nav a").first.click()
    question = "When does the canteen close on Fridays?"
    page.locator("#question").fill(question)
    page.locator("#question").press("Enter")
    expect(page.locator(".turn[aria-busy]")).to_be_visible()
    turn = page.locator(".turn")
    expect(turn.locator(".answer-text")).to_contain_text(MEMO[1])

    turn.locator(".cite").first.hover()
    expect(page.get_by_role("tooltip")).to_contain_text(MEMO[1])
    expect(page.get_by_role("tooltip")).to_contain_text(cited)
    expect(turn.locator(".said.lit")).to_be_visible()
    with page.expect_response(re.compile(r"/pages/2\.png\?highlight=\d+")) as image:
        turn.locator(".cite").first.click()
    assert image.value.status == 200
    expect(page.locator("#source .page-image")).to_be_visible()
    expect(page.locator("#source .pager")).to_have_text(shown)
    assert page.locator(".page-image").evaluate("image => image.naturalWidth") > 500
    page.keyboard.press("Escape")
    expect(page.locator("#source")).to_be_hidden()

    turn.get_by_role("button", name=good).click()
    turn.locator(".comment input").fill("exactly")
    turn.locator(".comment input").press("Enter")
    expect(page.locator(".notice")).to_contain_text(thanks)
    given = site.service.feedback.page(name, None, 0, 10)[1]
    assert {(one.rating, one.comment) for one in given} >= {("up", "exactly")}

    page.locator("#nav a", has_text=history).click()
    page.locator(".documents .document", has_text=question).click()
    expect(page.locator(".question")).to_have_text(question)


def test_an_answer_streams_and_can_be_stopped(visit: Visit, site: Site) -> None:
    whole = "，".join(f"{ANSWER[:-1]}{number}" for number in range(100, 150))
    site.chat.reply, site.chat.pause = whole, 0.02
    page = visit()
    page.locator("#question").fill(QUESTION)
    page.locator("#question").press("Enter")
    expect(page.locator(".answer-text")).to_contain_text("工作")
    early = len(page.locator(".answer-text").inner_text())
    expect(page.locator(".answer-text")).to_have_text(re.compile(f".{{{early + 5}}}", re.DOTALL))
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".turn-status")).to_have_text("Stopped.")
    sent = site.chat.sent
    time.sleep(0.4)
    assert site.chat.sent - sent < 10 and len(page.locator(".answer-text").inner_text()) < len(whole)
    expect(page.get_by_role("button", name="Ask again")).to_be_visible()


def test_a_stream_does_not_move_what_is_read(visit: Visit, site: Site) -> None:
    site.chat.reply, site.chat.pause = f"{ANSWER}员工每年有十天年假。年假须提前三天申请。", 0.01
    page = visit()
    page.evaluate(
        "() => { window.shift = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries()) "
        "shift += entry.value }).observe({ type: 'layout-shift', buffered: false }) }"
    )
    ask(page, QUESTION)
    assert page.evaluate("shift") < 0.02


@pytest.mark.parametrize(
    ("locale", "found"),
    [("en-US", "stands nowhere in the text"), ("zh-CN", "在所读原文中没有出现")],
)
def test_checks_are_told_in_plain_words(visit: Visit, site: Site, locale: str, found: str) -> None:
    site.chat.reply = f"{ANSWER}另外每人发放4711元。"
    turn = ask(visit(locale=locale), QUESTION)
    expect(turn.locator(".checks .bad:has(b)")).to_have_text(re.compile(f"{found}.*4711"))
    expect(turn.locator(".checks q")).to_have_text("另外每人发放4711元。")
    expect(turn.locator(".weak")).to_have_text("另外每人发放4711元。")


def test_a_good_answer_says_that_all_of_it_is_backed(visit: Visit) -> None:
    turn = ask(visit(), QUESTION)
    expect(turn.locator(".checks .good")).to_have_text("Every statement and number is backed by the documents.")
    expect(turn.locator(".checks .bad")).to_have_count(0)


def test_the_hits_are_shown_with_their_scores_and_why(visit: Visit) -> None:
    turn = ask(visit(), QUESTION)
    turn.locator(".found > summary").click()
    best = turn.locator(".hit").first
    expect(best.locator(".scores")).to_have_text(
        re.compile(r"\d+% likely · [\d.]+ from meaning [\d.]+, words [\d.]+ and the date or number 3")
    )
    best.locator(".keys summary").click()
    expect(best.locator(".keys li").first).to_contain_text("年假")
    expect(turn.locator(".hit.used")).not_to_have_count(0)


def test_a_refusal_leads_to_the_playground(visit: Visit) -> None:
    page = visit()
    turn = ask(page, "唐朝的开国皇帝叫什么名字？")
    expect(turn.locator(".answer-text")).to_have_text("根据已知信息无法回答该问题")
    turn.get_by_role("link", name="Open in playground").click()
    expect(page.locator("input[name=query]")).to_have_value("唐朝的开国皇帝叫什么名字？")
    expect(page.get_by_role("tab", selected=True)).to_contain_text("Together")


def test_a_refusal_shows_the_places_that_come_closest(visit: Visit, site: Site) -> None:
    site.chat.reply = "根据已知信息无法回答该问题"
    page = visit()
    turn = ask(page, QUESTION)
    places = turn.locator(".nearest .source")
    expect(places).to_have_count(3)
    expect(places.first).to_contain_text(ANSWER)
    expect(places.first).to_contain_text("年假")
    expect(turn.locator(".cite")).to_have_count(0)
    places.first.click()
    expect(page.locator("#source mark")).to_have_text(ANSWER)


def test_a_source_without_pages_shows_the_text_around_it(visit: Visit) -> None:
    page = visit()
    ask(page, QUESTION).locator(".cite").first.click()
    expect(page.locator("#source mark")).to_have_text(ANSWER)
    expect(page.locator("#source .around").first).to_contain_text("年假须提前三天申请。")
    expect(page.locator("#source h3").first).to_contain_text("年假")


@pytest.mark.parametrize(
    ("locale", "words"), [("en-US", "on fire"), ("zh-CN", "语言模型出错。")], ids=["English", "Chinese"]
)
def test_a_failing_model_is_told_and_the_question_can_be_asked_again(
    visit: Visit, site: Site, locale: str, words: str
) -> None:
    site.chat.status = 500
    page = visit(locale=locale)
    turn = ask(page, QUESTION)
    expect(turn.get_by_role("alert")).to_contain_text(words)
    site.chat.status = 200
    turn.locator(".turn-actions button").click()
    expect(page.locator(".turn").nth(1).locator(".cite").first).to_be_visible()


def test_the_keyboard_is_enough(visit: Visit) -> None:
    page = visit("settings")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    for _ in range(40):
        if page.locator(".kb-button").evaluate("node => node === document.activeElement"):
            break
        page.keyboard.press("Shift+Tab")
    expect(page.locator(".kb-button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#kb-menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#kb-menu")).to_be_hidden()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Ask", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type(QUESTION[:10])
    page.keyboard.press("Shift+Enter")
    page.keyboard.type(QUESTION[10:])
    assert page.locator("#question").input_value() == f"{QUESTION[:10]}\n{QUESTION[10:]}"
    page.keyboard.press("Enter")
    marker = page.locator(".cite").first
    marker.focus()
    expect(page.get_by_role("tooltip")).to_contain_text("十五天")
    outline = marker.evaluate("node => getComputedStyle(node).outlineStyle")
    assert outline == "solid", "the focus must be visible"
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(marker).to_be_focused()


def test_the_answer_is_read_out_sentence_by_sentence(visit: Visit) -> None:
    page = visit()
    page.evaluate(
        "() => { window.spoken = []; const live = document.querySelector('.ask [aria-live]'); "
        "new MutationObserver(() => spoken.push(live.textContent)).observe(live, { childList: true }) }"
    )
    ask(page, QUESTION)
    assert "".join(page.evaluate("spoken")).endswith(ANSWER)


def test_an_answer_of_lists_and_emphasis_is_set_as_such_and_still_cited(visit: Visit, site: Site) -> None:
    site.chat.reply = f"假期如下：\n\n- **{ANSWER[:-1]}**。\n- 😀 `第二`\n\n1. 其一\n2. 其二"
    turn = ask(visit(), QUESTION)
    expect(turn.locator(".answer-text ul li strong")).to_have_text(ANSWER[:-1])
    expect(turn.locator(".answer-text ul li code")).to_have_text("第二")
    expect(turn.locator(".answer-text ol li")).to_have_count(2)
    expect(turn.locator(".answer-text ul li").first.locator(".cite").first).to_be_visible()
