"""Deciding on the request page: bound to what was shown, safe against slips, double clicks and tampering."""

import re
from decimal import Decimal
from html import unescape

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from approvals.actions.decide import Ballot, decide
from approvals.models import ApprovalRequest, AuditEvent, Decision, Delivery, Vote
from approvals.models.content import content_of, digest_of
from tests.factories import approval_request, policy, viewer
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def shown_on(page: HttpResponse) -> str:
    found = re.search(r'name="shown" value="([^"]+)"', page.text)
    assert found, "the page offers no decision"
    return unescape(found[1])


def answer(client: Client, request: ApprovalRequest, choice: str, comment: str = "", shown: str = "") -> HttpResponse:
    page = f"/requests/{request.approval_id}/"
    shown = shown or shown_on(client.get(page))
    return client.post(f"{page}decide/", {"choice": choice, "comment": comment, "shown": shown})


def change(request: ApprovalRequest, **fields: object) -> None:
    for name, value in fields.items():
        setattr(request, name, value)
    request.version += 1
    request.content_digest = digest_of(content_of(request))
    request.save()


def test_an_approval_is_recorded_with_what_was_shown_and_leads_to_its_receipt(signed_in: SignIn) -> None:
    request = approval_request()
    client = signed_in("anna", "managers")
    done = answer(client, request, "approved", "Fine.")
    assert (done.status_code, done["Location"]) == (302, f"/requests/{request.approval_id}/")
    vote = Vote.objects.get()
    assert (vote.choice, vote.comment, vote.shown_version) == ("approved", "Fine.", 1)
    assert vote.content_digest == request.content_digest
    assert "Your answer" in client.get(done["Location"]).text


def test_a_rejection_without_a_reason_is_asked_again(signed_in: SignIn) -> None:
    request = approval_request()
    again = answer(signed_in("anna", "managers"), request, "rejected", "  ")
    assert again.status_code == 422
    assert "Say why" in again.text
    assert re.search(r'value="rejected"[^>]*checked', again.text)
    assert not Vote.objects.exists()


def test_what_was_written_stays_when_something_is_missing(signed_in: SignIn) -> None:
    again = answer(signed_in("anna", "managers"), approval_request(), "", "Second class <next> time")
    assert again.status_code == 422
    assert "Choose an answer first." in again.text
    assert "Second class &lt;next&gt; time</textarea>" in again.text


def test_a_changed_request_shows_what_changed_and_asks_again(signed_in: SignIn) -> None:
    request = approval_request(details={"lines": [{"amount": "120.50"}]})
    client = signed_in("anna", "managers")
    shown = shown_on(client.get(f"/requests/{request.approval_id}/"))
    change(request, title="Train to Nice", amount=Decimal("920.50"), details={"lines": [{"amount": "920.50"}]})
    again = answer(client, request, "rejected", "Too dear.", shown)
    assert again.status_code == 409
    assert {(one.field, one.before, one.after) for one in again.context["changes"]} >= {
        ("Details / Lines / no. 1 / Amount", "120.50", "920.50"),
        ("Amount", "€240.50", "€920.50"),
    }
    assert "Train to Nice" in again.text
    assert "Too dear.</textarea>" in again.text
    assert not re.search(r'value="rejected"[^>]*checked', again.text)
    assert not Vote.objects.exists()


def test_after_looking_again_the_same_form_decides(signed_in: SignIn) -> None:
    request = approval_request()
    client = signed_in("anna", "managers")
    shown = shown_on(client.get(f"/requests/{request.approval_id}/"))
    change(request, summary="Another purpose.")
    again = answer(client, request, "approved", "", shown)
    assert answer(client, request, "approved", "", shown_on(again)).status_code == 302
    assert Vote.objects.get().shown_version == 2


def test_a_new_version_with_the_same_content_needs_no_second_look(signed_in: SignIn) -> None:
    request = approval_request()
    client = signed_in("anna", "managers")
    shown = shown_on(client.get(f"/requests/{request.approval_id}/"))
    change(request, events=[{"seq": 1}])
    assert answer(client, request, "approved", "", shown).status_code == 302


