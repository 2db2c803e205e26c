"""Many at once: what is shown is what is answered, each by itself, and nothing stops the others."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from approvals.actions import bulk as bulk_module
from approvals.actions.decide import Ballot, decide
from approvals.models import ApprovalRequest, AuditEvent, Decision, Delivery, Vote
from tests.factories import approval_request, policy, viewer
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db
LOWER = {"type": "object", "properties": {"amount": {"type": "number"}}}


def several(many: int, **fields: Any) -> list[ApprovalRequest]:
    now = timezone.now()
    return [
        approval_request(title=f"No. {number}", expires_at=now + timedelta(hours=number + 1), **fields)
        for number in range(many)
    ]


def preview(client: Client, requests: list[ApprovalRequest], choice: str = "approved", **more: str) -> Any:
    form = {"choice": choice, "pick": [str(one.pk) for one in requests], "query": "tab=mine", **more}
    return client.get("/queue/many/", form)


def sealed(page: Any) -> str:
    found = re.search(r'name="sealed" value="([^"]+)"', page.text)
    assert found
    return unescape(found[1])


def confirm(client: Client, page: Any, comment: str = "") -> Any:
    form = {"sealed": sealed(page), "comment": comment, "query": "tab=mine"}
    return client.post("/queue/many/decide/", form, follow=True)


def test_a_list_has_an_address_and_its_result_the_colour_of_the_answer(signed_in: SignIn) -> None:
    chosen = several(2)
    client = signed_in("anna", "managers")
    page = preview(client, chosen, "rejected")
    done = confirm(client, page, "No receipts.")
    assert done.text.count('data-tone="bad"') == 2
    assert 'data-tone="good"' not in done.text
    # The way back asks for it again, by GET, and finds nothing left to answer.
    back = preview(client, chosen, "rejected")
    assert back.status_code == 200
    assert "None of these can be answered here" in back.text
    assert "0 requests" not in back.text
    assert Decision.objects.count() == 2


def test_the_chosen_are_answered_each_by_itself(signed_in: SignIn) -> None:
    chosen = several(3)
    client = signed_in("anna", "managers")
    page = preview(client, chosen[:2])
    assert Decision.objects.count() == 0
    assert "Approve 2 requests?" in page.text
    done = confirm(client, page, "Within the rules.")
    assert "Approved: 2 of 2" in done.text
    assert set(Decision.objects.values_list("request_id", "choice", "comments")) == {
        (one.pk, "approved", "Within the rules.") for one in chosen[:2]
    }
    assert Delivery.objects.count() == 2
    assert AuditEvent.objects.filter(action="request.decided", actor="anna").count() == 2
    assert AuditEvent.objects.get(action="bulk.decided").summary == "approved: 2 of 2"


def test_the_sum_of_each_currency_is_said_before_and_after(signed_in: SignIn) -> None:
    client = signed_in("anna", "managers")
    chosen = [*several(2, amount=Decimal("1705.00")), *several(1, amount=Decimal(120), currency="USD")]
    bare, own = approval_request(amount=None, currency=""), approval_request(requester="anna", amount=Decimal(9000))
    page = preview(client, [*chosen, bare, own])
    assert "You approve 4 requests: €3,410.00 and $120.00<" in page.text
    assert "1 of them names no amount." in page.text
    ApprovalRequest.objects.filter(pk=chosen[2].pk).update(content_digest="b" * 64, version=2)
    assert "You approved 3 requests: €3,410.00<" in re.sub(r"\s+<", "<", confirm(client, page).text)
    in_german = {"HTTP_ACCEPT_LANGUAGE": "de-CH"}
    form = {"choice": "rejected", "pick": [str(one.pk) for one in several(2, amount=Decimal(800), currency="CHF")]}
    assert "Sie lehnen 2 Anfragen ab: CHF\u00a01\u2019600.00" in client.get("/queue/many/", form, **in_german).text


def test_the_sum_holds_what_is_left_of_an_amount_that_was_lowered(signed_in: SignIn) -> None:
    lowered, other = several(2, policy=policy("managers", required=2), response_schema=LOWER)
    ballot = Ballot("approved", "Too much.", 1, lowered.content_digest, response={"amount": 200})
    decide(viewer("ben", "managers"), lowered.approval_id, ballot)
    client = signed_in("anna", "managers")
    assert "You approve 2 requests: €440.50" in preview(client, [lowered, other]).text
    assert "You reject 2 requests: €481.00" in preview(client, [lowered, other], "rejected").text


def test_the_preview_says_what_cannot_be_answered_and_why(signed_in: SignIn) -> None:
    client = signed_in("anna", "managers")
    own = approval_request(title="Own", requester="anna")
    barred = approval_request(title="Barred", policy=policy("managers", exclude=("anna",)))
    form = approval_request(title="By form", response_schema={"type": "object", "required": ["why"]})
    other = approval_request(title="Other answers", options=["publish", "remove"])
    taken = approval_request(title="Taken")
    decide(viewer("ben", "managers"), taken.approval_id, Ballot("approved", "", 1, taken.content_digest))
    page = preview(client, [own, barred, form, other, taken, *several(1)])
    assert [one.title for one in page.context["able"]] == ["No. 0"]
    reasons = {line.request.title: line.why for line in page.context["unable"]}
    assert "You asked for this" in reasons["Own"]
    assert "earlier stage" in reasons["Barred"]
    assert "a form" in reasons["By form"]
    assert "other answers" in reasons["Other answers"]
    assert "A decision is recorded" in reasons["Taken"]


def test_nobody_learns_of_others_requests_by_their_number(signed_in: SignIn) -> None:
    secret = approval_request(title="Secret", policy=policy("directors"))
    assert "Secret" not in preview(signed_in("anna", "managers"), [secret, *several(1)]).text


def test_what_changes_or_is_decided_meanwhile_is_left_out_and_stops_nothing(signed_in: SignIn) -> None:
    changed, decided, fine = several(3)
    client = signed_in("anna", "managers")
    page = preview(client, [changed, decided, fine])
    ApprovalRequest.objects.filter(pk=changed.pk).update(content_digest="b" * 64, version=2)
    decide(viewer("ben", "managers"), decided.approval_id, Ballot("approved", "", 1, decided.content_digest))
    done = confirm(client, page)
    assert "Approved: 1 of 3" in done.text
    assert "changed after you opened it" in done.text
    assert "A decision is recorded" in done.text
    assert Vote.objects.filter(voter__username="anna").get().request == fine


def test_a_fault_with_one_stops_no_other(signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = several(2)
    client = signed_in("anna", "managers")
    page = preview(client, [first, second])

    def failing(who: Any, approval_id: str, ballot: Ballot) -> Any:
        if approval_id == first.approval_id:
            raise DatabaseError("disk full")
        return decide(who, approval_id, ballot)

    monkeypatch.setattr(bulk_module, "decide", failing)
    done = confirm(client, page)
    assert "Approved: 1 of 2" in done.text
    assert "Something went wrong here" in done.text
    assert "disk full" not in done.text


def test_rejecting_needs_one_reason_for_all(signed_in: SignIn) -> None:
    client = signed_in("anna", "managers")
    page = preview(client, several(2), "rejected")
    again = confirm(client, page, "  ")
    assert again.status_code == 422
    assert "Say why" in again.text
    assert Decision.objects.count() == 0
    assert "Rejected: 2 of 2" in confirm(client, again, "No budget left.").text
    assert set(Decision.objects.values_list("comments", flat=True)) == {"No budget left."}


def test_sending_the_list_twice_answers_once(signed_in: SignIn) -> None:
    client = signed_in("anna", "managers")
    page = preview(client, several(2, policy=policy("managers", required=2)))
    assert "Counted, waits for others" in confirm(client, page).text
    assert "Approved: 2 of 2" in confirm(client, page).text
    assert Vote.objects.count() == 2
    assert AuditEvent.objects.filter(action="bulk.decided").count() == 1
    assert not AuditEvent.objects.filter(action="request.vote_refused").exists()


def test_all_that_match_are_those_of_the_view_up_to_the_most(
    signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    several(4)
    approval_request(title="Desk", stage="finance")
    client = signed_in("anna", "managers")
    monkeypatch.setattr("approvals.web.bulk.MOST", 3)
    page = client.get("/queue/many/", {"choice": "approved", "all": "yes", "query": "tab=mine&stage=manager"})
    assert [one.title for one in page.context["able"]] == ["No. 0", "No. 1", "No. 2"]
    assert "More match this view than can be answered at a go" in page.text


def test_the_box_for_all_says_how_many_that_are(signed_in: SignIn) -> None:
    client = signed_in("anna", "managers")
    several(1)
    assert "The one that matches this view" in client.get("/queue/").text
    several(25)
    assert "All that match this view, up to 200" in client.get("/queue/").text
    assert "All 26 that match" not in client.get("/queue/").text
    approval_request(title="Desk", stage="finance")
    several(1, stage="finance")
    assert "All 2 that match this view" in client.get("/queue/?tab=mine&stage=finance").text


def test_a_changed_or_foreign_list_is_refused_and_recorded(signed_in: SignIn) -> None:
    anna, ben = signed_in("anna", "managers"), signed_in("ben", "managers")
    page = preview(anna, several(1))
    assert anna.post("/queue/many/decide/", {"sealed": sealed(page)[:-2] + "xx"}).status_code == 400
    assert ben.post("/queue/many/decide/", {"sealed": sealed(page)}).status_code == 400
    assert AuditEvent.objects.filter(action="bulk.form_tampered").count() == 2
    assert Decision.objects.count() == 0


def test_nothing_chosen_leads_back_and_looking_acts_on_nothing(signed_in: SignIn) -> None:
    client = signed_in("anna", "managers")
    assert "Choose at least one" in client.get("/queue/many/", {"choice": "approved"}, follow=True).text
    assert client.get("/queue/many/", {"choice": "delete"}).status_code == 400
    assert client.get("/queue/many/").status_code == 302
    assert client.get("/queue/many/decide/").status_code == 302
    assert client.get("/queue/many/nothing/").status_code == 404


def test_a_result_is_its_authors_alone(signed_in: SignIn) -> None:
    client = signed_in("anna", "managers")
    done = confirm(client, preview(client, several(1)))
    address = done.redirect_chain[-1][0]
    assert client.get(address).status_code == 200
    assert signed_in("ben", "managers").get(address).status_code == 404
