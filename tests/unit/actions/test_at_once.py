"""Two people, or one person twice, at the same instant: one outcome, and nobody sees an error page."""

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from approvals.actions.attach import attach
from approvals.actions.claim import claim
from approvals.actions.close import close_request, withdraw_unsent
from approvals.actions.comment import comment
from approvals.actions.deadlines import pass_due
from approvals.actions.decide import Ballot, decide
from approvals.actions.draft import save_draft
from approvals.actions.edit_comment import edit_comment
from approvals.actions.errors import Refused
from approvals.actions.handover import reassign
from approvals.actions.nudge import nudge
from approvals.actions.policies import save_policy
from approvals.actions.submit import Filled, submit
from approvals.models import (
    ApprovalRequest,
    AuditEvent,
    Decision,
    Delivery,
    EffectivePolicy,
    Nudge,
    Policy,
    Submission,
    Vote,
)
from approvals.models.terms import AtDeadline, Needed, PolicyTerms
from approvals.policy import Viewer
from tests.factories import approval_request, person, policy, viewer
from tests.policies import office, opened, policy_of, standing, step

pytestmark = pytest.mark.django_db(transaction=True)
AtOnce = Callable[..., list[Any]]
PAIRS = 12


def ballot(request: ApprovalRequest, choice: str) -> Ballot:
    return Ballot(choice, "Because of the rules.", request.version, request.content_digest)


def voting(voter: Viewer, request: ApprovalRequest, choice: str) -> Callable[[], Any]:
    return lambda: decide(voter, request.approval_id, ballot(request, choice))


def test_of_two_approvers_exactly_one_wins_and_the_other_learns_why(at_once: AtOnce) -> None:
    anna, ben = viewer("anna", "managers"), viewer("ben", "managers")
    for _ in range(PAIRS):
        request = approval_request()
        outcomes = at_once(voting(anna, request, "approved"), voting(ben, request, "rejected"))
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Refused", "tuple"]
        refusal = next(outcome for outcome in outcomes if isinstance(outcome, Refused))
        assert refusal.answer.code == "decided"
    assert Decision.objects.count() == Delivery.objects.count() == Vote.objects.count() == PAIRS
    assert AuditEvent.objects.filter(action="request.vote_refused").count() == PAIRS


def test_a_double_click_votes_once(at_once: AtOnce) -> None:
    anna = viewer("anna", "managers")
    for _ in range(PAIRS):
        request = approval_request(policy=policy("managers", required=2))
        outcomes = at_once(voting(anna, request, "approved"), voting(anna, request, "approved"))
        assert [o.answer.code for o in outcomes if isinstance(o, Refused)] == ["voted"]
    assert Vote.objects.count() == PAIRS
    assert not Decision.objects.exists()


def test_the_last_two_of_a_quorum_settle_once_with_all_votes(at_once: AtOnce) -> None:
    voters = [viewer(name, "managers") for name in ("anna", "ben", "cleo")]
    for _ in range(PAIRS):
        request = approval_request(policy=policy("managers", required=3))
        outcomes = at_once(*(voting(voter, request, "approved") for voter in voters))
        assert Counter(type(outcome) for outcome in outcomes) == {tuple: 3}
        assert [decision is not None for _, decision in outcomes].count(True) == 1
        votes = json.loads(Delivery.objects.get(decision__request=request).payload)["votes"]
        assert {vote["by"] for vote in votes} == {"anna", "ben", "cleo"}


def test_a_withdrawal_and_an_approval_never_both_win(at_once: AtOnce) -> None:
    anna, rita = viewer("anna", "managers"), viewer("rita")
    for _ in range(PAIRS):
        request = approval_request(requester="rita")
        outcomes = at_once(
            voting(anna, request, "approved"), lambda r=request: close_request(rita, r.approval_id, "Not needed.")
        )
        assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
    assert Decision.objects.count() == PAIRS


def test_a_double_submit_starts_one_run_and_both_get_it(at_once: AtOnce) -> None:
    rita = viewer("rita")
    filled = Filled("expense", "Train to Lyon", {"description": "Train"}, "expense_id")
    for number in range(PAIRS):
        token = uuid.uuid4()
        if number % 2:
            save_draft(rita, workflow="expense", token=token, title="Train", form_data={})
        outcomes = at_once(*(lambda t=token: submit(rita, filled, token=t, form_data={}) for _ in range(2)))
        assert [type(outcome) for outcome in outcomes] == [Submission, Submission]
        assert outcomes[0].pk == outcomes[1].pk
    assert Delivery.objects.count() == PAIRS
    assert AuditEvent.objects.filter(action="submission.submitted").count() == PAIRS


def test_two_people_with_one_token_do_not_share_a_form(at_once: AtOnce) -> None:
    people = [viewer("rita"), viewer("mallory")]
    filled = Filled("expense", "Train to Lyon", {"description": "Train"}, "expense_id")
    token = uuid.uuid4()
    outcomes = at_once(*(lambda who=who: submit(who, filled, token=token, form_data={}) for who in people))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Refused", "Submission"]


