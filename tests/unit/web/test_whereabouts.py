"""The tracker of any workflow: answers by their names, and what counts as a way on."""

from typing import Any

import pytest

from approvals.actions.handover import reassign
from approvals.models import ApprovalRequest, EffectivePolicy, Submission
from approvals.models.terms import AtDeadline
from approvals.web.waiting import waiting_for
from approvals.web.whereabouts import Whereabouts, whereabouts
from tests.factories import approval_request, person, policy, run, submission, viewer
from tests.policies import opened, step
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def place_of(workflow: str, run_status: str, *asked: dict[str, Any], **run_fields: Any) -> Whereabouts:
    """Where a submission is, after these requests of its run."""
    name = f"{workflow}-abc1234"
    run(run_name=name, workflow=workflow, status=run_status, **run_fields)
    sent = submission(
        person("rita"), workflow=workflow, state=Submission.State.SUBMITTED, run_name=name, ref="REF-ABC1234"
    )
    for number, fields in enumerate(asked, 1):
        stage = fields["stage"]
        approval_request(
            run_name=name,
            workflow=workflow,
            approval_id=f"{name}.{stage}" + (f".{number}" if number > 1 else ""),
            **fields,
        )
    return whereabouts([sent])[0]


def test_content_that_was_removed_is_a_step_that_went_well() -> None:
    removed = {"stage": "moderation", "status": "rejected", "decision": {"decision": "remove", "decided_by": "anna"}}
    place = place_of("moderation", "succeeded", removed)
    assert [(step.label, step.state, step.note) for step in place.steps][2] == ("Moderators", "done", "Removed.")
    assert place.sentence == "Settled"


def test_a_document_sent_back_was_a_step_on_its_way() -> None:
    sent_back = {"stage": "review", "status": "rejected", "decision": {"decision": "changes_requested"}}
    place = place_of("document", "waiting", sent_back, {"stage": "revision"}, {"stage": "review"})
    assert [(step.label, step.state) for step in place.steps][2:5] == [
        ("Review", "done"),
        ("Revision", "now"),
        ("Review, again", "now"),
    ]


def test_a_rejected_expense_stays_one_that_did_not_go_well() -> None:
    rejected = {"stage": "manager", "status": "rejected", "decision": {"decision": "rejected", "comments": "No."}}
    place = place_of("expense", "denied", rejected)
    assert [step.state for step in place.steps][2] == "failed"
    assert (place.sentence, place.reason) == ("Rejected", "No.")


def test_a_level_after_a_deadline_is_called_the_next_one() -> None:
    place = place_of("expense", "waiting", {"stage": "manager", "status": "timeout"}, {"stage": "manager"})
    assert [step.label for step in place.steps][2:4] == ["Manager", "Manager, next level"]


def test_a_loan_that_a_rule_denied_says_why() -> None:
    place = place_of("loan", "denied", result={"reason": "The credit score of 540 is under 580."})
    assert place.sentence == "Denied"
    assert place.reason == "The credit score of 540 is under 580."


def test_a_trip_whose_undo_operators_waived_says_why_the_trip_ended_and_not_what_operators_wrote() -> None:
    approved = {"stage": "approval", "status": "approved", "decision": {"decision": "approved"}}
    waived = {"stage": "undo-hotel", "kind": "question", "options": ["retry", "waive"], "status": "rejected"}
    waived["decision"] = {"decision": "waive", "comments": "Refunded anyway.", "decided_by": "olga"}
    place = place_of("travel", "denied", approved, waived, result={"reason": "No car is left."})
    assert (place.state_label, place.sentence, place.reason) == ("Denied", "Denied", "No car is left.")
    assert [step.state for step in place.steps][3] == "done"


def test_after_it_was_put_to_somebody_else_it_waits_for_them_and_no_longer_for_the_group() -> None:
    person("anna", "managers")
    person("ben", "managers", last_name="Berg")
    place = place_of("expense", "waiting", {"stage": "manager"})
    assert place.sentence == "Waiting for managers"
    reassign(viewer("anna"), "expense-abc1234.manager", "ben", "He knows the supplier.")
    place = whereabouts([place.submission])[0]
    assert place.sentence == "Waiting for Ben Berg"
    assert [step.note for step in place.steps if step.state == "now"] == ["Waiting for Ben Berg."]


def test_under_a_policy_it_waits_for_the_step_under_way() -> None:
    person("lena", "legal")
    opened(step("legal"), request={"run_name": "expense-abc1234", "policy": policy("managers", "legal")})
    assert place_of("expense", "waiting").sentence == "Waiting for legal"


def test_a_policy_whose_time_is_over_asks_nobody_any_more_and_the_workflow_goes_on(signed_in: SignIn) -> None:
    person("anna", "managers")
    opened(step("managers", hours=1), request={"run_name": "expense-abc1234"}, at_deadline=AtDeadline.EXPIRE)
    EffectivePolicy.objects.get().expire()
    assert place_of("expense", "waiting").sentence == (
        "Nobody may answer any more; the workflow goes on by itself at its deadline"
    )
    request = ApprovalRequest.objects.get()
    assert waiting_for(viewer("rita"), request).is_over
    page = signed_in("rita").get(f"/requests/{request.approval_id}/").text
    assert "Nobody any more: the time that the policy gives is over." in page
    assert "Remind them" not in page


def test_everybody_who_answered_is_named_and_for_whom_also_after_the_end(signed_in: SignIn) -> None:
    for name in ("mei", "priya", "jonas"):
        person(name)
    votes = [{"by": "mei", "for": "priya", "decision": "approved"}, {"by": "jonas", "decision": "approved"}]
    decision = {"decision": "approved", "decided_by": "jonas", "votes": votes}
    place = place_of("expense", "succeeded", {"stage": "manager", "status": "approved", "decision": decision})
    assert [(step.others, step.by) for step in place.steps if step.by] == [((("mei", "priya"),), "jonas")]
    page = " ".join(signed_in("rita").get(f"/submissions/{place.submission.ref}/").text.split())
    assert [name for name in ("Mei", "Priya", "Jonas") if name in page] == ["Mei", "Priya", "Jonas"]
    assert '/requests/expense-abc1234.manager/"' in page
