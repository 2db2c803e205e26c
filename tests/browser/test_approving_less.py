"""The decision box where less may be approved: offered beside the yes alone, and the button says what it will do."""

import json
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from approvals.actions.decide import Ballot, decide
from approvals.models import Decision
from tests.browser.person import Person
from tests.browser.test_pages import PHONE, faults
from tests.factories import absence, approval_request, person, policy, viewer
from workflows.approved_amount import lower_amount

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("context", [{}, {"viewport": PHONE, "color_scheme": "dark"}])
def test_less_is_approved_and_the_button_says_so(
    chromium: Browser, live_server: LiveServer, context: dict[str, Any]
) -> None:
    person("anna", "managers")
    schema = json.loads(json.dumps(lower_amount(Decimal("240.50"), "EUR").model_json_schema()))
    item = approval_request(response_schema=schema)
    anna = Person(chromium.new_context(base_url=live_server.url, locale="en-GB", **context))
    anna.sign_in("anna")
    anna.page.goto(f"/requests/{item.approval_id}/")
    less = anna.page.get_by_label("Approve less")
    expect(less).to_be_hidden()
    anna.choose("rejected")
    expect(less).to_be_hidden()
    anna.choose("approved")
    expect(anna.confirm()).to_contain_text("Approve €240.50")
    less.fill("200")
    expect(anna.confirm()).to_contain_text("Approve €200.00 of €240.50")
    for unclear in ("1,200", "1e2", "300", "20.005"):
        less.fill(unclear)
        expect(anna.confirm().locator(".when-yes")).to_have_text("Approve")
    less.fill("50,50")
    expect(anna.confirm()).to_contain_text("Approve €50.50 of €240.50")
    less.fill("300")
    anna.confirm().click()
    refused = anna.page.locator(".error-summary")
    expect(refused).to_be_focused()
    expect(refused).to_be_in_viewport(ratio=1)
    less.fill("200")
    assert faults(anna.page) == []
    anna.confirm().click()
    expect(anna.page.locator("#receipt .allowed")).to_have_text("€200.00 of €240.50 approved")
    assert Decision.objects.get().response == {"amount": 200}
    anna.leave()
    assert anna.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("height", [740, 640])
@pytest.mark.parametrize("choice", ["approved", "rejected"])
def test_on_a_phone_the_button_is_in_reach_once_an_answer_is_chosen(
    chromium: Browser, live_server: LiveServer, height: int, scheme: Any, choice: str
) -> None:
    person("anna", "managers")
    person("ben", "managers")
    absence("anna", "ben")
    schema = json.loads(json.dumps(lower_amount(Decimal("240.50"), "EUR").model_json_schema()))
    item = approval_request(response_schema=schema)
    size: Any = {"width": 360, "height": height}
    anna = Person(chromium.new_context(base_url=live_server.url, locale="en-GB", viewport=size, color_scheme=scheme))
    anna.sign_in("anna")
    anna.page.goto(f"/requests/{item.approval_id}/")
    expect(anna.page.get_by_text("You are away until")).to_be_visible()
    anna.choose(choice)
    expect(anna.confirm()).to_be_in_viewport(ratio=1)
    expect(anna.page.locator(".dock")).to_be_hidden()
    bar = anna.page.locator(".confirm-bar").bounding_box()
    assert bar is not None
    fields = [anna.page.locator("#decision-comment")]
    fields += [anna.page.get_by_label("Approve less")] if choice == "approved" else []
    for field in fields:
        box = field.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= bar["y"]
    assert faults(anna.page) == []
    anna.leave()
    assert anna.complaints == []


def test_the_button_states_what_will_count_after_an_earlier_lower_answer(
    chromium: Browser, live_server: LiveServer
) -> None:
    schema = json.loads(json.dumps(lower_amount(Decimal("240.50"), "EUR").model_json_schema()))
    item = approval_request(response_schema=schema, policy=policy("managers", required=2))
    decide(viewer("ben", "managers"), item.approval_id, Ballot("approved", "", 1, item.content_digest, {"amount": 100}))
    person("anna", "managers")
    anna = Person(chromium.new_context(base_url=live_server.url, locale="en-GB"))
    anna.sign_in("anna")
    anna.page.goto(f"/requests/{item.approval_id}/")
    anna.choose("approved")
    expect(anna.page.locator(".at-most")).to_have_text("At most €100.00 can still be approved: Ben approved that much.")
    for typed, stated in (("", "€100.00"), ("150", "€100.00"), ("80", "€80.00")):
        anna.page.get_by_label("Approve less").fill(typed)
        expect(anna.confirm()).to_contain_text(f"Approve {stated} of €240.50")
    anna.confirm().click()
    expect(anna.page.locator("#receipt .allowed")).to_have_text("€80.00 of €240.50 approved")
    anna.leave()
    assert anna.complaints == []
