from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ingest.pipeline import SourceFile
from rag.api.keys import ApiKeys
from tests.rag.web.conftest import ANSWER, PHONE, QUESTION, Site, Visit, ask


def test_the_playground_shows_what_each_stage_gives(visit: Visit) -> None:
    page = visit("search")
    page.get_by_label("Query").fill(QUESTION)
    page.get_by_label("Budget").fill("60")
    page.get_by_label("Hits").fill("4")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator(".result [role=status]")).to_have_text(re.compile(r"4 hits in \d+ ms"))
    expect(page.locator(".hit")).to_have_count(4)
    expect(page.locator(".hit").first).to_contain_text(ANSWER)
    fused = page.get_by_role("tab", selected=True)
    fused.press("ArrowLeft")
    expect(page.get_by_role("tab", selected=True)).to_contain_text("By words")
    expect(page.get_by_role("tabpanel")).to_contain_text("BM25")
    page.get_by_role("tab", name="By meaning").click()
    expect(page.locator(".hit").first.locator(".keys")).to_be_visible()
    page.get_by_role("tab", name="What the model reads").click()
    size = re.search(r"(\d+) of 60 characters", page.get_by_role("tabpanel").inner_text())
    assert size and 0 < int(size[1]) <= 60
    expect(page.locator(".passages")).to_contain_text(ANSWER)


def test_the_parts_of_a_question_are_shown(visit: Visit) -> None:
    page = visit("search", "demo", "年假有几天？另外，病假怎么请？")
    expect(page.locator(".parts li")).to_have_text(["年假有几天？", "病假怎么请？"])


def test_conversations_are_found_renamed_exported_reopened_and_deleted(visit: Visit) -> None:
    page = visit()
    ask(page, QUESTION)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".turn")).to_have_count(0)
    ask(page, "出差到上海的住宿标准是多少？")
    expect(page.locator("#recent a")).to_contain_text(["出差到上海的住宿标准是多少？"])
    page.get_by_role("link", name="History").click()
    page.get_by_label("Find by title").fill("上海")
    row = page.locator(".documents li", has_text="上海").first
    row.get_by_role("button", name="Rename").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("Hotels 上海")
    page.keyboard.press("Enter")
    row = page.locator(".documents li", has_text="Hotels")
    with page.expect_download() as download:
        row.get_by_role("button", name="Export").click()
    assert download.value.suggested_filename == "Hotels 上海.md"
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "出差到上海的住宿标准是多少？" in text and ANSWER in text
    row.get_by_role("link").click()
    expect(page.locator(".question")).to_have_text("出差到上海的住宿标准是多少？")
    expect(page.locator(".cite").first).to_be_visible()
    page.get_by_role("link", name="History").click()
    page.locator(".documents li", has_text="Hotels").get_by_role("button", name="Delete").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".documents li", has_text="Hotels")).to_have_count(0)


def test_all_knowledge_bases_are_asked_together(visit: Visit, site: Site, documents: tuple[Path, Path]) -> None:
    site.service.ingest("menus", [SourceFile(documents[1])])
    site.chat.reply = "The canteen closes at 14:30 on Fridays."
    page = visit("ask")
    page.locator(".kb-button").click()
    page.get_by_role("button", name="All together").click()
    expect(page.locator(".kb-name")).to_have_text("All together")
    turn = ask(page, "When does the canteen close on Fridays?")
    turn.locator(".cite").first.click()
    expect(page.locator("#source .page-image")).to_be_visible()
    page.keyboard.press("Escape")
    page.reload()
    expect(page.locator(".kb-name")).to_have_text("All together")
    expect(page.locator(".turn")).to_have_count(1)
    page.get_by_role("link", name="Documents").click()
    page.get_by_role("link", name="menus", exact=True).click()
    expect(page.locator(".kb-name")).to_have_text("menus")
    expect(page.locator(".documents .document")).to_have_count(1)


