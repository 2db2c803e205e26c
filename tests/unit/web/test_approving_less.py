"""Approving less than was asked: never more, shown wherever the answer is, and nothing to fill in for a plain yes."""

import json
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from approvals.actions.decide import Ballot, decide
from approvals.actions.errors import Invalid
from approvals.models import ApprovalRequest, AuditEvent, Decision, Delivery, Occasion, Topic, Vote
from approvals.notifying.teller import Teller
from tests.factories import approval_request, person, policy, run, submission, viewer
from tests.unit.web.conftest import SignIn
from workflows.approved_amount import lower_amount

pytestmark = pytest.mark.django_db
SCHEMA = json.loads(json.dumps(lower_amount(Decimal("240.50"), "EUR").model_json_schema()))


def money_request(**fields: Any) -> ApprovalRequest:
    return approval_request(**{"response_schema": SCHEMA, **fields})


def send(client: Client, request: ApprovalRequest, amount: str, choice: str = "approved") -> HttpResponse:
    page = f"/requests/{request.approval_id}/"
    shown = unescape(client.get(page).context["shown"])
    typed = {"choice": choice, "comment": "Too much.", "shown": shown, "answer-0": amount}
    return client.post(f"{page}decide/", typed)


def test_a_lower_amount_reaches_the_workflow_and_is_shown_wherever_the_answer_is(signed_in: SignIn) -> None:
    begun = run(requester="rita")
    request = money_request(run_name=begun.run_name)
    sent = submission(
        person("rita"), state="submitted", run_name=begun.run_name, submitted_at=timezone.now(),
        amount=Decimal("240.50"), currency="EUR",
    )  # fmt: skip
    client = signed_in("anna", "managers")
    page = f"/requests/{request.approval_id}/"
    assert "Approve less" in client.get(page).text
    assert send(client, request, "200.00").status_code == 302
    assert json.loads(Delivery.objects.get().payload)["response"] == {"amount": 200}
    event = AuditEvent.objects.get(action="request.voted")
    assert (event.data["allowed"], event.data["asked"], event.data["currency"]) == ("200", "240.5000", "EUR")
    shown = client.get(page).text
    assert "<strong>€200.00 of €240.50</strong> approved" in shown
    assert "answered: approved, €200.00 of €240.50" in shown
    decision = Decision.objects.get()
    request.status, request.settled_at = "approved", timezone.now()
    request.decision = {
        "decision_id": str(decision.decision_id), "decision": "approved", "decided_by": "anna",
        "comments": "Too much.", "response": {"amount": "200"},
    }  # fmt: skip
    request.save()
    assert "<strong>€200.00 of €240.50</strong> approved" in signed_in("rita").get(page).text
    assert "Approved €200.00 of €240.50: Too much." in signed_in("rita").get(f"/submissions/{sent.ref}/").text
    assert "€200.00 of €240.50" in signed_in("rita").get("/submissions/").text


def test_who_asked_is_told_of_the_lower_amount(signed_in: SignIn) -> None:
    decision = {"decision": "approved", "decided_by": "anna", "comments": "Too much.", "response": {"amount": "200"}}
    request = money_request(requester="rita", status="approved", decision=decision)
    client = signed_in("rita")
    Occasion.objects.leave(Topic.OUTCOME, request.approval_id)
    Teller().step()
    said = "anna answered: approved. €200.00 of €240.50 is approved. “Too much.”"
    assert said in client.get("/notifications/").text


@pytest.mark.parametrize("amount", ["", " "])
def test_a_plain_yes_needs_nothing_filled_in(signed_in: SignIn, amount: str) -> None:
    request = money_request()
    assert send(signed_in("anna", "managers"), request, amount).status_code == 302
    assert "response" not in json.loads(Delivery.objects.get().payload)
    assert "allowed" not in AuditEvent.objects.get(action="request.voted").data


def test_the_whole_amount_typed_is_no_change(signed_in: SignIn) -> None:
    request = money_request()
    client = signed_in("anna", "managers")
    send(client, request, "240.50")
    assert " of €240.50" not in client.get(f"/requests/{request.approval_id}/").text


def test_without_the_page_a_plain_yes_is_enough_too() -> None:
    request = money_request()
    decide(viewer("anna", "managers"), request.approval_id, Ballot("approved", "", 1, request.content_digest))
    assert Decision.objects.get().response is None


@pytest.mark.parametrize("amount", ["240.51", "0", "-1", "20.005", "abc", "NaN", "1e1000000", "1e2", "1,200"])
def test_any_other_amount_is_refused_beside_its_field_and_nothing_is_counted(signed_in: SignIn, amount: str) -> None:
    again = send(signed_in("anna", "managers"), money_request(), amount)
    assert again.status_code == 422
    assert 'id="id_answer-0_error"' in again.text
    # The page begins at what is wrong, also without scripts.
    assert 'class="error-summary" role="alert" tabindex="-1" autofocus' in again.text
    assert "Too much." in again.text
    assert not Vote.objects.exists()


