"""Who may see what, and who may take part."""

import pytest

from approvals.models import Attachment, Decision, Delivery, Submission
from approvals.policy import (
    Viewer,
    may_administer,
    may_audit,
    may_cancel,
    may_change_groups,
    may_comment,
    may_copy,
    may_edit,
    may_open_attachment,
    may_retry,
    may_view,
    may_view_run,
    may_view_submission,
    may_withdraw,
    visible_requests,
)
from approvals.policy.answer import Answer
from tests.factories import approval_request, person, policy, run, submission, viewer

pytestmark = pytest.mark.django_db


def said(answer: Answer) -> tuple[bool, str]:
    assert answer.reason.endswith(".")
    return bool(answer), answer.code


@pytest.fixture
def retired() -> Viewer:
    """An admin, requester and manager whose account is not active any more."""
    return Viewer.of(person("rita", "admins", "auditors", "managers", is_active=False))


@pytest.mark.parametrize(
    ("name", "groups", "expected"),
    [
        ("olga", ["auditors"], (True, "sees_all")),
        ("adam", ["admins"], (True, "sees_all")),
        ("rita", [], (True, "requester")),
        ("anna", ["managers"], (True, "asked")),
        ("finn", ["finance"], (True, "same_run")),
        ("mallory", ["directors"], (False, "unrelated")),
    ],
)
def test_who_sees_a_request(name: str, groups: list[str], expected: tuple[bool, str]) -> None:
    request = approval_request(run_name="expense-one", stage="manager")
    approval_request(run_name="expense-one", stage="finance", policy=policy("finance"))
    who = viewer(name, *groups)
    assert said(may_view(who, request)) == expected
    assert (request in visible_requests(who)) is (expected[0] and expected[1] != "same_run")


def test_an_inactive_account_sees_and_does_nothing(retired: Viewer) -> None:
    request = approval_request(requester="rita", run_name="expense-two")
    handed_in = submission(retired.user, state=Submission.State.SUBMITTED)
    answers = [
        may_view(retired, request), may_comment(retired, request), may_cancel(retired, request),
        may_view_run(retired, run(run_name="expense-two")), may_view_submission(retired, handed_in),
        may_edit(retired, submission(retired.user)), may_withdraw(retired, handed_in),
        may_audit(retired), may_administer(retired), may_retry(retired), may_change_groups(retired, "anna"),
        may_open_attachment(retired, Attachment(submission=handed_in)),
    ]  # fmt: skip
    assert not any(answers)
    assert not visible_requests(retired).exists()


@pytest.mark.parametrize(
    ("name", "groups", "expected"),
    [
        ("rita", [], (True, "requester")),
        ("anna", ["managers"], (True, "asked")),
        ("olga", ["auditors"], (True, "sees_all")),
        ("mallory", ["directors"], (False, "unrelated")),
    ],
)
def test_who_sees_a_run(name: str, groups: list[str], expected: tuple[bool, str]) -> None:
    execution = run(run_name="expense-one")
    approval_request(run_name="expense-one")
    assert said(may_view_run(viewer(name, *groups), execution)) == expected


@pytest.mark.parametrize(
    ("name", "groups", "expected"),
    [
        ("anna", ["managers"], (True, "part")),
        ("rita", [], (True, "part")),
        ("adam", ["admins"], (True, "part")),
        ("adam", ["admins", "auditors"], (True, "part")),
        ("olga", ["auditors"], (False, "auditor")),
        ("olga", ["auditors", "managers"], (True, "part")),
        ("rita", ["auditors"], (True, "part")),
        ("mallory", [], (False, "unrelated")),
    ],
)
def test_who_may_remark(name: str, groups: list[str], expected: tuple[bool, str]) -> None:
    assert said(may_comment(viewer(name, *groups), approval_request())) == expected


@pytest.mark.parametrize(
    ("name", "groups", "expected"),
    [
        ("rita", [], (True, "withdrawn")),
        ("rita", ["admins"], (True, "withdrawn")),
        ("adam", ["admins"], (True, "cancelled")),
        ("anna", ["managers"], (False, "unrelated")),
        ("olga", ["auditors"], (False, "unrelated")),
    ],
)
def test_who_may_close_without_an_answer(name: str, groups: list[str], expected: tuple[bool, str]) -> None:
    assert said(may_cancel(viewer(name, *groups), approval_request())) == expected


def test_what_is_closed_or_decided_is_not_closed_again() -> None:
    request = approval_request(status="approved")
    assert said(may_cancel(viewer("rita"), request)) == (False, "closed")
    request = approval_request()
    Decision.objects.create(request=request, choice="approved", decided_by=person("ben"), decided_at=request.created_at)
    assert said(may_cancel(viewer("rita"), request)) == (False, "decided")


