"""Documents and flagged content from the form to the end, answered by people at the portal, on the local cloud."""

import pytest

from approvals.models import ApprovalRequest
from tests.cloud.sheets import any_run, file, hand_in, page_of
from tests.office import Office
from tests.unit.web.more_forms import document, flagged

pytestmark = [pytest.mark.cloud]


@pytest.fixture(scope="module", autouse=True)
def _worker(office: Office) -> None:
    office.hire_worker()


def test_a_document_is_sent_back_revised_by_the_portals_form_and_then_approved(office: Office) -> None:
    run_name = file(office, "document", document())
    review = office.request(run_name, "review")
    assert office.answer("adam", review, "changes_requested").status_code == 422  # which changes?
    assert office.answer("adam", review, "changes_requested", "Clause 4 is missing.").status_code == 302

    revision = office.request(run_name, "revision")
    assert (revision.kind, revision.summary) == ("revision", "Clause 4 is missing.")
    assert revision.approval_id in office.browser("rita").get("/queue/").content.decode()
    typed = {"answer-0": "Supply contract, version 2", "answer-1": "Clause 4 is in."}
    assert office.answer("rita", revision, "revised", **typed).status_code == 302

    again = office.request(run_name, "review.2")
    assert (again.title, again.summary) == ("Supply contract (version 2)", "Clause 4 is in.")
    assert again.details["document_name"] == "Supply contract, version 2"
    assert office.answer("anna", again, "approved", "Now it is complete.").status_code == 302
    run = office.ended(run_name)
    assert run.result is not None
    assert (run.status, run.result["document_name"]) == ("succeeded", "Supply contract, version 2")
    assert (run.result["revisions"], run.result["decided_by"]) == (1, "anna")
    statuses = ApprovalRequest.objects.filter(run_name=run_name).order_by("created_at").values_list("stage", "status")
    assert list(statuses) == [("review", "rejected"), ("revision", "approved"), ("review", "approved")]


def test_a_document_that_nobody_answers_in_time_is_recorded_as_timeout_and_the_run_ends(office: Office) -> None:
    payload = {"document_id": "D-1", "document_name": "Budget", "requester": "rita", "timeout_seconds": 1}
    run_name = hand_in(office, "document", payload)
    run = office.ended(run_name)
    assert (run.status, run.error) == ("timed_out", None)
    assert office.item(f"{run_name}.review")["status"] == "timeout"
    assert "Nobody answered by the deadline." in page_of(office, "rita", f"{run_name}.review")


def test_who_is_named_by_an_outside_caller_is_the_requester_as_if_by_the_form(office: Office) -> None:
    run_name = any_run("document")
    office.invoke(run_name, {"document_id": "D-2", "document_name": "Lease", "requester": "rita"})
    office.answer("adam", office.request(run_name, "review"), "changes_requested", "Shorter, please.")
    revision = office.request(run_name, "revision")
    gave_up = office.browser("rita").post(f"/requests/{revision.approval_id}/close/", {"reason": "No longer needed."})
    assert gave_up.status_code == 302
    assert office.ended(run_name).status == "cancelled"
    assert office.browser("rita").get(f"/runs/{run_name}/").status_code == 200


@pytest.mark.parametrize(("choice", "status"), [("publish", "approved"), ("remove", "rejected")])
def test_moderators_publish_or_remove_and_it_is_recorded_once(office: Office, choice: str, status: str) -> None:
    run_name = file(office, "moderation", flagged())
    request = office.request(run_name, "moderation")
    assert (request.policy["groups"], sorted(request.policy["exclude"])) == (["moderators"], ["ann", "rita"])
    assert office.answer("mo", request, choice, "As the rules say.").status_code == 302
    assert office.ended(run_name).status == "succeeded"
    assert office.request(run_name, "moderation").status == status
    fact = office.run_item(run_name)["moderation"]
    assert fact == {"content_id": "c-17", "action": choice, "decided_by": "mo"}


def test_content_that_no_moderator_answers_in_time_stays_hidden(office: Office) -> None:
    fields = {"content_id": "c-9", "content_type": "comment", "excerpt": "Spam", "author": "ann", "flags": ["spam"]}
    run_name = hand_in(office, "moderation", {**fields, "requester": "rita", "timeout_seconds": 1})
    run = office.ended(run_name)
    assert run.result is not None
    assert (run.status, run.result["action"]) == ("timed_out", "keep_hidden")
    assert office.run_item(run_name)["moderation"]["action"] == "keep_hidden"


def test_a_moderator_does_not_decide_what_is_his_own(office: Office) -> None:
    run_name = file(office, "moderation", flagged(author="mo"))
    request = office.request(run_name, "moderation")
    assert 'name="choice"' not in page_of(office, "mo", request.approval_id)
    office.browser("rita").post(f"/requests/{request.approval_id}/close/", {"reason": "A mistake."})
    assert office.ended(run_name).status == "cancelled"
    assert office.run_item(run_name)["moderation"]["action"] == "keep_hidden"
