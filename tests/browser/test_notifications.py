"""Being told, as people see it: the bell, the list, their choices, and the e-mail."""

import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from approvals.models import ApprovalRequest, Letter, Notification, Pulse
from local.inbox import Inbox
from tests.browser.conftest import Portal
from tests.browser.test_pages import CONTRAST, PHONE, faults, scrolls_sideways
from tests.factories import PASSWORD
from tests.office import Office


@pytest.fixture
def inbox(office: Office) -> Iterator[str]:
    """The address of the page that shows the office's e-mails."""
    server = Inbox(0, office.directory / "mail")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def row(portal: Portal, page: Page, request: ApprovalRequest, topic: str) -> Locator:
    """The row of somebody's list that tells of a request, once they were told."""
    who = (page.locator(".menu-person p").text_content() or "").split()[0]
    mine = Notification.objects.filter(request=request, occasion__topic=topic, person__username=who)
    found = portal.office.until(mine.first, f"{who} was told: {topic}", request.run_name)
    # The bell counts with the worker's first sign of life.
    portal.office.until(Pulse.objects.exists, "the worker gave a sign of life", request.run_name)
    page.goto("/notifications/")
    return page.locator(".told").filter(has=page.locator(f"a[href='/notifications/{found.pk}/']"))


def test_somebody_is_told_looks_and_answers_and_the_others_need_not_any_more(portal: Portal) -> None:
    adam, anna = portal.visit("adam"), portal.visit("anna")
    run_name = portal.office.submit("240.50")
    request = portal.office.request(run_name)
    asked = row(portal, adam.page, request, "turn")
    expect(asked).to_contain_text("Your answer is wanted")
    expect(asked).to_have_attribute("data-unread", "")
    expect(adam.page.locator(".bell")).to_have_attribute("aria-label", re.compile("unread"))
    asked.locator(".cover").click()
    adam.page.wait_for_url(f"**/requests/{run_name}.manager/")
    adam.choose("approved")
    adam.confirm().click()
    portal.office.ended(run_name)

    over = row(portal, anna.page, request, "over")
    expect(over).to_contain_text("Adam answered: approved. You need not answer.")
    expect(row(portal, anna.page, request, "turn")).to_have_attribute("data-over", "")
    anna.page.get_by_role("button", name="Mark all as read").click()
    expect(anna.page.locator(".told[data-unread]")).to_have_count(0)
    expect(anna.page.locator(".bell")).to_have_attribute("aria-label", "Notifications")


def test_choices_are_made_by_keyboard_and_kept(portal: Portal) -> None:
    bo = portal.visit("fiona")
    bo.page.locator(".user-button").click()
    bo.page.get_by_role("link", name="What you are told").click()
    box = bo.page.get_by_label("Comments where I take part: by e-mail")
    box.focus()
    bo.page.keyboard.press("Space")
    bo.page.get_by_label("E-mail comes", exact=True).select_option("daily")
    bo.page.get_by_label("No e-mail from").fill("22:00")
    bo.page.get_by_role("button", name="Save").click()
    bo.sees("Quiet hours need a beginning and an end")
    bo.page.get_by_label("No e-mail until").fill("07:00")
    bo.page.get_by_role("button", name="Save").click()
    bo.sees("Saved.")
    expect(bo.page.get_by_label("Comments where I take part: by e-mail")).not_to_be_checked()
    expect(bo.page.get_by_label("E-mail comes", exact=True)).to_have_value("daily")


def test_the_e_mail_can_be_read_and_leads_to_the_request(portal: Portal, inbox: str) -> None:
    run_name = portal.office.submit("120.00")
    request = portal.office.request(run_name)
    letter = portal.office.letter("adam", "Your answer is wanted", request)
    adam = portal.visit("adam", color_scheme="light")
    adam.page.goto(f"{inbox}/{letter.key}")
    frame = adam.page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name=re.compile("Visit to the supplier"))).to_be_visible()
    adam.page.emulate_media(color_scheme="dark")
    frame.get_by_role("link", name="Look at it and answer").click()
    adam.page.wait_for_url(f"**/requests/{run_name}.manager/")
    expect(adam.page.locator("input[name=choice]:checked")).to_have_count(0)


def test_an_answer_that_begins_in_an_e_mail(portal: Portal, inbox: str) -> None:
    run_name = portal.office.submit("99.00")
    request = portal.office.request(run_name)
    letter = portal.office.letter("adam", "Your answer is wanted", request)
    adam = portal.visit(bypass_csp=True)
    adam.page.goto(f"{inbox}/{letter.key}")
    adam.page.frame_locator("iframe").get_by_role("link", name="Look at it and answer").click()
    adam.page.wait_for_url("**/by-mail/**")
    by_mail = adam.page.url
    assert faults(adam.page) == []
    adam.page.get_by_label("Username").fill("adam")
    adam.page.get_by_label("Password").fill(PASSWORD)
    adam.page.get_by_role("button", name="Sign in").click()
    adam.page.wait_for_url(f"**/requests/{run_name}.manager/")
    expect(adam.page.locator("input[name=choice]:checked")).to_have_count(0)
    adam.choose("approved")
    adam.confirm().click()
    adam.page.locator("#receipt").wait_for()
    adam.page.goto(by_mail)
    adam.sees("You have answered this")
    assert faults(adam.page) == []
    anna = portal.visit("anna", viewport=PHONE)
    anna.page.goto(by_mail)
    anna.sees("somebody else's")
    assert not scrolls_sideways(anna.page)


def test_inbox_and_e_mail_are_accessible_and_fit_a_phone(portal: Portal, inbox: str) -> None:
    request = portal.office.request(portal.office.submit("86.00"))
    letter = portal.office.letter("anna", "Your answer is wanted", request)
    nobody = portal.visit(viewport=PHONE, bypass_csp=True, color_scheme="light")
    for path in ("/", f"/{letter.key}", f"/{letter.key}/text", f"/{letter.key}/html"):
        nobody.page.goto(f"{inbox}{path}")
        assert faults(nobody.page) == []
        nobody.page.emulate_media(color_scheme="dark")
        assert faults(nobody.page, CONTRAST) == []
        nobody.page.emulate_media(color_scheme="light")
        assert not scrolls_sideways(nobody.page)
    assert Letter.objects.exclude(state__in=["sent", "dropped", "queued"]).count() == 0