def test_a_submission_is_its_authors_until_handed_in() -> None:
    draft = submission(person("rita"))
    assert said(may_view_submission(viewer("rita"), draft)) == (True, "requester")
    assert said(may_view_submission(viewer("olga", "auditors"), draft)) == (False, "unrelated")
    draft.state = Submission.State.SUBMITTED
    assert said(may_view_submission(viewer("olga", "auditors"), draft)) == (True, "sees_all")
    assert said(may_view_submission(viewer("anna", "managers"), draft)) == (False, "unrelated")


def test_only_a_draft_changes_and_only_by_its_author() -> None:
    draft = submission(person("rita"))
    assert said(may_edit(viewer("rita"), draft)) == (True, "requester")
    assert said(may_edit(viewer("adam", "admins"), draft)) == (False, "unrelated")
    draft.state = Submission.State.SUBMITTED
    assert said(may_edit(viewer("rita"), draft)) == (False, "submitted")


def handed_in(**delivery: object) -> Submission:
    """A submission of Rita's with its delivery in some state."""
    found = submission(person("rita"), state=Submission.State.SUBMITTED)
    Delivery.objects.create(
        key=f"start:{found.ref}", kind="start", submission=found, payload="{}", next_try_at=found.created_at, **delivery
    )
    return found


@pytest.mark.parametrize(
    ("delivery", "expected"),
    [
        ({}, (True, "not_started")),
        ({"attempts": 1}, (False, "started")),
        ({"state": "delivered", "attempts": 1}, (False, "started")),
        ({"error_kind": "retryable"}, (False, "started")),
    ],
    ids=["never tried", "being tried", "delivered", "tried before a retry"],
)
def test_a_submission_is_taken_back_only_before_it_was_ever_sent(
    delivery: dict[str, object], expected: tuple[bool, str]
) -> None:
    assert said(may_withdraw(viewer("rita"), handed_in(**delivery))) == expected


def test_a_draft_is_not_withdrawn_and_nobody_withdraws_for_another() -> None:
    assert said(may_withdraw(viewer("rita"), submission(person("rita")))) == (False, "state")
    assert said(may_withdraw(viewer("adam", "admins"), handed_in())) == (False, "unrelated")


@pytest.mark.parametrize(
    ("name", "groups", "expected"),
    [
        ("rita", [], (True, "requester")),
        ("anna", ["managers"], (True, "asked")),
        ("olga", ["auditors"], (True, "sees_all")),
        ("mallory", [], (False, "unrelated")),
    ],
)
def test_who_opens_a_file(name: str, groups: list[str], expected: tuple[bool, str]) -> None:
    handed = submission(person("rita"), state=Submission.State.SUBMITTED, run_name="expense-one")
    approval_request(run_name="expense-one")
    assert said(may_open_attachment(viewer(name, *groups), Attachment(submission=handed))) == expected


def test_a_file_of_a_draft_is_its_authors() -> None:
    draft = submission(person("rita"))
    assert said(may_open_attachment(viewer("anna", "managers"), Attachment(submission=draft))) == (False, "unrelated")


@pytest.mark.parametrize(
    ("groups", "audits", "administers"),
    [
        (["admins"], "sees_all", "admin"),
        (["auditors"], "sees_all", "not_admin"),
        (["managers"], "not_auditor", "not_admin"),
    ],
)
def test_who_keeps_the_office(groups: list[str], audits: str, administers: str) -> None:
    who = viewer("pat", *groups)
    assert may_audit(who).code == audits
    assert may_administer(who).code == administers
    assert bool(may_retry(who)) is (administers == "admin")


def test_nobody_changes_their_own_groups() -> None:
    adam = viewer("adam", "admins")
    assert said(may_change_groups(adam, "ADAM")) == (False, "self")
    assert said(may_change_groups(adam, "anna")) == (True, "admin")


def test_audiences_follow_name_and_groups_each_once() -> None:
    by_name = approval_request(policy=policy(users=("anna",))).audience_id
    by_group = approval_request(policy=policy("managers")).audience_id
    by_both = approval_request(policy=policy("managers", users=("anna",))).audience_id
    approval_request(policy=policy("finance"))
    anna = viewer("anna", "managers")
    assert sorted(anna.audiences) == sorted({by_name, by_group, by_both})
    assert sorted(anna.own_audiences) == sorted({by_name, by_both})
    assert sorted(anna.group_audiences) == sorted({by_group, by_both})
    assert anna.actor.name == "anna"


def test_a_new_draft_is_begun_only_from_what_one_handed_in_oneself(retired: Viewer) -> None:
    draft = submission(person("ruth"))
    assert said(may_copy(viewer("ruth"), draft)) == (False, "draft")
    draft.state = Submission.State.WITHDRAWN
    assert said(may_copy(viewer("ruth"), draft)) == (True, "requester")
    assert said(may_copy(viewer("adam", "admins"), draft)) == (False, "unrelated")
    assert said(may_copy(retired, submission(retired.user, state=Submission.State.SUBMITTED))) == (False, "unrelated")
