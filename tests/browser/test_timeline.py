"""The timeline as people see it: it follows a run by itself, is read anew on demand, and fits every screen."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from approvals.models import ApprovalRequest, Timeline
from approvals.timeline.history import story_of
from approvals.timeline.story import to_json
from tests.browser.conftest import Portal
from tests.browser.test_pages import CONTRAST, PHONE, faults, scrolls_sideways
from tests.factories import run
from tests.unit.timeline.histories import events_of


@pytest.fixture
def recorded(portal: Portal) -> Iterator[list[str]]:
    """Runs with recorded histories: a loan with parallel bureaus, a trip that was undone."""
    made = []
    for name, workflow in (("loan", "loan"), ("trip_undone", "travel")):
        story = story_of(events_of(name))
        found = run(run_name=f"{workflow}-recorded", workflow=workflow, status="denied")
        kept = {"kept_at": story.ended, "read_at": story.ended, "is_whole": True}
        Timeline.objects.create(run_name=found.run_name, story=to_json(story), **kept)
        made.append(found)
    yield [found.run_name for found in made]
    for found in made:
        Timeline.objects.filter(run_name=found.run_name).delete()
        found.delete()


def row(page: Page, name: str) -> str:
    """What the chart says of an operation."""
    return page.locator("#timeline .op-row", has_text=name).first.inner_text()


def test_the_timeline_follows_a_run_from_the_question_to_the_end(portal: Portal) -> None:
    run_name = portal.office.file_expense("240.50")
    request: ApprovalRequest = portal.office.request(run_name)
    rita = portal.visit("rita")
    rita.page.goto(f"/runs/{run_name}/")
    chart = rita.page.locator("#timeline")
    expect(chart).to_contain_text("1 invocation")
    assert "waiting" in row(rita.page, "Ask managers")

    portal.office.answer("adam", request)
    # Nobody touches the page meanwhile.
    expect(chart).to_contain_text("Record reimbursement")
    expect(chart).to_contain_text("Kept")
    assert "approved" in row(rita.page, "Ask managers")
    expect(chart.get_by_role("button", name="Read again")).to_have_count(0)


def test_what_somebody_has_opened_stays_open_when_the_timeline_is_read_again(portal: Portal) -> None:
    run_name = portal.office.file_expense("240.50")
    portal.office.request(run_name)
    rita = portal.visit("rita")
    rita.page.goto(f"/runs/{run_name}/")
    expect(rita.page.locator("#timeline")).to_contain_text("1 invocation")
    rita.page.locator("#timeline .op-row", has_text="Ask managers").click()
    expect(rita.page.get_by_text("Wait for the answer").first).to_be_visible()
    with rita.page.expect_response(re.compile("/timeline/")):
        rita.page.get_by_role("button", name="Read again").click()
    expect(rita.page.get_by_text("Wait for the answer").first).to_be_visible()
    assert rita.focused() == "read-again"


@pytest.mark.parametrize("username", ["rita", "olaf"])
def test_charts_are_accessible_in_light_and_dark_opened_and_folded(
    portal: Portal, recorded: list[str], username: str
) -> None:
    person = portal.visit(username, bypass_csp=True, color_scheme="light")
    found = []
    for run_name in recorded:
        person.page.goto(f"/runs/{run_name}/")
        found += faults(person.page)
        person.page.evaluate("document.querySelectorAll('#timeline details').forEach(one => { one.open = true })")
        found += faults(person.page)
        person.page.emulate_media(color_scheme="dark")
        found += faults(person.page, CONTRAST)
        person.page.emulate_media(color_scheme="light")
    assert found == []


def test_charts_fit_a_phone_opened_and_folded(portal: Portal, recorded: list[str]) -> None:
    olaf = portal.visit("olaf", viewport=PHONE, has_touch=True, is_mobile=True)
    for run_name in recorded:
        olaf.page.goto(f"/runs/{run_name}/")
        assert not scrolls_sideways(olaf.page)
        olaf.page.evaluate("document.querySelectorAll('#timeline details').forEach(one => { one.open = true })")
        assert not scrolls_sideways(olaf.page)


def test_an_operation_opens_by_keyboard_and_bars_are_drawn_where_they_belong(
    portal: Portal, recorded: list[str]
) -> None:
    olaf = portal.visit("olaf")
    olaf.page.goto(f"/runs/{recorded[0]}/")
    bureaus, fraud = (
        olaf.page.locator("#timeline .op-row", has_text=name).first for name in ("Credit bureaus", "Fraud check")
    )
    first, second = (one.locator(".bar").first.bounding_box() for one in (bureaus, fraud))
    assert first is not None
    assert second is not None
    assert first["x"] + first["width"] < second["x"]
    olaf.page.locator("#timeline summary", has_text="Disbursement key").focus()
    olaf.page.keyboard.press("Enter")
    expect(olaf.page.get_by_text("LN-T2437FRYSX").first).to_be_visible()
