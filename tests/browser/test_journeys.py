"""What people do from the first form to the end of the run, as they do it: in a browser."""

import re

from playwright.sync_api import Page, expect

from approvals.models import Decision, Vote
from tests.browser.conftest import Portal


def press_until(page: Page, key: str, reached: str, most: int = 80) -> None:
    """Press a key until the element is focused."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", reached):
            return
    raise AssertionError(f"{key} never reached {reached}")


def test_an_expense_from_an_empty_form_to_the_reimbursement(portal: Portal) -> None:
    portal.office.viewer("rita")
    rita = portal.visit()
    rita.sign_in_by_form("rita")
    page = rita.page
    page.get_by_role("link", name="New request").first.click()
    page.get_by_role("main").get_by_role("link", name="Expense").click()
    page.get_by_label("What was it for?").fill("Two days in Lyon")
    rita.fill_line(0, "Train to Lyon", "120.50")
    rita.add_receipt(0)
    rita.sees("taxi.png")
    page.get_by_role("button", name="Add a line").click()
    rita.fill_line(1, "One night", "118", "lodging")
    expect(page.locator("#total")).to_contain_text("238.50")
    page.get_by_role("button", name="Save draft").last.click()
    rita.sees(re.compile("Saved as draft EXP-"))
    assert page.locator(".expense-line").count() == 2
    page.get_by_role("button", name="Submit", exact=True).click()
    run_name = rita.run_name()
    rita.sees(re.compile("Waiting for"))

    adam = portal.visit("adam")
    adam.page.goto("/queue/")
    expect(adam.page.locator(f"a[href^='/requests/{run_name}.manager/']")).to_be_visible()
    approve_by_keyboard(adam.page, f"/requests/{run_name}.manager/")
    expect(adam.page.locator("#receipt")).to_contain_text("Run finished: succeeded")
    # Nobody touched the requester's page meanwhile.
    expect(page.locator("#live")).to_contain_text("Reimbursed")


def approve_by_keyboard(page: Page, link: str) -> None:
    """From the queue to the answer without a mouse."""
    press_until(page, "Tab", f"a[href^='{link}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{link}?pile=*")
    press_until(page, "Tab", "input[name=choice]")
    page.keyboard.press("Space")
    assert page.locator("input[name=choice]:checked").get_attribute("value") == "approved"
    press_until(page, "Tab", "#decision-comment")
    page.keyboard.type("As agreed.")
    press_until(page, "Tab", ".confirm-button")
    # With more in the pile the next one comes; the receipt is on the page of this one.
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(link)
    page.locator("#receipt").wait_for()


def test_a_rejection_asks_for_a_reason_and_the_requester_reads_it(portal: Portal) -> None:
    rita = portal.visit("rita")
    run_name = rita.submit_expense("Dinner with a client")
    portal.office.request(run_name)
    adam = portal.visit("adam")
    adam.page.goto(f"/requests/{run_name}.manager/")
    adam.choose("rejected")
    adam.confirm().click()
    # The browser holds the form back.
    assert adam.page.evaluate("document.querySelector('#decision-comment').validity.valueMissing")
    assert not Vote.objects.filter(request__run_name=run_name).exists()
    adam.page.locator("#decision-comment").fill("Who was at the table?")
    adam.confirm().click()
    expect(adam.page.locator("#receipt")).to_contain_text("Run finished: denied")
    expect(rita.page.locator("#live")).to_contain_text("Who was at the table?")


def test_an_answer_to_what_has_changed_shows_the_difference_and_asks_again(portal: Portal) -> None:
    office = portal.office
    run_name = office.submit("240.50")
    request = office.request(run_name)
    adam = portal.visit("adam")
    adam.page.goto(f"/requests/{request.approval_id}/")
    office.aws("dynamodb").update_item(
        TableName=office.env["APPROVALS_TABLE_NAME"], Key={"approval_id": {"S": request.approval_id}},
        UpdateExpression="SET summary = :s ADD version :one",
        ExpressionAttributeValues={":s": {"S": "Visit, and a dinner"}, ":one": {"N": "1"}},
    )  # fmt: skip
    office.until(lambda: office.request(run_name).summary == "Visit, and a dinner", "the change is here", run_name)
    adam.choose("approved")
    adam.confirm().click()
    adam.sees("This changed after you opened it")
    expect(adam.page.locator(".changes del")).to_have_text("Visit to the supplier")
    expect(adam.page.locator(".changes ins")).to_have_text("Visit, and a dinner")
    assert not Vote.objects.filter(request=request).exists()
    adam.choose("approved")
    adam.confirm().click()
    expect(adam.page.locator("#receipt")).to_contain_text("Run finished: succeeded")


def test_a_double_click_is_one_answer(portal: Portal) -> None:
    run_name = portal.office.submit("240.50")
    request = portal.office.request(run_name)
    adam = portal.visit("adam")
    adam.page.goto(f"/requests/{request.approval_id}/")
    adam.choose("approved")
    adam.confirm().dblclick()
    adam.page.locator("#receipt").wait_for()
    assert Vote.objects.filter(request=request).count() == 1


def test_a_double_click_submits_one_expense(portal: Portal) -> None:
    rita = portal.visit("rita")
    rita.page.goto("/submit/expense/")
    rita.page.get_by_label("What was it for?").fill("Sent in a hurry")
    rita.fill_line(0, "Taxi", "12.00")
    rita.page.get_by_role("button", name="Submit", exact=True).dblclick()
    rita.page.wait_for_url("**/submissions/EXP-**")
    rita.page.goto("/submissions/")
    assert rita.page.get_by_text("Sent in a hurry").count() == 1


def test_the_way_back_after_an_answer_offers_no_second_one(portal: Portal) -> None:
    run_name = portal.office.submit("240.50")
    request = portal.office.request(run_name)
    adam = portal.visit("adam")
    adam.page.goto("/queue/")
    adam.page.goto(f"/requests/{request.approval_id}/")
    adam.choose("approved")
    adam.confirm().click()
    adam.page.locator("#receipt").wait_for()
    adam.page.go_back()
    adam.page.wait_for_load_state()
    assert adam.page.locator("input[name=choice]").count() == 0
    assert Decision.objects.filter(request=request).count() == 1


def test_what_somebody_writes_stays_while_the_page_renews_itself(portal: Portal) -> None:
    run_name = portal.office.submit("240.50")
    request = portal.office.request(run_name)
    adam = portal.visit("adam")
    adam.page.goto(f"/requests/{request.approval_id}/")
    adam.choose("approved")
    adam.confirm().click()
    writing = adam.page.locator(".comment-form textarea").last
    writing.focus()
    place = adam.focused()
    writing.press_sequentially("Please keep the ticket.")
    expect(adam.page.locator("#receipt")).to_contain_text("Run finished: succeeded")
    assert adam.focused() == place
    expect(writing).to_have_value("Please keep the ticket.")
    adam.page.locator(".comment-form button").last.click()
    expect(adam.page.locator("#discussion")).to_contain_text("Please keep the ticket.")
    assert adam.focused() != "BODY"


def test_the_focus_stays_at_the_file_field_when_a_receipt_is_up(portal: Portal) -> None:
    rita = portal.visit("rita")
    rita.page.goto("/submit/expense/")
    rita.page.locator("#id_lines-0-files").focus()
    rita.add_receipt(0, "hotel.png")
    rita.sees("hotel.png")
    assert rita.focused() == "id_lines-0-files"
