"""Away at a browser: a deputy named from the list, their answer, an end from the banner. No cloud is needed."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from approvals.models import Absence, ApprovalRequest, Decision
from tests.browser.person import Person
from tests.browser.test_pages import PHONE, faults, looked_at
from tests.factories import absence, approval_request, person

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/account/away/"


@pytest.fixture
def item() -> ApprovalRequest:
    person("rita", last_name="Adler")
    person("anna", "managers", last_name="Berg")
    person("ben", "finance", last_name="Zeman")
    return approval_request()


@pytest.fixture
def visit(chromium: Browser, live_server: LiveServer, item: ApprovalRequest) -> Iterator[Any]:
    """Sign somebody in. Afterwards no browser has anything to complain about."""
    visitors: list[Person] = []

    def signed_in(username: str, **context: Any) -> Person:
        visitor = Person(chromium.new_context(base_url=live_server.url, locale="en-GB", **context))
        visitors.append(visitor)
        visitor.sign_in(username)
        return visitor

    yield signed_in
    for visitor in visitors:
        visitor.leave()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


def test_anna_names_ben_ben_answers_for_her_and_she_ends_it(
    visit: Callable[..., Person], item: ApprovalRequest
) -> None:
    anna = visit("anna")
    anna.page.get_by_role("button", name="Your account").click()
    anna.page.get_by_role("link", name="Away").click()
    deputy = anna.page.get_by_label("Who answers meanwhile")
    deputy.press_sequentially("zem")
    expect(anna.page.locator("#deputies option")).to_have_attribute("value", "Ben Zeman (ben)")
    deputy.fill("Ben Zeman (ben)")
    anna.page.get_by_label("Until").fill(f"{timezone.now() + timedelta(days=3):%Y-%m-%dT%H:%M}")
    anna.page.get_by_label("Expense").check()
    anna.page.get_by_role("button", name="Name the deputy").click()
    anna.sees("Ben Zeman answers for you until")
    assert Absence.objects.get().only == ("expense",)

    ben = visit("ben", viewport=PHONE, has_touch=True)
    ben.page.goto("/queue/")
    ben.sees("for Anna Berg")
    ben.page.get_by_role("link", name=str(item)).click()
    ben.sees("You answer for Anna Berg, who is away until")
    ben.choose("approved")
    ben.confirm().click()
    ben.sees("Ben Zeman for Anna Berg")
    assert Decision.objects.get().for_person == person("anna")

    anna.page.goto("/")
    anna.page.get_by_role("complementary", name="You are away").get_by_role("button", name="End it").click()
    anna.sees("Ben Zeman does not answer for you any more.")
    assert Absence.objects.get().ended_at is not None


def test_the_page_has_no_faults_on_a_phone_and_wide_in_light_and_dark(
    visit: Callable[..., Person], item: ApprovalRequest
) -> None:
    begin = timezone.now() + timedelta(days=30)
    absence("anna", "ben", "expense", "travel", reason="Leave, back in the new year")
    absence("anna", "ben", starts_at=begin, until=begin + timedelta(days=5))
    absence("anna", "ben", "loan", ended_at=timezone.now())
    absence("rita", "anna", "document")
    # axe measures with styles of its own, which the portal's policy would refuse.
    anna = visit("anna", color_scheme="light", bypass_csp=True)
    anna.page.goto(PAGE)
    assert looked_at(anna.page) == []
    anna.page.get_by_role("button", name="Name the deputy").click()
    anna.sees("Nothing was saved yet.")
    assert looked_at(anna.page) == []
    ben = visit("ben", color_scheme="light", bypass_csp=True)
    for path in ("/queue/", f"/requests/{item.approval_id}/", "/"):
        ben.page.goto(path)
        ben.sees("Anna Berg")
        assert looked_at(ben.page) == []


def test_the_admins_pages_have_no_faults(visit: Callable[..., Person]) -> None:
    made = absence("anna", "ben")
    person("olaf", "admins")
    olaf = visit("olaf", bypass_csp=True)
    for path in ("", "add/", f"{made.pk}/change/"):
        olaf.page.goto(f"/admin/approvals/absence/{path}")
        assert faults(olaf.page) == []