def test_a_double_click_is_one_answer(signed_in: SignIn) -> None:
    request = approval_request()
    client = signed_in("anna", "managers")
    shown = shown_on(client.get(f"/requests/{request.approval_id}/"))
    first = answer(client, request, "approved", "", shown)
    second = answer(client, request, "approved", "", shown)
    assert (first.status_code, second.status_code) == (302, 302)
    assert (Vote.objects.count(), Decision.objects.count(), Delivery.objects.count()) == (1, 1, 1)


def test_one_cannot_change_ones_mind_by_a_second_answer(signed_in: SignIn) -> None:
    request = approval_request()
    client = signed_in("anna", "managers")
    shown = shown_on(client.get(f"/requests/{request.approval_id}/"))
    answer(client, request, "approved", "", shown)
    second = answer(client, request, "rejected", "No, wait.", shown)
    assert second.status_code == 409
    assert "This answer was not counted" in second.text
    assert Decision.objects.get().choice == "approved"


def test_the_second_of_two_deciders_learns_who_was_first(signed_in: SignIn) -> None:
    request = approval_request()
    client = signed_in("anna", "managers")
    shown = shown_on(client.get(f"/requests/{request.approval_id}/"))
    decide(viewer("ben", "managers"), request.approval_id, Ballot("approved", "", 1, request.content_digest))
    late = answer(client, request, "rejected", "Not in the budget.", shown)
    assert late.status_code == 409
    assert "Ben was first: approved on" in late.text
    assert "Not in the budget." in late.text
    assert Decision.objects.get().decided_by.username == "ben"


@pytest.mark.parametrize("required", [1, 2])
def test_another_answer_from_a_second_window_is_told_as_ones_own(signed_in: SignIn, required: int) -> None:
    request = approval_request(policy=policy("managers", required=required))
    client = signed_in("anna", "managers")
    shown = shown_on(client.get(f"/requests/{request.approval_id}/"))
    answer(client, request, "approved", "", shown)
    late = answer(client, request, "rejected", "On second thoughts.", shown)
    assert late.status_code == 409
    assert "You answered already, in another window: approved, " in late.text
    assert "was first" not in late.text
    assert "On second thoughts." in late.text
    assert Vote.objects.get().choice == "approved"


def test_a_closed_request_says_how_and_when_it_was_closed(signed_in: SignIn) -> None:
    request = approval_request()
    client = signed_in("anna", "managers")
    shown = shown_on(client.get(f"/requests/{request.approval_id}/"))
    change(request, status="timeout", settled_at=timezone.now())
    late = answer(client, request, "approved", "", shown)
    assert late.status_code == 409
    assert "closed: timed out on" in late.text
    assert not Decision.objects.exists()


@pytest.mark.parametrize("tampering", ["cut", "missing", "another request", "another person", "unknown answer"])
def test_a_tampered_form_does_nothing_and_is_on_the_record(signed_in: SignIn, tampering: str) -> None:
    request, other = approval_request(), approval_request()
    client = signed_in("anna", "managers")
    shown = shown_on(client.get(f"/requests/{request.approval_id}/"))
    choice = "approved"
    match tampering:
        case "cut":
            shown = shown[:-3]
        case "missing":
            shown = "-"
        case "another request":
            shown = shown_on(client.get(f"/requests/{other.approval_id}/"))
        case "another person":
            shown = shown_on(signed_in("ben", "managers").get(f"/requests/{request.approval_id}/"))
        case "unknown answer":
            choice = "withdrawn"
    refused = answer(client, request, choice, "", shown)
    assert refused.status_code == 400
    assert not Vote.objects.exists()
    assert AuditEvent.objects.get(action="request.form_tampered").actor == "anna"