def test_what_people_thought_is_listed_for_those_who_look_after_the_documents(visit: Visit, site: Site) -> None:
    kb = "judged"
    site.service.kb(kb, create=True)
    for number in range(31):
        site.service.feedback.add(kb, f"Question {number}?", "An answer.", "up")
    site.service.feedback.add(kb, "何时发工资？", "每月一日。", "down", "<b>应为十日</b>")
    page = visit("history", kb)
    page.get_by_role("link", name="What people thought").click()
    rows = page.locator(".judgements > li")
    expect(rows).to_have_count(30)
    expect(rows.first).to_contain_text("每月一日。")
    expect(rows.first.locator("blockquote")).to_have_text("<b>应为十日</b>")
    page.get_by_role("button", name="Next page").click()
    expect(rows).to_have_count(2)
    page.get_by_label("Which ones").select_option(label="Bad answer")
    expect(rows).to_have_count(1)
    rows.first.get_by_role("link").click()
    expect(page.get_by_label("Query")).to_have_value("何时发工资？")


def test_the_language_follows_the_browser_switches_at_once_and_is_remembered(visit: Visit) -> None:
    page = visit(locale="zh-CN")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    turn = ask(page, QUESTION)
    expect(turn.locator(".checks .good")).to_have_text("每句话和每个数字都有原文依据。")
    page.get_by_role("button", name="English").click()
    expect(turn.locator(".checks .good")).to_have_text("Every statement and number is backed by the documents.")
    expect(page.locator("#question")).to_have_attribute("placeholder", "Ask about your documents")
    assert page.evaluate("document.documentElement.lang") == "en"
    page.reload()
    expect(page.locator("#nav a").first).to_have_text("Ask")


def test_the_colours_follow_the_system_switch_and_are_remembered(visit: Visit) -> None:
    page = visit(dark=True)
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    page.get_by_role("button", name="Light colours").click()
    light = page.evaluate(paper)
    assert dark != light
    page.reload()
    expect(page.get_by_role("button", name="Dark colours")).to_be_visible()
    assert page.evaluate(paper) == light
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("As the system").check()
    assert page.evaluate(paper) == dark


def test_settings_in_force_and_usage_are_shown(visit: Visit) -> None:
    page = visit("settings")
    expect(page.locator(".figures dd")).to_have_count(6)
    page.locator("summary", has_text="retrieve").click()
    expect(page.locator(".settings", has_text="retrieve.candidates").last).to_contain_text("100")


@pytest.mark.parametrize("keep", [False, True], ids=["until the tab closes", "on the device"])
def test_a_key_is_asked_for_kept_as_chosen_and_used_for_images_too(visit: Visit, site: Site, keep: bool) -> None:
    keys = ApiKeys(site.service.settings.data / "keys.json")
    key = keys.create("web")
    try:
        page = visit("settings", failing=True)
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("API key")
        dialog.get_by_label("Key", exact=True).fill("kr-wrong")
        page.keyboard.press("Enter")
        expect(dialog).to_contain_text("does not know this key")
        dialog.get_by_label("Key", exact=True).fill(key)
        dialog.get_by_label("Keep it").set_checked(keep)
        page.keyboard.press("Enter")
        expect(page.locator(".kb-name")).to_have_text("demo")
        assert page.evaluate("localStorage.getItem('key')") == (key if keep else None)
        site.chat.reply = "The canteen closes at 14:30 on Fridays."
        page.get_by_role("link", name="Ask", exact=True).click()
        ask(page, "When does the canteen close on Fridays?").locator(".cite").first.click()
        expect(page.locator("#source .page-image")).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Settings").click()
        page.get_by_role("button", name="Forget key").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert page.evaluate("[localStorage.getItem('key'), sessionStorage.getItem('key')]") == [None, None]
    finally:
        (site.service.settings.data / "keys.json").unlink()


