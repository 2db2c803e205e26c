"""Comments at a browser: naming people by keyboard and touch, a preview, an edit, nothing lost. No cloud is needed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Route, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from approvals.models import ApprovalRequest, Comment, CommentFile
from tests.browser.person import Person
from tests.browser.test_pages import CONTRAST, PHONE, faults
from tests.factories import approval_request, person
from tests.unit.web.forms import png

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def item(settings: Settings, tmp_path: Path) -> ApprovalRequest:
    settings.MEDIA_ROOT = tmp_path
    person("rita", last_name="Adler")
    person("adam", "managers", last_name="Zeman")
    person("ada", "admins", last_name="Lovelace")
    return approval_request()


@pytest.fixture
def visit(chromium: Browser, live_server: LiveServer, item: ApprovalRequest) -> Iterator[Any]:
    """Open the request as Anna. Afterwards her browser has nothing to complain about."""
    visitors: list[Person] = []

    def open_page(**context: Any) -> Person:
        person("anna", "managers", last_name="Berg")
        anna = Person(chromium.new_context(base_url=live_server.url, locale="en-GB", **context))
        visitors.append(anna)
        anna.sign_in("anna")
        anna.page.goto(f"/requests/{item.approval_id}/")
        return anna

    yield open_page
    for visitor in visitors:
        visitor.leave()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


def box(anna: Person, number: str = "0") -> Locator:
    return anna.page.locator(f"#comment-body-{number}")


def names(anna: Person) -> Locator:
    return anna.page.locator("#people-0 [role=option]")


def test_a_person_is_named_by_keyboard_a_preview_is_seen_and_the_comment_is_changed(
    visit: Any, item: ApprovalRequest
) -> None:
    anna = visit()
    box(anna).press_sequentially("Ask @ad")
    expect(names(anna)).to_have_count(3)
    expect(box(anna)).to_have_attribute("aria-activedescendant", "person-0-1")
    box(anna).press("ArrowDown")
    box(anna).press("Enter")
    expect(box(anna)).to_have_value("Ask @adam ")
    expect(names(anna)).to_have_count(0)
    box(anna).press_sequentially("**now**")
    anna.page.locator("#discussion > .body > form .preview summary").click()
    preview = anna.page.locator("#discussion > .body > form .previewed")
    expect(preview.locator("strong")).to_have_text("now")
    expect(preview.locator(".mention")).to_have_text("@Adam Zeman")
    assert faults(anna.page) == []
    anna.page.get_by_role("button", name="Comment", exact=True).click()
    expect(anna.page.locator("#remarks .mention")).to_have_text("@Adam Zeman")
    expect(box(anna)).to_have_value("")
    remark = Comment.objects.get()
    assert [one.username for one in remark.mentions.all()] == ["adam"]
    shown = anna.page.locator(f"#comment-{remark.pk}")
    shown.get_by_text("Edit").click()
    # As when its corner is pulled: the box that comes in its place must not take the style over.
    box(anna, f"e{remark.pk}").evaluate("box => { box.style.height = '180px' }")
    box(anna, f"e{remark.pk}").fill("Ask @adam *later*")
    shown.get_by_role("button", name="Save the change").click()
    expect(shown.locator("em")).to_have_text("later")
    shown.get_by_text("Edited").click()
    expect(shown.locator(".versions strong")).to_have_text("now")
    assert faults(anna.page) == []


def test_a_name_gone_to_by_the_arrows_stays_marked_when_a_narrower_list_comes_late(visit: Any) -> None:
    anna = visit()
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    anna.page.route(re.compile(r"/people/.*q=ada$"), hold)
    box(anna).press_sequentially("Ask @ad")
    expect(names(anna)).to_have_count(3)
    with anna.page.expect_request(re.compile(r"q=ada$")):
        box(anna).press("a")
    box(anna).press("ArrowDown")
    late[0].continue_()
    expect(names(anna)).to_have_count(2)
    box(anna).press("Enter")
    expect(box(anna)).to_have_value("Ask @adam ")


def test_a_person_is_named_by_touch_on_a_phone(visit: Any) -> None:
    anna = visit(viewport=PHONE, has_touch=True, color_scheme="dark")
    box(anna).tap()
    box(anna).press_sequentially("@lo")
    names(anna).filter(has_text="Ada Lovelace").tap()
    expect(box(anna)).to_have_value("@ada ")
    expect(box(anna)).to_be_focused()
    wide = anna.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    assert faults(anna.page, CONTRAST) == []


def test_escape_closes_the_list_and_keeps_what_was_typed(visit: Any) -> None:
    anna = visit()
    box(anna).press_sequentially("@ad")
    expect(names(anna)).to_have_count(3)
    box(anna).press("Escape")
    expect(names(anna)).to_have_count(0)
    expect(box(anna)).to_have_value("@ad")
    expect(box(anna)).to_be_focused()


def test_what_is_refused_keeps_text_and_files_and_is_sent_once_it_is_right(visit: Any) -> None:
    anna = visit()
    anna.page.locator("#comment-files-0").set_input_files(
        {"name": "offer.png", "mimeType": "image/png", "buffer": png().read()}
    )
    expect(anna.page.locator("#chosen-0")).to_have_text("offer.png")
    box(anna).fill("See @nobody")
    anna.page.get_by_role("button", name="Comment", exact=True).click()
    expect(anna.page.locator("#comment-problem-0")).to_contain_text("nobody who can see this request")
    expect(box(anna)).to_have_value("See @nobody")
    box(anna).fill("See @adam")
    anna.page.get_by_role("button", name="Comment", exact=True).click()
    expect(anna.page.locator("#remarks .chip")).to_contain_text("offer.png")
    assert CommentFile.objects.get().comment.body == "See @adam"
    expect(anna.page.locator("#comment-problem-0")).to_be_empty()


def test_an_answer_closes_its_form_and_another_half_typed_one_stays(visit: Any, item: ApprovalRequest) -> None:
    rita = person("rita")
    first = Comment.objects.create(request=item, author=rita, body="First")
    second = Comment.objects.create(request=item, author=rita, body="Second")
    anna = visit()
    for remark in (first, second):
        anna.page.locator(f"#comment-{remark.pk}").get_by_text("Reply").click()
    box(anna, str(first.pk)).fill("Half")
    box(anna, str(second.pk)).fill("Whole")
    anna.page.locator(f"#comment-send-{second.pk}").click()
    anna.sees("Whole")
    expect(box(anna, str(second.pk))).to_be_hidden()
    expect(box(anna, str(first.pk))).to_have_value("Half")
    said = anna.page.locator("#said")
    expect(said).to_have_text(re.compile("Your comment was added"))
