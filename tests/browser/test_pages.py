"""Every page, for everybody who may open it: accessible in light and dark, whole on a phone, silent in the console."""

from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from approvals.actions.comment import comment
from approvals.models import AuditEvent, Decision, Delivery, Letter, Notification, Occasion, Run, Submission
from tests.browser.conftest import Portal
from tests.office import Office
from tests.unit.web.forms import EXPENSE, expense, line, png

PHONE = {"width": 360, "height": 740}
# What counts: WCAG 2.2 AA, and axe's own good practice.
AXE = {"resultTypes": ["violations"], "preload": False}
CONTRAST = AXE | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# Colours are measured where they end, not on their way; what turns for ever is not waited for.
FADED = """() => Promise.all(
  document.getAnimations().filter(one => one.effect.getComputedTiming().endTime < Infinity).map(one => one.finished)
)"""


@dataclass
class World:
    """Names of things that are in every state that pages show."""

    waiting: str
    paid: str
    denied: str
    large: str
    draft: str
    office: Office

    def ref(self, run_name: str) -> str:
        """What people call the submission of a run."""
        return run_name.replace("expense", "EXP").upper()

    def pages(self, username: str) -> list[str]:
        """The pages that this person may open."""
        own = ["/", "/queue/", "/queue/?tab=groups", "/queue/?tab=decided", "/queue/?tab=all", "/account/"]
        own += ["/account/notifications/", "/notifications/", "/notifications/?show=unread"]
        requests = [f"/requests/{name}.manager/" for name in (self.waiting, self.paid, self.denied)]
        runs = [f"/runs/{name}/" for name in (self.paid, self.large)]
        if username == "rita":
            sent = [f"/submissions/{self.ref(name)}/" for name in (self.waiting, self.paid, self.denied, self.large)]
            form = ["/submit/expense/", f"/submissions/{self.draft}/edit/"]
            return [*own, *requests, *runs, "/submissions/", *sent, *form, "/nowhere/"]
        if username == "adam":
            return [*own, *requests, *runs, f"/requests/{self.large}.finance/"]
        return [*own, *requests, *self.record()]

    def record(self) -> list[str]:
        """The record: its lists, and one of each."""
        names: tuple[str, ...] = (
            "approvalrequest",
            "run",
            "decision",
            "vote",
            "delivery",
            "auditevent",
            "submission",
            "comment",
        )
        names += ("letter", "occasion")
        lists = [f"/admin/approvals/{name}/" for name in names]
        shown = [
            f"/admin/approvals/{model._meta.model_name}/{model._default_manager.order_by('-pk')[0].pk}/change/"
            for model in (Run, Decision, Delivery, AuditEvent, Submission, Letter, Occasion)
        ]
        return ["/admin/", *lists, *shown]


@pytest.fixture(scope="module")
def world(served: str, office: Office) -> World:
    """One expense in each state, all of them through the real workflow."""
    waiting = office.file_expense("240.50", files=[png("taxi.png")])
    paid, denied = office.file_expense("120.00"), office.file_expense("86.00")
    large = office.file_expense("1500.00")
    office.answer("adam", office.request(paid), "approved", "Agreed in March.")
    office.answer("adam", office.request(denied), "rejected", "No receipt yet.")
    office.answer("anna", office.request(large))
    office.ended(paid)
    office.ended(denied)
    office.request(large, "finance")
    told = Notification.objects.filter(request__run_name=large, request__stage="finance", letter__state="sent")
    office.until(told.exists, "finance was told, by e-mail too", large)
    comment(office.viewer("anna"), office.request(waiting), "Who was at the table?")
    form = expense(line(amount="17.30"), action="save", description="Not ready yet")
    office.browser("rita").post(EXPENSE, form)
    draft = Submission.objects.get(token=form["token"]).ref
    return World(waiting, paid, denied, large, draft, office)


def faults(page: Page, options: dict[str, Any] = AXE) -> list[str]:
    """What axe finds, in short."""
    page.evaluate(FADED)
    found = Axe().run(page, options=options).response["violations"]
    told = [(one["id"], node["target"], node["html"][:120]) for one in found for node in one["nodes"]]
    return [f"{page.url} {rule}: {target} {html}" for rule, target, html in told]


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.mark.parametrize("username", ["rita", "adam", "ivo", "olaf"])
def test_axe_finds_nothing_on_any_page(portal: Portal, world: World, username: str) -> None:
    # axe measures with styles of its own, which the portal's policy would refuse.
    person = portal.visit(username, color_scheme="light", bypass_csp=True)
    found: list[str] = []
    for path in world.pages(username):
        person.page.goto(path)
        found += faults(person.page)
        person.page.emulate_media(color_scheme="dark")
        found += faults(person.page, CONTRAST)
        person.page.emulate_media(color_scheme="light")
    assert found == []


@pytest.mark.parametrize("username", ["rita", "adam", "ivo", "olaf"])
def test_no_page_scrolls_sideways_on_a_phone(portal: Portal, world: World, username: str) -> None:
    person = portal.visit(username, viewport=PHONE, has_touch=True, is_mobile=True)
    wide = []
    for path in world.pages(username):
        person.page.goto(path)
        if scrolls_sideways(person.page):
            wide.append(path)
    assert wide == []


def test_signing_in_is_accessible_and_fits_a_phone(portal: Portal) -> None:
    nobody = portal.visit(viewport=PHONE, bypass_csp=True)
    nobody.page.goto("/login/")
    assert faults(nobody.page) == []
    nobody.page.get_by_label("Username").fill("nobody")
    nobody.page.get_by_label("Password").fill("wrong")
    nobody.page.get_by_role("button", name="Sign in").click()
    nobody.page.get_by_role("alert").wait_for()
    assert faults(nobody.page) == []
    assert not scrolls_sideways(nobody.page)


def test_a_form_full_of_mistakes_is_accessible_and_leads_to_them(portal: Portal) -> None:
    rita = portal.visit("rita", bypass_csp=True)
    rita.page.goto("/submit/expense/")
    rita.page.get_by_role("button", name="Submit", exact=True).click()
    rita.sees("Nothing was submitted yet")
    assert rita.page.evaluate("document.activeElement.matches('.error-summary')")
    assert faults(rita.page) == []
    rita.page.locator(".error-summary a").first.click()
    assert rita.focused() == "id_description"


def test_the_theme_can_be_chosen_and_stays(portal: Portal) -> None:
    adam = portal.visit("adam", color_scheme="light", bypass_csp=True)
    adam.page.goto("/queue/")
    light = background(adam.page)
    adam.page.locator(".user-button").click()
    with adam.page.expect_response("**/theme/"):
        adam.page.get_by_role("button", name="Dark").click()
    dark = background(adam.page)
    assert dark != light
    adam.page.reload()
    assert background(adam.page) == dark
    assert faults(adam.page) == []


def background(page: Page) -> str:
    """The colour behind everything."""
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