def test_a_form_from_elsewhere_is_refused(signed_in: SignIn) -> None:
    request = approval_request()
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in("anna", "managers").cookies
    refused = client.post(f"/requests/{request.approval_id}/decide/", {"choice": "approved"})
    assert refused.status_code == 403
    assert "This form cannot be used any more" in refused.text


def test_the_requester_sees_why_not_and_gets_no_decision_box(signed_in: SignIn) -> None:
    request = approval_request(requester="anna")
    page = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/").text
    assert "somebody else must decide it" in page
    assert 'name="shown"' not in page


def test_an_earlier_approver_is_refused_even_with_a_form_in_hand(signed_in: SignIn) -> None:
    request = approval_request()
    client = signed_in("anna", "managers")
    shown = shown_on(client.get(f"/requests/{request.approval_id}/"))
    change(request, policy=policy("managers", exclude=("anna",)))
    refused = answer(client, request, "approved", "", shown)
    assert refused.status_code == 409
    assert "You decided an earlier stage" in refused.text
    assert not Vote.objects.exists()


def test_one_of_two_votes_says_that_it_waits_for_others(signed_in: SignIn) -> None:
    request = approval_request(policy=policy("managers", required=2))
    client = signed_in("anna", "managers")
    answer(client, request, "approved")
    page = client.get(f"/requests/{request.approval_id}/").text
    assert "You have answered; the request waits for others." in page
    assert "1 of 2" in page


def test_the_requester_withdraws(signed_in: SignIn) -> None:
    request = approval_request(requester="rita")
    client = signed_in("rita")
    assert "Withdraw this request" in client.get(f"/requests/{request.approval_id}/").text
    done = client.post(f"/requests/{request.approval_id}/close/", {"reason": ""})
    assert done.status_code == 302
    assert Decision.objects.get().choice == "withdrawn"


def test_an_admin_cancels_with_a_reason_only(signed_in: SignIn) -> None:
    request = approval_request()
    client = signed_in("ada", "admins")
    again = client.post(f"/requests/{request.approval_id}/close/", {"reason": " "})
    assert again.status_code == 422
    assert "Say why" in again.text
    assert client.post(f"/requests/{request.approval_id}/close/", {"reason": "Duplicate."}).status_code == 302
    assert Decision.objects.get().choice == "cancelled"


def test_nobody_else_closes_a_request(signed_in: SignIn) -> None:
    request = approval_request()
    refused = signed_in("anna", "managers").post(f"/requests/{request.approval_id}/close/", {"reason": "No."})
    assert refused.status_code == 409
    assert not Decision.objects.exists()


def test_after_deciding_the_next_waiting_request_is_one_click_away(signed_in: SignIn) -> None:
    request, following = approval_request(), approval_request()
    client = signed_in("anna", "managers")
    answer(client, request, "approved")
    assert client.get(f"/requests/{request.approval_id}/").context["next_waiting"] == following


def test_the_button_says_what_each_answer_does(signed_in: SignIn) -> None:
    request = approval_request(options=["approved", "rejected", "changes_requested"])
    page = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/").text
    button = page.partition("confirm-button")[2].partition("</button>")[0]
    said = re.findall(r'<span class="(when-\w+)"[^>]*>(.*?)</span>\s*(?=<span class="when|$)', button, re.DOTALL)
    words = {kind: " ".join(re.sub("<[^>]+>", " ", text).split()) for kind, text in said}
    assert words == {
        "when-yes": "Approve €240.50",
        "when-no": "Reject €240.50",
        "when-else": "Send back",
        "when-none": "Choose an answer first",
    }


def test_scripts_write_an_amount_with_the_sign_that_the_page_has(signed_in: SignIn) -> None:
    request = approval_request(currency="USD")
    page = (
        signed_in("anna", "managers")
        .get(f"/requests/{request.approval_id}/", headers={"accept-language": "en-GB"})
        .text
    )
    assert "$240.50" in page
    assert 'data-locale="en-GB" data-currency="USD" data-sign="$" data-digits="2"' in page
