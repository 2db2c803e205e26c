"""Who may decide: each reason by itself, and all of them together against a small model of the rule."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.models import ApprovalRequest, Decision, User, Vote
from approvals.policy import Viewer, may_decide
from approvals.policy.requests import in_audience
from tests.factories import approval_request, person, policy, viewer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def code(who: Viewer, request: ApprovalRequest, now: datetime | None = None) -> str:
    answer = may_decide(who, request, now)
    assert answer.reason.endswith(".")
    return answer.code if not answer else "allowed"


def test_a_member_of_the_group_may() -> None:
    assert code(viewer("anna", "managers"), approval_request()) == "allowed"


def test_a_person_named_by_the_policy_may_without_any_group() -> None:
    assert code(viewer("anna"), approval_request(policy=policy(users=("anna",)))) == "allowed"


def test_a_person_who_is_not_asked_may_not() -> None:
    assert code(viewer("anna", "finance"), approval_request()) == "not_asked"


def test_an_admin_decides_only_where_a_policy_names_them() -> None:
    root = Viewer.of(person("root", "admins", is_superuser=True))
    assert code(root, approval_request()) == "not_asked"


@pytest.mark.parametrize("requester", ["rita", "Rita", "RITA"])
def test_the_requester_may_not_in_whatever_case_the_item_names_them(requester: str) -> None:
    assert code(viewer("rita", "managers"), approval_request(requester=requester)) == "requester"


@pytest.mark.parametrize("excluded", ["anna", "ANNA"])
def test_who_decided_an_earlier_stage_may_not(excluded: str) -> None:
    request = approval_request(policy=policy("managers", exclude=(excluded,)))
    assert code(viewer("anna", "managers"), request) == "excluded"


def test_a_misspelt_policy_asks_nobody_rather_than_somebody_else() -> None:
    assert code(viewer("anna"), approval_request(policy=policy(users=("Anna",)))) == "not_asked"


def test_an_account_that_is_not_active_may_not() -> None:
    who = viewer("anna", "managers")
    who.user.is_active = False
    assert code(who, approval_request()) == "inactive"


@pytest.mark.parametrize("status", ["approved", "rejected", "timeout", "cancelled", "error"])
def test_a_closed_request_takes_no_answer(status: str) -> None:
    assert code(viewer("anna", "managers"), approval_request(status=status)) == "closed"


def test_a_recorded_decision_closes_the_request_before_the_mirror_knows() -> None:
    request = approval_request()
    Decision.objects.create(request=request, choice="approved", decided_by=person("ben"), decided_at=NOW)
    assert code(viewer("anna", "managers"), request) == "decided"


def test_nobody_answers_twice() -> None:
    request = approval_request(policy=policy("managers", required=2))
    anna = viewer("anna", "managers")
    Vote.objects.create(request=request, voter=anna.user, choice="approved", policy={}, shown_version=1)
    assert code(anna, request) == "voted"


@pytest.mark.parametrize(("late", "expected"), [(-1, "allowed"), (0, "expired"), (1, "expired")])
def test_the_deadline_is_the_first_moment_that_is_too_late(late: int, expected: str) -> None:
    request = approval_request(expires_at=NOW)
    assert code(viewer("anna", "managers"), request, NOW + timedelta(milliseconds=late)) == expected


@pytest.mark.parametrize("terms", [{}, {"groups": None, "users": None}])
def test_a_policy_that_names_nobody_asks_nobody(terms: dict[str, Any]) -> None:
    request = approval_request()
    request.policy = terms
    assert code(viewer("anna", "managers"), request) == "not_asked"


@dataclass(frozen=True)
class Case:
    """Everything that the answer hangs on."""

    active: bool
    is_requester: bool
    is_named: bool
    groups: frozenset[str]
    asked_groups: frozenset[str]
    excluded: bool
    pending: bool
    late: bool


cases = st.builds(
    Case,
    active=st.booleans(),
    is_requester=st.booleans(),
    is_named=st.booleans(),
    groups=st.frozensets(st.sampled_from(["managers", "finance", "admins", "auditors"])),
    asked_groups=st.frozensets(st.sampled_from(["managers", "finance", "directors"])),
    excluded=st.booleans(),
    pending=st.booleans(),
    late=st.booleans(),
)


def allowed_by_the_rule(case: Case) -> bool:
    """The rule in one sentence: an active person who is asked, did not ask and is not excluded, in time."""
    asked = case.is_named or bool(case.groups & case.asked_groups)
    return case.active and asked and not case.is_requester and not case.excluded and case.pending and not case.late


@given(case=cases)
def test_the_policy_says_what_the_rule_says(case: Case) -> None:
    who = Viewer(User(pk=7, username="anna", is_active=case.active), case.groups)
    request = ApprovalRequest(
        requester="anna" if case.is_requester else "rita",
        policy={
            "groups": sorted(case.asked_groups),
            "users": ["anna"] if case.is_named else ["ben"],
            "exclude": ["anna"] if case.excluded else [],
        },
        status="pending" if case.pending else "approved",
        expires_at=NOW - timedelta(seconds=1) if case.late else NOW + timedelta(seconds=1),
    )
    request.pk = 9
    assert bool(may_decide(who, request, NOW)) is allowed_by_the_rule(case)
    assert in_audience(who, request) is (case.is_named or bool(case.groups & case.asked_groups))