def test_a_file_never_joins_a_form_that_was_submitted(at_once: AtOnce, tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    rita = viewer("rita")
    filled = Filled("expense", "Train to Lyon", {"description": "Train"}, "expense_id")
    for number in range(PAIRS):
        token = uuid.uuid4()
        draft = Submission.objects.create(ref=f"EXP-{number}", token=token, workflow="expense", requester=rita.user)
        upload = SimpleUploadedFile("bill.pdf", b"%PDF-1.7 small")
        at_once(
            lambda d=draft, u=upload: attach(rita, d, u, "application/pdf"),
            lambda t=token: submit(rita, filled, token=t, form_data={}),
        )
        submitted = AuditEvent.objects.get(action="submission.submitted", object_id=draft.ref)
        late = AuditEvent.objects.filter(action="attachment.added", pk__gt=submitted.pk, summary__contains=draft.ref)
        assert not late.exists()
    stored = sum(len(files) for _, _, files in tmp_path.walk())
    assert stored == sum(submission.attachments.count() for submission in Submission.objects.all())


def test_a_withdrawal_and_the_outbox_never_both_take_a_start(at_once: AtOnce) -> None:
    rita = viewer("rita")
    filled = Filled("expense", "Train to Lyon", {"description": "Train"}, "expense_id")
    for _ in range(PAIRS):
        submission = submit(rita, filled, token=uuid.uuid4(), form_data={})

        def take_up(key: str = f"start:{submission.run_name}") -> int:
            return Delivery.objects.filter(key=key, state="queued").update(attempts=1)

        withdrawn, taken = at_once(lambda s=submission: withdraw_unsent(rita, s), take_up)
        assert isinstance(withdrawn, Submission) != bool(taken)


def test_two_accounts_whose_names_differ_in_case_cannot_both_be_made(at_once: AtOnce) -> None:
    outcomes = at_once(lambda: person("rita"), lambda: person("RITA"))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["IntegrityError", "User"]


def test_of_several_at_the_last_places_of_a_step_all_count_and_the_next_begins_once(at_once: AtOnce) -> None:
    names = ("anna", "ben", "cleo")
    voters = [viewer(name, "managers") for name in names]
    person("fay", "finance")
    for _ in range(PAIRS):
        terms = policy("managers", "finance")
        request = opened(step("managers", needed=Needed.COUNT, count=2), step("finance"), request={"policy": terms})
        outcomes = at_once(*(voting(voter, request, "approved") for voter in voters))
        # The third comes too late for the step, and it is not their turn any more.
        assert [o.answer.code for o in outcomes if isinstance(o, Refused)] == ["step_over"]
        assert standing(request).effective.step == 1
        assert AuditEvent.objects.about(request).filter(action="request.step_passed").count() == 1
    assert Vote.objects.count() == 2 * PAIRS
    assert not Decision.objects.exists()


def test_an_answer_and_the_safe_answer_never_both_win(at_once: AtOnce) -> None:
    anna = viewer("anna", "managers")
    for _ in range(PAIRS):
        request = opened(step("managers", hours=1), at_deadline=AtDeadline.DEFAULT, default_option="rejected")
        due = timezone.now() + timedelta(milliseconds=5)
        EffectivePolicy.objects.filter(request=request).update(due_at=due)

        def when_due() -> int:
            time.sleep(0.005)
            return pass_due()

        at_once(voting(anna, request, "approved"), when_due, when_due)
        pass_due()
        assert Decision.objects.filter(request=request).count() == 1


def test_of_two_admins_with_the_same_page_open_one_makes_the_next_version(at_once: AtOnce) -> None:
    person("anna", "managers")
    person("fay", "finance")
    for _ in range(PAIRS):
        made = policy_of(step("managers"))
        copies = [Policy.objects.get(pk=made.pk) for _ in range(2)]
        terms = [PolicyTerms((step("finance"),)), PolicyTerms((step("managers", "finance"),))]
        outcomes = at_once(
            *(
                lambda copy=copy, said=said: save_policy(office(), copy, said, based_on=1)
                for copy, said in zip(copies, terms, strict=True)
            )
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Invalid", "PolicyVersion"]


def test_of_two_who_claim_at_once_one_is_on_it(at_once: AtOnce) -> None:
    anna, ben = viewer("anna", "managers"), viewer("ben", "managers")
    for _ in range(PAIRS):
        request = approval_request()
        outcomes = at_once(*(lambda who=who, r=request: claim(who, r.approval_id) for who in (anna, ben)))
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Claim", "Refused"]
    assert Delivery.objects.filter(kind=Delivery.Kind.HEARTBEAT).count() == PAIRS


def test_an_answer_and_a_reassignment_at_once_end_as_if_one_came_first(at_once: AtOnce) -> None:
    anna, ben = viewer("anna", "managers"), viewer("ben", "managers")
    person("cleo", "managers")
    for _ in range(PAIRS):
        request = approval_request()
        outcomes = at_once(
            voting(anna, request, "approved"),
            lambda r=request: reassign(ben, r.approval_id, "cleo", "She knows."),
        )
        [refusal] = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
        assert refusal.answer.code in {"decided", "handed_over"}


def test_two_clicks_on_the_reminder_are_one_reminder(at_once: AtOnce) -> None:
    rita = viewer("rita")
    person("anna", "managers")
    for _ in range(PAIRS):
        request = approval_request()
        outcomes = at_once(*[lambda request=request: nudge(rita, request.approval_id)] * 2)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Nudge", "Refused"]
    assert Nudge.objects.count() == PAIRS


def test_two_edits_at_once_lose_no_version(at_once: AtOnce) -> None:
    anna = viewer("anna", "managers")
    for _ in range(PAIRS):
        remark = comment(anna, approval_request(), "First")
        at_once(lambda r=remark: edit_comment(anna, r, "Second"), lambda r=remark: edit_comment(anna, r, "Third"))
        remark.refresh_from_db()
        kept = list(remark.versions.order_by("id").values_list("body", flat=True))
        assert sorted([*kept, remark.body]) == ["First", "Second", "Third"]
        assert kept[0] == "First"
