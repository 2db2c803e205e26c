"""Every page, for everybody who may open it: accessible in light and dark, whole on a phone, silent in the console."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from approvals.actions.comment import comment
from approvals.actions.handover import add_approver
from approvals.models import (
    Actor,
    ApprovalRequest,
    AuditEvent,
    Decision,
    Delivery,
    Letter,
    Notification,
    Occasion,
    Policy,
    PolicyRule,
    Run,
    Submission,
    Topic,
)
from approvals.models.terms import AtDeadline
from approvals.web.email_links import link_to
from tests.browser.conftest import Portal
from tests.browser.person import Person
from tests.factories import approval_request, person, policy
from tests.office import Office
from tests.policies import each, opened, step
from tests.unit.web.forms import EXPENSE, expense, line, png

SCREEN: ViewportSize = {"width": 1280, "height": 720}
PHONE: ViewportSize = {"width": 360, "height": 740}
# What counts: WCAG 2.2 AA, and axe's own good practice. What a frame holds is a page, looked at by its own address.
AXE = {"resultTypes": ["violations"], "preload": False, "iframes": False}
CONTRAST = AXE | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# Colours are measured where they end, not on their way; what turns for ever is not waited for, and what lies in a
# closed fold may never tell its end.
FADED = """() => Promise.race([
  new Promise(resolve => setTimeout(resolve, 700)),
  Promise.all(
    document.getAnimations().filter(one => one.effect.getComputedTiming().endTime < Infinity).map(one => one.finished)
  ),
])"""


@dataclass
class World:
    """Names of things that are in every state that pages show."""

    waiting: str
    paid: str
    denied: str
    large: str
    draft: str
    office: Office
    ruled: str
    unanswered: str
    links: dict[str, list[str]]

    def ref(self, run_name: str) -> str:
        """What people call the submission of a run."""
        return run_name.replace("expense", "EXP").upper()

    def pages(self, username: str) -> list[str]:
        """The pages that this person may open."""
        own = ["/", "/queue/", "/queue/?tab=groups", "/queue/?tab=decided", "/queue/?tab=all", "/account/"]
        own += ["/account/notifications/", "/notifications/", "/notifications/?show=unread"]
        own += [f"/requests/{self.waiting}.manager/explain/", *self.links.get(username, ())]
        requests = [f"/requests/{name}.manager/" for name in (self.waiting, self.paid, self.denied)]
        runs = [f"/runs/{name}/" for name in (self.paid, self.large)]
        if username == "rita":
            sent = [f"/submissions/{self.ref(name)}/" for name in (self.waiting, self.paid, self.denied, self.large)]
            form = ["/submit/expense/", f"/submissions/{self.draft}/edit/"]
            return [*own, *requests, *runs, "/submissions/", *sent, *form, "/nowhere/"]
        if username == "adam":
            ruled = [f"/requests/{self.ruled}/", f"/requests/{self.ruled}/explain/"]
            return [*own, *requests, *runs, f"/requests/{self.large}.finance/", *ruled]
        others = [f"/requests/{self.unanswered}/", f"/requests/{self.ruled}/explain/?user=fiona"]
        # The record is the same for both who read it, and looking at each of its pages takes its time.
        record = self.record() if username == "ivo" else ["/admin/"]
        return [*own, *requests, *others, *record, *self.policies(username)]

    def policies(self, username: str) -> list[str]:
        """Policies and rules, as an admin edits them and an auditor reads them."""
        made, rule = Policy.objects.latest("pk"), PolicyRule.objects.latest("pk")
        lists = ["/admin/approvals/policy/", "/admin/approvals/policyrule/"]
        each_one = [f"/admin/approvals/policy/{made.pk}/change/", f"/admin/approvals/policyrule/{rule.pk}/change/"]
        new = ["/admin/approvals/policy/add/", "/admin/approvals/policyrule/add/"]
        version = f"/admin/approvals/policyversion/{made.newest.pk}/change/" if made.newest else ""
        return [*lists, *each_one, version, *(new if username == "olaf" else [])]

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
    was_warned(waiting, paid)
    ruled, unanswered = under_a_policy(office), put_to_nobody(office)
    return World(waiting, paid, denied, large, draft, office, ruled, unanswered, by_mail(office, waiting, paid))


def was_warned(run_name: str, earlier: str) -> None:
    """Let the requester have been asked whether it was the same as an earlier one."""
    sent, before = Submission.objects.get(run_name=run_name), Submission.objects.get(run_name=earlier)
    told = {"what": "Line 1", "sentence": f"Line 1: {before.ref}", "ref": before.ref}
    AuditEvent.objects.record(
        Actor("rita"), "submission.duplicate_confirmed", sent, told["sentence"], found=[], like=[told]
    )


def under_a_policy(office: Office) -> str:
    """A request under a policy that uses all that a policy can say; somebody was asked as well."""
    terms = {"at_deadline": AtDeadline.ESCALATE, "escalate_groups": ("directors",), "escalate_hours": 8}
    request = opened(
        each("managers", "finance", hours=20), step("managers", hours=10), name="Large sums", remind=(-240, -30),
        bars_earlier=True, request={"policy": policy("managers", "finance", "directors")}, **terms,
    )  # fmt: skip
    # For this one alone: the runs of the other tests go as their workflows say.
    PolicyRule.objects.update(active=False)
    # Whoever makes policies in tests is called Adam too.
    person("adam").groups.remove(Group.objects.get(name="admins"))
    add_approver(office.viewer("adam"), request.approval_id, "dora", "She knows the supplier.")
    return str(request.approval_id)


def put_to_nobody(office: Office) -> str:
    """A request whose only moderator wrote what it is about, as the worker noticed."""
    request = approval_request(
        run_name="moderation-own", workflow="moderation", policy=policy(users=("mo",)), requester="mo"
    )
    Occasion.objects.leave(Topic.TURN, request.approval_id)
    noticed = AuditEvent.objects.about(request).filter(action="request.unanswerable")
    office.until(noticed.exists, "the worker noticed that nobody can answer")
    return str(request.approval_id)


def by_mail(office: Office, waiting: str, paid: str) -> dict[str, list[str]]:
    """Links of e-mails that lead to a page of their own: used up, another person's, outdated, and cut short."""
    adam = person("adam")
    used = link_to(adam, office.request(paid))
    changed = office.request(waiting)
    changed.content_digest = "0" * 64
    return {"adam": [used, link_to(adam, changed), f"{used[:-4]}/"], "olaf": [used]}


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
def test_no_page_has_faults_or_scrolls_sideways(portal: Portal, world: World, username: str) -> None:
    # axe measures with styles of its own, which the portal's policy would refuse.
    person = portal.visit(username, color_scheme="light", bypass_csp=True)
    found: list[str] = []
    for path in world.pages(username):
        person.page.goto(path)
        found += faults(person.page)
        person.page.emulate_media(color_scheme="dark")
        found += faults(person.page, CONTRAST)
        person.page.emulate_media(color_scheme="light")
        found += too_wide(person.page, PHONE)
        person.page.set_viewport_size(SCREEN)
    assert found == []


