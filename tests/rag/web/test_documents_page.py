from __future__ import annotations

import re
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.rag.web.conftest import Site, Visit


def _text(name: str, text: str = "The warehouse closes at six.") -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def _send(page: Page, *files: FilePayload) -> None:
    page.locator("input[type=file]").first.set_input_files(list(files))


@pytest.fixture
def empty(site: Site) -> str:
    """An empty knowledge base of the test's own."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    site.service.kb(name, create=True)
    return name


@pytest.mark.parametrize(
    ("locale", "damaged", "kind", "state", "clear"),
    [
        ("en-US", "damaged", "can't be read", "Could not be read", "Clear finished"),
        ("zh-CN", "文件已损坏或不完整", "这种文件无法读取。", "无法读取", "清除已结束的"),
    ],
)
def test_each_file_has_its_own_end_and_failures_are_told_in_plain_words(
    visit: Visit, empty: str, locale: str, damaged: str, kind: str, state: str, clear: str
) -> None:
    page = visit("documents", empty, locale=locale, failing=True)
    expect(page.locator(".nothing")).to_be_visible()
    _send(
        page,
        _text("hours.txt"),
        {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 nothing more"},
        _text("run.exe"),
    )
    failed = page.locator(".work-list li", has_text="broken.pdf")
    expect(failed).to_contain_text(state)
    expect(failed.locator(".why")).to_contain_text(damaged)
    expect(page.locator(".work-list li", has_text="run.exe").first).to_contain_text(kind)
    expect(page.locator(".documents .document")).to_contain_text("hours")
    page.get_by_role("button", name=clear).click()
    expect(page.locator(".work")).to_be_hidden()


def test_a_file_that_failed_can_be_tried_again(visit: Visit, empty: str) -> None:
    page = visit("documents", empty)
    _send(page, {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 nothing more"})
    with page.expect_response("**/retry") as retried:
        page.get_by_role("button", name="Try again").click()
    assert retried.value.status == 202
    expect(page.locator(".work-list li .why")).to_contain_text("damaged")


def test_an_upload_that_waits_can_be_cancelled(visit: Visit, site: Site, empty: str) -> None:
    with site.service.kb(empty).writing():  # as if another process were writing
        page = visit("documents", empty)
        _send(page, _text("late.txt"))
        row = page.locator(".work-list li", has_text="late.txt")
        expect(row).to_contain_text(re.compile("Waiting|Will be tried again"))
        row.get_by_role("button", name="Cancel").click()
        expect(row).to_contain_text("Cancelled")
    expect(page.locator(".documents .document")).to_have_count(0)


def test_documents_are_found_sorted_read_again_and_deleted(visit: Visit, site: Site, empty: str) -> None:
    page = visit("documents", empty)
    _send(
        page, _text("beta.txt", "Beta holds more text than the other one does."), _text("alpha.txt", "Alpha is short.")
    )
    expect(page.locator(".work-list .tag")).to_have_count(2)
    titles = page.locator(".documents .document b")
    page.get_by_label("Order").select_option("title")
    expect(titles).to_have_text(["alpha", "beta"])
    page.get_by_label("Order").select_option("-chars")
    expect(titles).to_have_text(["beta", "alpha"])
    page.get_by_label("Find by title").fill("alp")
    expect(titles).to_have_text(["alpha"])
    page.get_by_role("button", name="Read again").click()
    expect(page.locator(".work-list li").first).to_contain_text(re.compile("Replaced|Added"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Original file").click()
    assert Path(download.value.path()).read_text() == "Alpha is short."
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".nothing")).to_contain_text("alp")
    page.get_by_label("Find by title").fill("")
    expect(titles).to_have_text(["beta"])


def test_a_folder_brings_all_its_files_and_keeps_apart_those_of_one_name(
    visit: Visit, empty: str, tmp_path: Path
) -> None:
    for place in ("north/report.txt", "south/report.txt", "plan.txt", ".hidden/secret.txt"):
        (tmp_path / "tree" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / place).write_text(f"This stands in {place}.")
    page = visit("documents", empty)
    page.locator("input[webkitdirectory]").set_input_files(tmp_path / "tree")
    expect(page.locator(".work-list .tag")).to_have_count(3)
    names = sorted(page.locator(".work-name").all_inner_texts())
    assert names == ["north - report.txt", "plan.txt", "south - report.txt"]


def test_files_can_be_dropped(visit: Visit, empty: str) -> None:
    page = visit("documents", empty)
    transfer = page.evaluate_handle(
        "() => { const data = new DataTransfer(); data.items.add(new File(['Dropped words.'], 'dropped.txt')); "
        "return data }"
    )
    page.dispatch_event(".drop", "dragover", {"dataTransfer": transfer})
    expect(page.locator(".drop.over")).to_be_visible()
    page.dispatch_event(".drop", "drop", {"dataTransfer": transfer})
    expect(page.locator(".documents .document")).to_contain_text("dropped")


def test_the_ingest_view_shows_segments_sentences_keys_and_pages(visit: Visit, site: Site) -> None:
    page = visit("documents")
    page.locator(".document", has_text="员工手册").click()
    expect(page.locator(".facts")).to_contain_text("sentences")
    expect(page.locator(".sentences li")).not_to_have_count(0)
    expect(page.locator(".sentences .keys li").first).to_be_hidden()
    page.get_by_role("button", name="Show keys").click()
    expect(page.locator(".sentences .keys li").first).to_contain_text("员工手册")
    page.get_by_label("Find in this document").fill("打印机")
    expect(page.locator(".segment")).to_have_count(1)
    expect(page.locator(".bar-of-tools [role=status]")).to_have_text("1 segment fits")
    page.get_by_label("Question to try").fill("机票要提前几天订？")
    page.get_by_label("Question to try").press("Enter")
    expect(page.locator(".ranks li").first).to_contain_text("hit 1")
    page.locator(".ranks .link", has_text="机票须提前七天预订。").click()
    expect(page.locator(".sentences li.lit")).to_contain_text("机票须提前七天预订。")


def test_a_document_that_is_read_again_is_shown_anew(visit: Visit, empty: str) -> None:
    page = visit("documents", empty)
    _send(page, _text("hours.txt"))
    page.locator(".documents .document").click()
    page.evaluate("window.same = true")
    page.locator(".sentences").first.evaluate("node => node.remove()")
    page.get_by_role("button", name="Read again").click()
    expect(page.locator(".sentences")).to_contain_text("The warehouse closes at six.")
    assert page.evaluate("window.same"), "the page itself must not be loaded anew"


def test_labels_are_given_to_a_document_and_taken_away(visit: Visit, site: Site, empty: str) -> None:
    page = visit("documents", empty)
    _send(page, _text("hours.txt"))
    page.locator(".documents .document").click()
    page.get_by_role("button", name="Change labels").click()
    page.get_by_label("Labels", exact=True).fill("staff, 财务，staff")
    page.keyboard.press("Enter")
    expect(page.locator(".labels .tag")).to_have_text(["staff", "财务"])
    page.get_by_role("link", name="Documents").first.click()
    expect(page.locator(".documents .tag")).to_have_text(["staff", "财务"])
    row = next(iter(site.service.kb(empty).store.documents()))
    assert site.service.kb(empty).store.labels([row.doc_id])[row.doc_id] == {"staff", "财务"}
    page.locator(".documents .document").click()
    page.get_by_role("button", name="Change labels").click()
    page.get_by_label("Labels", exact=True).fill("")
    page.keyboard.press("Enter")
    expect(page.locator(".labels .tag")).to_have_count(0)


def test_a_segment_leads_to_its_page(visit: Visit, site: Site) -> None:
    memo = next(row for row in site.service.kb("demo").store.documents() if row.pages)
    page = visit("document", "demo", memo.doc_id)
    page.locator(".segment .link", has_text="page 2").click()
    expect(page.locator("#source .pager")).to_contain_text("Page 2 of 2")
    expect(page.locator("#source .page-image")).to_be_visible()


def test_a_knowledge_base_is_deleted_only_after_a_question(visit: Visit, site: Site, empty: str) -> None:
    page = visit("documents", empty)
    for answer, left in (("Cancel", True), ("Delete", False)):
        page.locator(".kb-button").click()
        page.get_by_role("button", name="Delete this knowledge base").click()
        expect(page.get_by_role("alertdialog")).to_contain_text(empty)
        page.get_by_role("alertdialog").get_by_role("button", name=answer, exact=True).click()
        expect(page.get_by_role("alertdialog")).to_have_count(0)
        if not left:
            expect(page.locator(".kb-name")).not_to_have_text(empty)
        assert (empty in site.service.library.names()) is left