@pytest.mark.parametrize(("typed", "amount"), [("50,50", 50.5), ("75,10", 75.1), ("200", 200), ("0120.5", 120.5)])
def test_the_amount_is_typed_as_on_the_expense_form(signed_in: SignIn, typed: str, amount: float) -> None:
    assert send(signed_in("anna", "managers"), money_request(), typed).status_code == 302
    assert json.loads(Delivery.objects.get().payload)["response"] == {"amount": amount}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1,200", "1,200 can be read in two ways."),
        ("1e2", "Write a number, such as 120.50."),
        ("20.005", "An amount in EUR has at most 2 decimals."),
        ("-1", "Approve more than nothing, and at most the €240.50 that were asked for."),
        ("300", "Approve more than nothing, and at most the €240.50 that were asked for."),
    ],
)
def test_what_cannot_be_taken_is_said_in_the_words_of_the_expense_form(
    signed_in: SignIn, typed: str, said: str
) -> None:
    assert said in send(signed_in("anna", "managers"), money_request(), typed).text


def test_the_field_of_our_own_workflows_is_named_in_the_readers_language(signed_in: SignIn) -> None:
    request = money_request()
    client = signed_in("anna", "managers")
    page = client.get(f"/requests/{request.approval_id}/", headers={"accept-language": "de"}).text
    assert "Approve less" not in page
    assert "Weniger genehmigen" in page


@pytest.mark.parametrize("amount", [240.51, 241, 0, -1, "200", True, float("nan"), float("inf"), [200], {}])
def test_the_action_itself_takes_no_other_amount(amount: Any) -> None:
    request = money_request()
    ballot = Ballot("approved", "", 1, request.content_digest, {"amount": amount})
    with pytest.raises(Invalid, match=r"at most the 240\.5 EUR"):
        decide(viewer("anna", "managers"), request.approval_id, ballot)
    assert not Vote.objects.exists()


def test_a_rejection_carries_no_amount(signed_in: SignIn) -> None:
    request = money_request()
    assert send(signed_in("anna", "managers"), request, "200", "rejected").status_code == 302
    assert Decision.objects.get().response is None


def test_of_several_who_agree_the_lowest_amount_counts() -> None:
    request = money_request(policy=policy("managers", required=3))
    for name, response in (("anna", {"amount": 100.5}), ("adam", None), ("ben", {"amount": 180})):
        ballot = Ballot("approved", "", 1, request.content_digest, response)
        decide(viewer(name, "managers"), request.approval_id, ballot)
    assert json.loads(Delivery.objects.get().payload)["response"] == {"amount": 100.5}


def test_an_amount_in_a_request_that_is_not_about_money_is_an_answer_like_any_other() -> None:
    schema = {"type": "object", "properties": {"amount": {"type": "integer"}}, "required": ["amount"]}
    request = approval_request(response_schema=schema, amount=None, currency="")
    ballot = Ballot("approved", "", 1, request.content_digest, {"amount": 9_000})
    decide(viewer("anna", "managers"), request.approval_id, ballot)
    assert Decision.objects.get().response == {"amount": 9_000}


def test_what_an_earlier_answer_left_is_said_before_the_next_and_the_cut_keeps_its_name(signed_in: SignIn) -> None:
    begun = run(requester="rita")
    request = money_request(run_name=begun.run_name, policy=policy("managers", required=2))
    sent = submission(person("rita"), state="submitted", run_name=begun.run_name, submitted_at=timezone.now())
    page = f"/requests/{request.approval_id}/"
    send(signed_in("anna", "managers"), request, "100")
    client = signed_in("adam", "managers")
    before = client.get(page).text
    assert '<span class="less">€100.00 of €240.50</span>' in before
    assert "At most €100.00 can still be approved: <bdi>Anna</bdi> approved that much." in before
    assert 'data-most="100' in before
    assert ">€100.00 of €240.50</span></span>" in before
    assert send(client, request, "").status_code == 302
    after = client.get(page).text
    assert "<strong>€100.00 of €240.50</strong> approved" in after
    assert "<bdi>Anna</bdi> set the lower amount." in after
    request.refresh_from_db()
    request.status, request.settled_at = "approved", timezone.now()
    request.decision = {
        "decision_id": str(Decision.objects.get().decision_id), "decision": "approved", "decided_by": "adam",
        "comments": "", "response": {"amount": "100"},
    }  # fmt: skip
    request.save()
    rita = signed_in("rita")
    assert "<bdi>Anna</bdi> set the lower amount." in rita.get(page).text
    assert "Approved €100.00 of €240.50 (Anna set the lower amount)" in rita.get(f"/submissions/{sent.ref}/").text


def test_a_full_yes_behind_an_own_lower_amount_names_nobody_else(signed_in: SignIn) -> None:
    request = money_request()
    client = signed_in("anna", "managers")
    send(client, request, "100")
    assert "set the lower amount" not in client.get(f"/requests/{request.approval_id}/").text