def looked_at(page: Page) -> list[str]:
    """What is wrong with the page as it is, on a screen and on a phone, in light and dark."""
    found: list[str] = []
    for size in (SCREEN, PHONE):
        found += too_wide(page, size)
        found += faults(page)
        page.emulate_media(color_scheme="dark")
        found += faults(page, CONTRAST)
        page.emulate_media(color_scheme="light")
    return found


def too_wide(page: Page, size: ViewportSize) -> list[str]:
    """A complaint if the page does not fit into so many pixels, to which it is brought."""
    page.set_viewport_size(size)
    return [f"{page.url} is wider than {size['width']}"] if scrolls_sideways(page) else []


@pytest.fixture
def polly(portal: Portal) -> Person:
    """Somebody of a group of her own, to whom three requests are put; a fourth is closed meanwhile, one is her own."""
    person("polly", "pollsters")
    now = timezone.now()
    for number in range(3):
        approval_request(
            title=f"Poll no. {number} of the whole quarter, with everything that was asked of everybody",
            policy=policy("pollsters"), expires_at=now + timedelta(hours=number + 1),
        )  # fmt: skip
    approval_request(
        title="By a form", policy=policy("pollsters"), response_schema={"type": "object", "required": ["a"]}
    )
    visitor = portal.visit(bypass_csp=True, color_scheme="light")
    visitor.sign_in("polly")
    return visitor


def test_answering_many_is_accessible_and_fits_a_phone(polly: Person) -> None:
    page = polly.page
    page.goto("/queue/?tab=mine")
    for box in page.locator(".request-row input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="Approve…").click()
    polly.sees("Cannot be answered here")
    assert looked_at(page) == []
    taken = ApprovalRequest.objects.filter(policy__groups=["pollsters"], title__startswith="Poll").latest("pk")
    ApprovalRequest.objects.filter(pk=taken.pk).update(status="cancelled")
    page.get_by_role("button", name="Approve 3 requests").click()
    expect(page.locator("h1")).to_have_text("Approved: 2 of 3")
    assert looked_at(page) == []


def test_asking_somebody_else_is_accessible_and_fits_a_phone(polly: Person) -> None:
    page = polly.page
    request = ApprovalRequest.objects.filter(policy__groups=["pollsters"], status="pending").latest("pk")
    page.goto(f"/requests/{request.approval_id}/")
    page.get_by_text("Ask somebody else").click()
    assert looked_at(page) == []
    page.locator("#handover-to").fill("nobody")
    page.locator("#handover-reason").fill("They know.")
    page.get_by_role("button", name="Ask them instead").click()
    polly.sees("Nobody here is called nobody")
    assert looked_at(page) == []


def test_a_policy_full_of_mistakes_is_accessible(portal: Portal, world: World) -> None:
    olaf = portal.visit("olaf", bypass_csp=True, color_scheme="light")
    olaf.page.goto("/admin/approvals/policy/add/")
    olaf.page.get_by_label("Name:").fill("Of nobody")
    olaf.page.get_by_label("Before the deadline").fill("soon")
    olaf.page.get_by_role("button", name="Save", exact=True).click()
    olaf.sees("is no such time")
    assert looked_at(olaf.page) == []


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
