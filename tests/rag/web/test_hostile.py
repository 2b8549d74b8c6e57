from __future__ import annotations

from playwright.sync_api import expect

from tests.rag.web.conftest import Site, Visit, ask

SCRIPT = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def test_what_documents_and_models_say_stays_text(visit: Visit, site: Site) -> None:
    site.chat.reply = f"The gate code is {SCRIPT} 4711. [here](javascript:alert(3))"
    page = visit("documents", "demo")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.locator(".kb-button").click()
    page.get_by_role("button", name="New knowledge base").click()
    page.locator("dialog input").fill("hostile")
    page.locator("dialog input").press("Enter")
    expect(page.locator(".kb-name")).to_have_text("hostile")
    text = f"# Gate {SCRIPT}\n\nThe gate code is 4711, {SCRIPT} says the guard.\n\nVisitors ring the bell.\n"
    name = "<img src=x onerror=alert(4)>.txt"
    page.locator("input[type=file]").first.set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
    )
    expect(page.locator(".work-list .tag")).to_have_count(1)
    page.locator(".documents .document").click()
    expect(page.locator(".sentences").first).to_contain_text("onerror=alert(1)")
    page.get_by_role("button", name="Show keys").click()
    page.get_by_role("link", name="Ask", exact=True).click()
    turn = ask(page, "What is the gate code, says the guard?")
    expect(turn.locator(".answer-text")).to_contain_text(SCRIPT)
    turn.locator(".found > summary").click()
    turn.locator(".cite").first.hover()
    turn.locator(".cite").first.click()
    expect(page.locator("#source mark")).to_contain_text("onerror")
    for view in ("history", "search"):
        page.locator(f"#nav a[data-view={view}]").click()
    page.get_by_label("Query").fill("gate code")
    page.get_by_label("Query").press("Enter")
    expect(page.locator(".hit").first).to_contain_text("<script>")
    assert page.locator("main img, main script, #source script, main a[href^=javascript]").count() == 0
    assert dialogs == []


def test_a_made_up_address_does_no_harm(visit: Visit) -> None:
    page = visit("nonsense", "%3Cscript%3E", "x", failing=True)
    expect(page.locator("#question")).to_be_visible()
