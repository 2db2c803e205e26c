"""The known faults that lie in a portal, by their number: here each is shown not to be. See docs/pitfalls.md."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from approvals.aws.secret import CallbackId
from approvals.models import ApprovalRequest, AuditEvent, Decision, Delivery, Vote
from tests.factories import approval_request, policy
from tests.unit.web.forms import signed_in

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]


def send(client: Client, request: ApprovalRequest, **form: str) -> Any:
    """Open the page and send its form with these fields."""
    page = f"/requests/{request.approval_id}/"
    found = re.search(r'name="shown" value="([^"]+)"', client.get(page).text)
    assert found, "the page offers no answer"
    return client.post(f"{page}decide/", {"comment": "", "shown": unescape(found[1]), **form})


@pytest.mark.parametrize("tail", ["", "decide/", "decide/?choice=approved", "close/", "?choice=approved"])
def test_09_opening_a_link_decides_nothing_signed_in_or_not(tail: str) -> None:
    address = f"/requests/{approval_request().approval_id}/{tail}"
    for client in (Client(), signed_in("anna", "managers")):
        client.get(address)
        client.head(address)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(Vote.voter.field.related_model.objects.get(username="anna"))
    assert strict.post(address, {"choice": "approved"}).status_code in (403, 405)
    assert not Vote.objects.exists()


@pytest.mark.parametrize("choice", ["APPROVED", "approve", "yes", "favicon.ico", "approved "])
def test_10_another_word_is_refused_and_is_no_rejection(choice: str) -> None:
    answer = send(signed_in("anna", "managers"), approval_request(), choice=choice)

    assert answer.status_code == 400
    assert not Decision.objects.exists()


def test_11_who_comes_second_reads_who_was_first_and_no_error_text_of_aws() -> None:
    request = approval_request()
    adam, anna = signed_in("adam", "managers"), signed_in("anna", "managers")
    page = f"/requests/{request.approval_id}/"
    shown = unescape(re.search(r'name="shown" value="([^"]+)"', adam.get(page).text)[1])  # type: ignore[index]
    send(anna, request, choice="rejected", comment="No receipt.")
    second = adam.post(f"{page}decide/", {"choice": "approved", "comment": "", "shown": shown})

    assert second.status_code == 409
    assert "Anna was first: rejected on" in second.text
    assert "Exception" not in second.text


def test_15_the_decision_is_a_record_of_who_when_and_what_and_asking_needs_a_sign_in() -> None:
    send(signed_in("anna", "managers"), approval_request(), choice="rejected", comment="No receipt.")
    decision = Decision.objects.get()

    assert (decision.choice, decision.decided_by.username, decision.comments) == ("rejected", "anna", "No receipt.")
    assert decision.decided_at.utcoffset() is not None
    assert AuditEvent.objects.filter(action="request.decided", actor="anna").exists()
    assert "/login/" in Client().post("/submit/expense/", {"action": "submit"})["Location"]


def test_15_no_region_is_written_into_what_is_deployed() -> None:
    sources = [*(ROOT / "lambdas").rglob("*.py"), *(ROOT / "approvals").rglob("*.py"), ROOT / "template.yaml"]

    assert not [str(path) for path in sources if re.search(r"\b(us|eu|ap)-[a-z]+-[0-9]\b", path.read_text())]


def test_23_the_requester_s_own_page_offers_no_decision_and_takes_none() -> None:
    request = approval_request(requester="anna")
    client = signed_in("anna", "managers")
    page = client.get(f"/requests/{request.approval_id}/")
    sent = client.post(f"/requests/{request.approval_id}/decide/", {"choice": "approved", "shown": "x"})

    assert page.status_code == 200
    assert 'name="choice"' not in page.text
    assert sent.status_code in (400, 403, 409)
    assert not Vote.objects.exists()


def test_24_no_column_of_the_portal_could_hold_a_callback_id_and_in_memory_it_hides() -> None:
    from django.apps import apps

    columns = {field.name for model in apps.get_app_config("approvals").get_models() for field in model._meta.fields}
    kept = CallbackId("capability")

    assert not {name for name in columns if "callback" in name}
    assert "capability" not in f"{kept} {kept!r}"


def test_29_the_decider_is_the_session_s_person_whatever_the_form_says_and_must_be_asked() -> None:
    request = approval_request(policy=policy(users=("anna",)))
    assert signed_in("mallory", "managers").get(f"/requests/{request.approval_id}/").status_code == 404
    send(signed_in("anna"), request, choice="approved", decided_by="mallory", approver="mallory")

    assert Decision.objects.get().decided_by.username == "anna"


def test_30_a_second_decision_and_a_broken_form_are_answered_and_change_nothing() -> None:
    request, client = approval_request(), signed_in("anna", "managers")
    address = f"/requests/{request.approval_id}/decide/"
    broken = client.post(address, data=b"{not json", content_type="application/json")
    send(client, request, choice="approved")
    again = client.post(address, {"choice": "rejected", "comment": "On second thought.", "shown": "spoilt"})

    assert (broken.status_code, again.status_code) == (400, 400)
    assert (Decision.objects.get().choice, Delivery.objects.count()) == ("approved", 1)


def test_35_the_record_is_kept_apart_from_the_queue_and_refuses_to_forget() -> None:
    from django.db import DatabaseError, transaction

    request = approval_request()
    AuditEvent.objects.record(signed_viewer(), "request.viewed", request, "")
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.all().delete()
    assert "TimeToLiveSpecification" not in (ROOT / "template.yaml").read_text()


def test_36_nobody_approves_what_they_asked_for_be_it_in_capitals() -> None:
    request = approval_request(requester="Anna", policy=policy("managers", exclude=("Anna",)))
    page = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/")

    assert 'name="choice"' not in page.text


def signed_viewer() -> Any:
    """An actor of the record."""
    from tests.factories import viewer

    return viewer("ivo", "auditors").actor