def test_keys_are_made_shown_once_limited_and_revoked(visit: Visit, site: Site) -> None:
    file = site.service.settings.data / "keys.json"
    try:
        page = visit("settings")
        panel = page.locator(".panel", has_text="Who may use this service")
        expect(panel).to_contain_text("whoever reaches this address may do everything")
        panel.get_by_role("button", name="New key").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_label("Role")).to_have_count(0)
        dialog.get_by_label("What it is for").fill("boss")
        page.keyboard.press("Enter")
        boss = dialog.get_by_label("Key", exact=True).input_value()
        dialog.get_by_role("button", name="I have it").click()
        expect(panel.locator("li")).to_contain_text(["boss"])
        expect(panel.get_by_role("button", name="Revoke")).to_have_count(0)
        panel.get_by_role("button", name="New key").click()
        dialog.get_by_label("What it is for").fill("front desk")
        dialog.get_by_label("Role").select_option("reader")
        dialog.get_by_label("demo", exact=True).check()
        dialog.get_by_label("Labels of documents").fill("public, staff")
        page.keyboard.press("Enter")
        reader = dialog.get_by_label("Key", exact=True).input_value()
        page.keyboard.press("Enter")
        row = panel.locator("li", has_text="front desk")
        for limit in ("reader", "demo", "label public", "label staff"):
            expect(row).to_contain_text(limit)
        keys = ApiKeys(file)
        made = keys.find(reader)
        assert made and (made.role, made.kbs, made.labels) == ("reader", ("demo",), ("public", "staff"))
        row.get_by_role("button", name="Revoke").click()
        sure = page.get_by_role("alertdialog")
        expect(sure).to_contain_text("“front desk” is refused from now on")
        sure.get_by_role("button", name="Revoke").click()
        expect(row).to_have_count(0)
        assert keys.find(reader) is None and keys.find(boss) is not None
    finally:
        file.unlink(missing_ok=True)


def test_a_reader_is_not_shown_what_only_editors_may_do(visit: Visit, site: Site) -> None:
    keys = ApiKeys(site.service.settings.data / "keys.json")
    key = keys.create("reader", role="reader")
    try:
        page = visit("settings")
        page.get_by_label("Key", exact=True).fill(key)
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Documents").click()
        expect(page.locator(".documents .document")).to_have_count(2)
        expect(page.locator(".drop")).to_have_count(0)
        expect(page.get_by_role("button", name="Delete", exact=True)).to_have_count(0)
        page.locator(".kb-button").click()
        expect(page.get_by_role("button", name="New knowledge base")).to_have_count(0)
        page.keyboard.press("Escape")
        page.locator(".documents .document").first.click()
        expect(page.locator(".segment")).not_to_have_count(0)
        expect(page.get_by_role("button", name="Change labels")).to_have_count(0)
        page.get_by_role("link", name="History").click()
        expect(page.get_by_role("link", name="What people thought")).to_have_count(0)
        page.get_by_role("link", name="Settings").click()
        expect(page.get_by_role("button", name="Forget key")).to_be_visible()
        expect(page.locator(".panel", has_text="Who may use")).to_have_count(0)
    finally:
        (site.service.settings.data / "keys.json").unlink()


def test_a_service_that_is_away_is_told(visit: Visit) -> None:
    page = visit(failing=True)
    page.context.set_offline(True)
    turn = ask(page, QUESTION)
    expect(turn.get_by_role("alert")).to_have_text("The service can't be reached. Is it still running?")


def test_nothing_is_wider_than_a_small_phone_and_everything_has_a_name(visit: Visit) -> None:
    page = visit("ask", size={"width": 360, "height": 740})
    wide = (
        "[...document.querySelectorAll('main, .view, .view > *')].filter((node) => node.scrollWidth > node.clientWidth)"
    )
    unnamed = (
        "[...document.querySelectorAll('button, a[href], input:not([type=file]), select, textarea')].filter((node) => "
        "!(node.textContent.trim() || node.getAttribute('aria-label') || node.labels?.length))"
    )
    for view in ("ask", "documents", "search", "history", "settings"):
        page.locator(f"#nav a[data-view={view}]").click()
        page.wait_for_selector(f".{view}-view > *")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert page.evaluate(f"{wide}.map((node) => node.className)") == [], view
        assert page.evaluate(f"{unnamed}.map((node) => node.outerHTML)") == [], view


def test_targets_are_large_enough_for_fingers(visit: Visit) -> None:
    page = visit("documents", size=PHONE)
    sizes = page.locator("#nav a, #tools button, .documents .icon-only, .drop button:visible").evaluate_all(
        "nodes => nodes.map((node) => { const box = node.getBoundingClientRect(); return [box.width, box.height] })"
    )
    assert sizes and all(width >= 40 and height >= 40 for width, height in sizes)
