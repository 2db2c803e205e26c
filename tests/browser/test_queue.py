"""The queue as people work it all day: by keyboard, many at once, on a phone, while others decide."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from approvals.actions.claim import claim
from approvals.models import ApprovalRequest, Decision, SavedView, User
from tests.browser.conftest import Portal
from tests.browser.test_pages import AXE, CONTRAST, PHONE, faults, scrolls_sideways
from tests.factories import approval_request, policy, viewer

GROUP = "testers"


@pytest.fixture
def pile(office: Any) -> list[ApprovalRequest]:
    """Three requests of a group of its own, nearest deadline first. No workflow waits for them."""
    ApprovalRequest.objects.filter(policy__groups=[GROUP]).update(status="cancelled")
    return [
        approval_request(
            title=f"{name} to {place}",
            policy=policy(GROUP),
            amount=amount,
            expires_at=approval_request(status="approved").expires_at.replace(microsecond=number),
        )
        for number, (name, place, amount) in enumerate(
            [("Train", "Lyon", 240), ("Flight", "Oslo", 1250), ("Taxi", "Graz", 35)]
        )
    ]


@pytest.fixture
def tess(portal: Portal, office: Any, pile: list[ApprovalRequest]) -> Any:
    """Somebody of that group, with the queue open."""
    from tests.factories import person

    person("tess", GROUP)
    # She stays from test to test, whatever one of them had her choose.
    User.objects.filter(username="tess").update(language="", shortcuts=True)
    visitor = portal.visit(bypass_csp=True)
    visitor.sign_in("tess")
    visitor.page.goto("/queue/?tab=mine")
    return visitor


def focused_title(page: Page) -> str:
    return str(page.evaluate("document.activeElement.closest('.request-row')?.querySelector('bdi').textContent ?? ''"))


def test_the_whole_queue_is_worked_by_single_keys(tess: Any, pile: list[ApprovalRequest]) -> None:
    page = tess.page
    page.keyboard.press("j")
    assert focused_title(page) == "Train to Lyon"
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/requests/**")
    expect(page.locator(".pile-place")).to_have_text("1 of 3")
    page.keyboard.press("c")
    assert tess.focused() == "comment-body-0"
    page.keyboard.type("jar a r ?")
    expect(page.locator("#comment-body-0")).to_have_value("jar a r ?")
    page.keyboard.press("Tab")
    page.keyboard.press("j")
    expect(page.locator("h1")).to_have_text("Flight to Oslo")
    page.keyboard.press("r")
    assert tess.focused() == "decision-comment"
    page.keyboard.type("Too dear.")
    page.locator(".confirm-button").click()
    expect(page.locator("h1")).to_have_text("Taxi to Graz")
    tess.sees("Rejected: Flight to Oslo.")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Train to Lyon")
    page.keyboard.press("u")
    page.wait_for_url("**/queue/**")
    assert Decision.objects.filter(request__in=pile).count() == 2


def test_the_keys_are_explained_and_can_be_switched_off(tess: Any) -> None:
    page = tess.page
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert faults(page) == []
    with page.expect_response("**/shortcuts/"):
        page.get_by_label("Use single keys").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.keyboard.press("j")
    assert focused_title(page) == ""
    page.locator(".user-button").click()
    page.locator("#user-menu").get_by_role("button", name="Keyboard shortcuts").click()
    with page.expect_response("**/shortcuts/"):
        page.get_by_label("Use single keys").check()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert tess.focused() == "filter_q"


def test_many_are_answered_at_once_after_a_look(tess: Any, pile: list[ApprovalRequest]) -> None:
    page = tess.page
    page.get_by_label("Choose Train to Lyon").check()
    page.get_by_label("Choose Taxi to Graz").check()
    expect(page.locator(".pick-count")).to_have_text("2 chosen")
    assert faults(page) == []
    page.get_by_role("button", name="Reject…").click()
    expect(page.locator("h1")).to_have_text("Reject 2 requests?")
    assert faults(page) == []
    page.get_by_label(re.compile("One reason for all")).fill("No budget left.")
    page.get_by_role("button", name="Reject 2 requests").click()
    expect(page.locator("h1")).to_have_text("Rejected: 2 of 2")
    assert faults(page) == []
    page.emulate_media(color_scheme="dark")
    assert faults(page, CONTRAST) == []
    page.get_by_role("link", name="Back to the queue").click()
    expect(page.locator(".request-row")).to_have_count(1)


def test_a_row_that_somebody_decides_says_so_and_leaves_and_the_focus_stays(
    tess: Any, portal: Portal, pile: list[ApprovalRequest]
) -> None:
    page = tess.page
    page.get_by_label("Choose Taxi to Graz").check()
    page.keyboard.press("j")
    page.locator(".cover").first.focus()
    from approvals.actions.decide import Ballot, decide

    decide(viewer("tom", GROUP), pile[0].approval_id, Ballot("approved", "", 1, pile[0].content_digest))
    page.evaluate("htmx.trigger('#queue-list', 'shown')")
    expect(page.locator(".request-row.gone")).to_contain_text("Approved by Tom")
    expect(page.locator("#said")).to_contain_text("Train to Lyon: Approved by Tom.")
    assert focused_title(page) == "Flight to Oslo"
    expect(page.get_by_label("Choose Taxi to Graz")).to_be_checked()
    assert faults(page) == []
    expect(page.locator(".request-row.gone")).to_have_count(0)
    assert focused_title(page) == "Flight to Oslo"


def test_the_focus_stays_on_a_box_when_the_row_above_it_leaves(
    tess: Any, portal: Portal, pile: list[ApprovalRequest]
) -> None:
    page, box = tess.page, tess.page.get_by_label("Choose Flight to Oslo")
    box.focus()
    page.keyboard.press("Space")
    from approvals.actions.decide import Ballot, decide

    decide(viewer("tom", GROUP), pile[0].approval_id, Ballot("approved", "", 1, pile[0].content_digest))
    page.evaluate("htmx.trigger('#queue-list', 'shown')")
    expect(page.locator(".request-row.gone")).to_contain_text("Approved by Tom")
    expect(box).to_be_checked()
    expect(box).to_be_focused()
    expect(page.locator(".request-row.gone")).to_have_count(0)
    expect(box).to_be_focused()


def test_a_view_is_kept_and_counted(tess: Any) -> None:
    page = tess.page
    page.get_by_label("Order").select_option("amount")
    expect(page.locator(".cover bdi").first).to_have_text("Flight to Oslo")
    page.reload()
    page.get_by_role("button", name="Views").click()
    assert faults(page) == []
    page.get_by_label("Save what is shown as").fill("Dear ones")
    page.get_by_role("button", name="Save view").click()
    tess.sees("Saved as Dear ones.")
    expect(page.locator(".tabs [aria-current=page]")).to_contain_text("Dear ones")
    expect(page.locator(f"#count-view-{SavedView.objects.get(name='Dear ones').pk}")).to_have_text("3")
    SavedView.objects.all().delete()


def test_on_a_phone_everything_is_within_reach(portal: Portal, tess: Any) -> None:
    phone = portal.visit(viewport=PHONE, has_touch=True, is_mobile=True, bypass_csp=True)
    phone.sign_in("tess")
    page = phone.page
    page.goto("/queue/?tab=mine")
    small = page.evaluate(
        """() => [...document.querySelectorAll('.pick, .pick-bar .button, .dock a, .filters .input')]
          .map(one => one.getBoundingClientRect()).filter(box => box.height && box.height < 44).length"""
    )
    assert small == 0
    page.get_by_label("Choose Train to Lyon").check()
    bar = page.locator(".pick-bar").bounding_box()
    dock = page.locator(".dock").bounding_box()
    assert bar
    assert dock
    assert PHONE["height"] / 2 < bar["y"] + bar["height"] <= dock["y"] + 1
    assert not scrolls_sideways(page)
    assert faults(page, AXE) == []
    page.get_by_role("button", name="Approve…").click()
    expect(page.locator("h1")).to_have_text("Approve 1 request?")
    assert not scrolls_sideways(page)
    page.get_by_role("button", name="Approve 1 request").click()
    expect(page.locator("h1")).to_have_text("Approved: 1 of 1")
    assert not scrolls_sideways(page)


def test_in_german_on_a_phone_no_badge_lies_over_an_amount_or_widens_the_page(portal: Portal, tess: Any) -> None:
    soon = timezone.now() + timedelta(hours=23, minutes=50)
    late = approval_request(title="Taxi spät", policy=policy(GROUP), amount=Decimal("1307.55"), expires_at=soon)
    claim(viewer("maximilian", GROUP), late.approval_id)
    User.objects.filter(username="tess").update(language="de")
    phone = portal.visit(viewport=PHONE, has_touch=True, is_mobile=True, bypass_csp=True)
    phone.sign_in("tess")
    page = phone.page
    page.goto("/queue/?tab=mine")
    row = page.locator(".request-row", has_text="Taxi spät")
    expect(row.locator(".due-mark")).to_contain_text("Bald fällig")
    covered = row.evaluate(
        """row => {
          const text = document.createRange();
          text.selectNodeContents(row.querySelector('.amount'));
          const amount = text.getBoundingClientRect();
          const badge = row.querySelector('.due-mark').getBoundingClientRect();
          return amount.right > badge.left && amount.bottom > badge.top && badge.bottom > amount.top;
        }"""
    )
    assert not covered
    expect(row).to_contain_text("Übernommen von Maximilian")
    assert not scrolls_sideways(page)


def test_in_french_a_badge_above_its_date_ends_where_the_date_does(portal: Portal, tess: Any) -> None:
    soon = timezone.now() + timedelta(hours=3, minutes=50)
    approval_request(title="Taxi tardif", policy=policy(GROUP), expires_at=soon)
    User.objects.filter(username="tess").update(language="fr")
    tess.page.goto("/queue/?tab=mine")
    row = tess.page.locator(".request-row", has_text="Taxi tardif")
    expect(row.locator(".due-mark")).to_contain_text("Échéance proche")
    ends = row.evaluate(
        "row => ['.due-mark', 'time', '.exact'].map(one => row.querySelector(one).getBoundingClientRect().right)"
    )
    assert max(ends) - min(ends) < 1
