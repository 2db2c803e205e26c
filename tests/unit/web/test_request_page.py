"""The request page: everything a decider needs, nothing that could hide, and no secret."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals.actions.comment import comment
from approvals.actions.decide import Ballot, decide
from approvals.models import Attachment, Comment
from tests.factories import approval_request, person, policy, run, submission, viewer
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db
FILE = {"id": "0b8f6a53-6a0e-4f0e-9b93-3a5f6f3f7c11", "name": "hotel.png", "content_type": "image/png", "size": 2048}


def page_of(signed_in: SignIn, request: Any, username: str = "anna", *groups: str) -> str:
    return signed_in(username, *(groups or ("managers",))).get(f"/requests/{request.approval_id}/").text


def test_lines_are_a_table_with_amounts_dates_and_receipts(signed_in: SignIn) -> None:
    line = {"date": "2026-11-12", "category": "lodging", "amount": "190.00", "receipts": [FILE["id"]]}
    request = approval_request(details={"lines": [line]}, attachments=[FILE])
    rita = person("rita")
    owned = submission(rita, run_name=request.run_name)
    Attachment.objects.create(**FILE, submission=owned, uploaded_by=rita, file="a/b", sha256="0" * 64)
    page = page_of(signed_in, request)
    assert "12 Nov 2026" in page
    assert "€190.00" in page
    assert page.count(f'href="/attachments/{FILE["id"]}/"') == 2
    assert f'<img src="/attachments/{FILE["id"]}/"' in page


def test_a_file_that_the_portal_does_not_hold_is_named_and_leads_nowhere(signed_in: SignIn) -> None:
    page = page_of(signed_in, approval_request(details={"receipts": [FILE["id"]]}, attachments=[FILE]))
    assert "hotel.png" in page
    assert "Not kept in this portal" in page
    assert "/attachments/" not in page


def test_text_that_would_hide_or_run_backwards_is_made_visible(signed_in: SignIn) -> None:
    hostile = "Invoice \u202egnp.exe\u200b <script>alert(1)</script>"
    request = approval_request(title=hostile, summary=hostile, details={hostile: [hostile, {hostile: hostile}]})
    Comment.objects.create(request=request, author=viewer("ben", "managers").user, body=hostile)
    page = page_of(signed_in, request)
    assert "\u202e" not in page
    assert "\u200b" not in page
    assert "<script>alert" not in page
    assert "U+202E" in page


def test_no_callback_id_reaches_the_page(signed_in: SignIn) -> None:
    request = approval_request()
    for name in ("callback_id", "callbackId", "Ab9AAA"):
        assert name not in page_of(signed_in, request)


def test_the_terms_are_told_in_words(signed_in: SignIn) -> None:
    terms = {
        **policy("managers", users=("zoe",), required=2, exclude=("farah", "ada")),
        "escalates_to": "the directors",
    }
    earlier = approval_request(status="approved", decision={"decision": "approved", "decided_by": "farah"})
    request = approval_request(policy=terms, run_name=earlier.run_name, stage="finance")
    page = " ".join(page_of(signed_in, request).split())
    assert "the group <strong>managers</strong>" in page
    assert "2 people must approve. Any other answer settles it at once." in page
    assert page.count("who answered earlier") == 1
    assert page.count("whom the workflow leaves out") == 1
    assert "It goes to the directors." in page


def test_item_events_and_the_record_are_one_history_in_order(signed_in: SignIn) -> None:
    events = [
        {"seq": 1, "at": "2026-11-20T10:00:00Z", "actor": "workflow", "action": "opened", "note": ""},
        {"seq": 2, "at": "unreadable", "actor": "workflow", "action": "notified", "note": ""},
    ]
    request = approval_request(events=events)
    comment(viewer("rita"), request, "Please before Friday.")
    decide(viewer("ben", "managers"), request.approval_id, Ballot("approved", "Fine.", 1, request.content_digest))
    answer = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/")
    told = [(line.actor, line.action) for line in answer.context["history"]]
    assert told == [
        ("workflow", "opened the request"),
        ("rita", "commented"),
        ("ben", "answered: approved"),
        ("ben", "settled it here: approved"),
    ]


def test_refused_attempts_are_for_auditors(signed_in: SignIn) -> None:
    request = approval_request()
    signed_in("olaf").get(f"/requests/{request.approval_id}/")
    assert "was refused" not in page_of(signed_in, request)
    assert "was refused" in page_of(signed_in, request, "aurel", "auditors")


def test_the_stages_of_the_run_lead_to_each_other(signed_in: SignIn) -> None:
    first = approval_request(stage="manager", status="approved", settled_at=timezone.now())
    second = approval_request(run_name=first.run_name, stage="finance", policy=policy("finance"))
    run(run_name=first.run_name)
    page = page_of(signed_in, second, "farah", "finance")
    assert f'href="/requests/{first.approval_id}/"' in page
    assert f'href="/runs/{first.run_name}/"' in page


def test_an_outcome_from_elsewhere_shows_who_when_and_why(signed_in: SignIn) -> None:
    decision = {"decision": "rejected", "decided_by": "ops", "comments": "Not this quarter."}
    request = approval_request(status="rejected", settled_at=timezone.now(), decision=decision)
    page = page_of(signed_in, request)
    assert "Outcome" in page
    assert "Not this quarter." in page


def test_news_tell_an_open_page_that_the_request_was_answered_or_changed(signed_in: SignIn) -> None:
    request = approval_request()
    client = signed_in("anna", "managers")
    address = f"/requests/{request.approval_id}/live/?seen={request.content_digest}"
    assert client.get(address).status_code == 204
    assert "changed after you opened it" in client.get(f"/requests/{request.approval_id}/live/?seen=old").text
    decide(viewer("ben", "managers"), request.approval_id, Ballot("approved", "", 1, request.content_digest))
    assert "was answered" in client.get(address).text


def test_an_open_page_is_told_that_somebody_gave_one_of_two_answers(signed_in: SignIn) -> None:
    request = approval_request(policy=policy("managers", required=2))
    client = signed_in("anna", "managers")
    page = client.get(f"/requests/{request.approval_id}/").text
    [query] = re.findall(r'live/\?(seen=\w+&amp;votes=0&amp;claim=0)"', page)
    address = f"/requests/{request.approval_id}/live/?{query.replace('&amp;', '&')}"
    assert client.get(address).status_code == 204
    decide(viewer("ben", "managers"), request.approval_id, Ballot("approved", "", 1, request.content_digest))
    told = client.get(address).text
    assert "Ben has answered: approved. 1 more is needed." in told
    assert "Show it as it is now" in told
    assert "votes=1" in client.get(f"/requests/{request.approval_id}/").text
    assert client.get(address.replace("votes=0", "votes=1")).status_code == 204


def test_the_page_costs_the_same_however_much_was_said(signed_in: SignIn) -> None:
    request = approval_request()
    client = signed_in("anna", "managers")
    # The first look leaves a mark that it was read.
    client.get(f"/requests/{request.approval_id}/")
    costs = []
    for many in (1, 40):
        for number in range(many):
            comment(viewer(f"manager{number}", "managers"), request, f"Remark {number}")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/requests/{request.approval_id}/")
        costs.append(len(queries))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    "fields",
    [
        {"details": {"lines": [{"amount": "1e400"}, {"amount": {"deep": [None]}}], "": ""}},
        {"attachments": [{"id": "../../etc"}, "text", None, {"id": FILE["id"], "size": "big"}]},
        {"events": ["text", None, {"at": 7}, {"at": "2026-01-01T00:00:00"}, {"at": "2026-13-01T00:00:00Z"}]},
        {"options": ["approved", 7]},
        {"approval_id": "odd/id with spaces?.manager", "run_name": "odd/id"},
        {"status": "approved", "decision": {"decided_by": {"a": 1}, "comments": ["x"], "decided_at": 5}},
        {"policy": {**policy("managers"), "escalates_to": {"groups": ["directors"]}, "exclude": ["x"]}},
    ],
)
def test_a_malformed_item_never_breaks_its_page_or_the_queue(signed_in: SignIn, fields: dict[str, Any]) -> None:
    request = approval_request(**fields)
    client = signed_in("anna", "managers")
    queue = client.get("/queue/?tab=all")
    assert queue.status_code == 200
    (address,) = re.findall(r'href="(/requests/[^"]+)"', queue.text)
    assert client.get(address).context["item"] == request


def test_people_are_called_by_their_names(signed_in: SignIn) -> None:
    viewer("rita")
    assert "<bdi>Rita</bdi>" in page_of(signed_in, approval_request(requester="rita"))


def test_buttons_are_called_after_the_requests_own_options_and_the_first_is_the_yes(signed_in: SignIn) -> None:
    page = " ".join(page_of(signed_in, approval_request(options=["publish", "remove"])).split())
    assert 'data-option="publish" data-tone="yes"' in page
    assert 'data-option="remove" data-tone="no"' in page
    page = page_of(signed_in, approval_request(options=["approved", "rejected", "changes_requested"]))
    assert 'data-option="changes_requested" data-tone="other"' in page
    assert "Send back" in page


def test_an_amount_is_set_apart_from_its_letters_and_names_its_currency_once(signed_in: SignIn) -> None:
    request = approval_request(amount=Decimal("99.00"), currency="CHF")
    page = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/").text
    assert '<span class="number">CHF\u00a099.00</span>' in page
    assert '<span class="faint small">CHF</span>' not in page
    euros = approval_request(amount=Decimal("99.00"), currency="EUR")
    other = signed_in("adam", "managers").get(f"/requests/{euros.approval_id}/").text
    assert '<span class="faint small">EUR</span>' in other
