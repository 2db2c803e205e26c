"""By touch on a phone, without JavaScript: everything that matters works there too."""

import re

from playwright.sync_api import expect

from approvals.models import Attachment
from tests.browser.conftest import Portal

PHONE = {"width": 360, "height": 740}


def test_deciding_by_touch_on_a_phone(portal: Portal) -> None:
    run_name = portal.office.submit("240.50")
    portal.office.request(run_name)
    adam = portal.visit("adam", viewport=PHONE, has_touch=True, is_mobile=True)
    adam.page.goto("/queue/")
    adam.page.locator(f"a[href^='/requests/{run_name}.manager/']").tap()
    adam.page.wait_for_url("**/requests/**")
    adam.page.locator("label[data-option=approved]").tap()
    button = adam.confirm().bounding_box()
    assert button is not None
    assert button["height"] >= 44
    # The next of the pile comes, if there is one; the receipt is on the page of this one.
    with adam.page.expect_navigation():
        adam.confirm().tap()
    adam.page.goto(f"/requests/{run_name}.manager/")
    expect(adam.page.locator("#receipt")).to_contain_text("Run finished: succeeded")


def test_submitting_on_a_phone(portal: Portal) -> None:
    rita = portal.visit("rita", viewport=PHONE, has_touch=True, is_mobile=True)
    rita.submit_expense("Bread rolls for the team", "18.20")
    expect(rita.page.locator("#live")).to_contain_text("Reimbursed")


def test_submitting_and_deciding_without_javascript(portal: Portal) -> None:
    rita = portal.visit("rita", java_script_enabled=False)
    page = rita.page
    page.goto("/submit/expense/")
    page.get_by_label("What was it for?").fill("Plain and simple")
    rita.fill_line(0, "Train", "120.50")
    rita.add_receipt(0, "ticket.png")
    page.get_by_role("button", name="Add a line").click()
    rita.fill_line(1, "Bus", "3.20")
    rita.sees("ticket.png")
    page.get_by_role("button", name="Submit", exact=True).click()
    run_name = rita.run_name()
    assert Attachment.objects.filter(submission__run_name=run_name, name="ticket.png").count() == 1

    request = portal.office.request(run_name)
    adam = portal.visit("adam", java_script_enabled=False)
    adam.page.goto(f"/requests/{request.approval_id}/")
    adam.choose("rejected")
    adam.page.locator("#decision-comment").fill("By car it is cheaper.")
    adam.confirm().click()
    adam.sees("Your answer")
    portal.office.ended(run_name)
    adam.page.reload()
    adam.sees(re.compile("Run finished: denied"))
    page.reload()
    rita.sees("By car it is cheaper.")


def test_a_rejection_without_a_reason_is_asked_again_without_javascript(portal: Portal) -> None:
    run_name = portal.office.submit("240.50")
    request = portal.office.request(run_name)
    adam = portal.visit("adam", java_script_enabled=False)
    adam.page.goto(f"/requests/{request.approval_id}/")
    adam.choose("rejected")
    adam.confirm().click()
    adam.sees("Say why, so that the requester knows what to do next.")
    assert adam.page.locator("input[value=rejected]").is_checked()
