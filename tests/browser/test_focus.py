"""Where the focus goes once a pressed button is gone. No cloud is needed."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from approvals.models import ApprovalRequest
from tests.browser.person import Person
from tests.factories import person
from tests.policies import opened, step
from tests.unit.web.test_notifications import tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def item(settings: Settings, tmp_path: Path) -> ApprovalRequest:
    settings.MEDIA_ROOT = tmp_path
    person("ben", "managers")
    person("anna", "managers")
    return opened(step("managers"))


@pytest.fixture
def anna(chromium: Browser, live_server: LiveServer, item: ApprovalRequest) -> Person:
    visitor = Person(chromium.new_context(base_url=live_server.url, locale="en-GB"))
    visitor.sign_in("anna")
    return visitor


def test_what_came_of_a_press_has_the_focus_on_a_request(anna: Person, item: ApprovalRequest) -> None:
    anna.page.goto(f"/requests/{item.approval_id}/")
    anna.page.get_by_text("I am on it", exact=True).press("Enter")
    anna.page.get_by_role("button", name="Tell the others").press("Enter")
    said = anna.page.locator(".messages .note")
    expect(said).to_contain_text("that you are on it")
    expect(said).to_be_focused()
    anna.leave()
    assert anna.complaints == []


def test_the_next_notification_has_the_focus_and_after_all_of_them_the_heading(anna: Person) -> None:
    tell("anna", 3)
    anna.page.goto("/notifications/?show=unread")
    read = anna.page.get_by_role("button", name="Mark as read")
    expect(read).to_have_count(3)
    read.first.press("Enter")
    expect(read).to_have_count(2)
    expect(anna.page.locator(".cover").first).to_be_focused()
    anna.page.get_by_role("button", name="Mark all as read").press("Enter")
    expect(anna.page.get_by_role("heading", name="Notifications")).to_be_focused()
    anna.leave()
    assert anna.complaints == []
