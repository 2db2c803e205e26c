"""The queue, requests and many answers at once in another language; what they store stays in English."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from approvals.actions.claim import claim, release
from approvals.actions.decide import Ballot, decide
from approvals.actions.errors import Refused
from approvals.actions.handover import reassign
from approvals.models import ApprovalRequest, AuditEvent
from approvals.web.consequences import way_after
from approvals.web.history import history_of
from approvals.web.states import orphaned_words, state_words
from approvals.web.terms import ANSWERS, Terms, option_label, outcome_label, outcome_words
from tests.factories import approval_request, person, policy, run, viewer
from tests.german import OPEN, german
from tests.unit.web.conftest import SignIn
from tests.unit.web.forms import EXPENSE, expense, line
from tests.unit.web.forms import signed_in as at_work
from tests.unit.web.test_bulk import confirm, preview
from tests.unit.web.test_duplicates import mark_in, sent

pytestmark = pytest.mark.django_db
GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de"}


@pytest.fixture(autouse=True)
def _german(settings: Settings) -> Iterator[None]:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    with german():
        yield


def browser(signed_in: SignIn, *who: str) -> Any:
    client = signed_in(*who)
    client.defaults.update(GERMAN)
    return client


def ballot(request: ApprovalRequest, choice: str = "approved", comment: str = "") -> Ballot:
    return Ballot(choice, comment, request.version, request.content_digest)


def test_known_answers_have_names_and_unknown_ones_are_called_by_their_own() -> None:
    assert all(OPEN in option_label(one) and OPEN in outcome_words(one) for one in ANSWERS)
    assert (option_label("send_to_mars"), outcome_label("send_to_mars")) == ("Send to mars", "Send to mars")


def test_fields_of_our_own_workflows_forms_are_called_in_ones_language_and_others_as_they_are(
    signed_in: SignIn,
) -> None:
    fields = {"document_name": {"type": "string"}, "weather": {"type": "string", "title": "Weather there"}}
    schema = {"type": "object", "properties": fields, "required": ["document_name", "weather"]}
    request = approval_request(response_schema=schema)
    page = browser(signed_in, "anna", "managers").get(f"/requests/{request.approval_id}/").text
    assert "⟦Document name⟧</label>" in page
    assert "Weather there</label>" in page


def test_how_many_must_agree_is_a_whole_sentence() -> None:
    terms = Terms.of(approval_request(policy=policy("managers", required=2)))
    assert terms.how_many == "⟦2 people must ⟦approve⟧. Any other answer settles it at once.⟧"


def test_states_within_sentences_are_no_lower_case_labels() -> None:
    assert state_words(approval_request(status="error", settled_at=timezone.now())) == "⟦failed⟧"
    sent_back = approval_request(
        status="rejected",
        options=["approved", "rejected", "changes_requested"],
        decision={"decision": "changes_requested"},
        settled_at=timezone.now(),
    )
    assert state_words(sent_back) == "⟦sent back⟧"
    assert orphaned_words("The run failed").startswith("⟦The run failed. Nothing was approved")


def test_the_page_of_a_request_says_whose_it_is_and_what_can_be_done(signed_in: SignIn) -> None:
    request = approval_request()
    page = browser(signed_in, "anna", "managers").get(f"/requests/{request.approval_id}/").text
    assert "⟦Your decision⟧" in page
    assert "⟦Skip to the decision⟧" in page
    assert "⟦Who decides⟧" in page


def test_a_number_decides_between_one_and_several(signed_in: SignIn) -> None:
    client = browser(signed_in, "anna", "managers")
    requests = [approval_request(), approval_request()]
    assert "⟦Approve 1 request?⟧" in preview(client, requests[:1]).text
    assert "⟦Approve 2 requests?⟧" in preview(client, requests).text


def test_why_one_of_many_was_not_answered_is_kept_in_english_and_shown_in_ones_language(signed_in: SignIn) -> None:
    client = browser(signed_in, "anna", "managers")
    request = approval_request()
    page = preview(client, [request])
    ApprovalRequest.objects.filter(pk=request.pk).update(content_digest="another")
    done = confirm(client, page)
    assert "⟦This request changed after you opened it. Look at what changed, then decide.⟧" in done.text
    outcomes = AuditEvent.objects.get(action="bulk.decided").data["outcomes"]
    assert outcomes[0]["why"].startswith("This request changed")


def test_a_form_that_came_back_changed_is_told_in_ones_language_and_recorded_in_english(signed_in: SignIn) -> None:
    request = approval_request()
    client = browser(signed_in, "anna", "managers")
    answer = client.post(f"/requests/{request.approval_id}/decide/", {"choice": "approved", "shown": "forged"})
    assert "⟦The form was changed on its way.⟧" in answer.text
    assert AuditEvent.objects.get(action="request.form_tampered").summary == "The form was changed on its way."


def test_a_stranger_is_recorded_in_english(signed_in: SignIn) -> None:
    request = approval_request()
    browser(signed_in, "anna", "managers").get(f"/requests/{request.approval_id}/explain/?user=ben")
    assert AuditEvent.objects.get(action="request.explain_refused").summary == (
        "Only auditors and admins see the record."
    )


def test_the_history_makes_its_lines_anew() -> None:
    request = approval_request()
    person("ben", "managers")
    anna = viewer("anna", "managers")
    claim(anna, request.approval_id, "Looking.")
    release(anna, request.approval_id)
    reassign(anna, request.approval_id, "ben", "He knows.")
    decide(viewer("ben"), request.approval_id, ballot(request, "rejected", "Too dear."))
    with pytest.raises(Refused, match="⟦"):
        decide(anna, request.approval_id, ballot(request))
    lines = [(line.action, line.note) for line in history_of(request, viewer("olga", "auditors"))]
    assert lines == [
        ("⟦said to be on it⟧", "Looking."),
        ("⟦ended a claim⟧", "⟦Anna is no longer on it⟧"),
        ("⟦put it to somebody else⟧", "⟦to Ben: He knows.⟧"),
        ("⟦answered: ⟦rejected⟧⟧", "Too dear."),
        ("⟦settled it here: ⟦rejected⟧⟧", ""),
        ("⟦tried to answer and was refused⟧", "⟦A decision is recorded and on its way to the workflow.⟧"),
    ]
    assert not AuditEvent.objects.filter(summary__contains=OPEN).exists()


def test_steps_of_the_record_are_told_by_their_titles() -> None:
    request = approval_request()
    anna, passed = viewer("anna").actor, "request.step_passed"
    AuditEvent.objects.record(anna, passed, request, "A agreed; now B", passed="Managers", now="Finance")
    AuditEvent.objects.record(anna, passed, request, "Managers agreed, said of old")
    told, old = history_of(request, viewer("olga", "auditors"))
    assert (told.note, old.note) == ("⟦Managers agreed; now Finance⟧", "Managers agreed, said of old")


def test_who_was_told_is_listed_in_ones_language() -> None:
    request = approval_request()
    said = "Told of a comment: adam, ben and 2 more"
    AuditEvent.objects.record(viewer("anna").actor, "request.told", request, said, topic="comment", count=4)
    (line,) = history_of(request, viewer("olga", "auditors"))
    assert line.note == "⟦Told of a comment: ⟦adam, ben and 2 more⟧⟧"


def test_the_ends_of_earlier_runs_read_in_ones_language() -> None:
    assert way_after(run(status="timed_out"), timezone.now() - timedelta(days=1), "manager") == ("⟦Timed out⟧",)


def test_a_doubt_that_somebody_confirmed_is_recorded_in_english() -> None:
    rita = at_work("rita")
    rita.defaults.update(GERMAN)
    first = sent(rita, expense(line()))
    again = expense(line(), description="Another day")
    page = rita.post(EXPENSE, again).text
    sent(rita, again | {"confirmed": mark_in(page)})
    assert AuditEvent.objects.get(action="submission.duplicate_confirmed").summary == f"Line 1: {first.ref}"
