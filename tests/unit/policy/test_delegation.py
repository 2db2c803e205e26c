"""A deputy answers for somebody who is away: what that gives, and what it never gives."""

from datetime import timedelta

import pytest
from django.utils import timezone

from approvals.actions.decide import Ballot, decide
from approvals.actions.errors import Refused
from approvals.actions.handover import add_approver, reassign
from approvals.models import ApprovalRequest, Decision, User, Vote
from approvals.models.pages import Cursor, Order
from approvals.models.terms import Needed
from approvals.policy import (
    acting_for,
    awaited,
    checks,
    may_comment,
    may_decide,
    may_hand_over,
    may_view,
    people_asked,
    visible_requests,
    who_may_view,
    whose_turn,
)
from tests.factories import absence, approval_request, person, policy, viewer
from tests.policies import each, opened, standing, step

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people() -> None:
    """Anna and Adam manage, Ben does not; Fay and Fred are finance."""
    for name, group in {"anna": "managers", "adam": "managers", "fay": "finance", "fred": "finance"}.items():
        person(name, group)
    for name in ("ben", "rita"):
        person(name)


def code(name: str, request: ApprovalRequest) -> str:
    request.refresh_from_db()
    answer = may_decide(viewer(name), request)
    assert answer.reason.endswith(".")
    return answer.code


def answer(name: str, request: ApprovalRequest, choice: str = "approved") -> tuple[Vote, Decision | None]:
    ballot = Ballot(choice, "" if choice == "approved" else "No.", request.version, request.content_digest)
    return decide(viewer(name), request.approval_id, ballot)


def queue_of(name: str) -> list[str]:
    who = viewer(name)
    waiting = ApprovalRequest.objects.open().not_barred_for(name)
    page = waiting.page_of_audiences(who.audiences, Order.DEADLINE, others=who.others)
    assert len(waiting.ids_of_audiences(who.audiences, Order.DEADLINE, None, 99, who.others)) == len(page.rows)
    return [row.approval_id for row in page.rows]


def test_a_deputy_may_decide_what_the_person_may_and_it_counts_as_theirs() -> None:
    request = approval_request()
    assert (code("ben", request), queue_of("ben")) == ("not_asked", [])
    absence("anna", "ben")
    assert (code("ben", request), queue_of("ben")) == ("deputy", [request.approval_id])
    assert may_decide(viewer("ben"), request).reason.startswith("You answer for Anna, who is away until ")
    vote, decision = answer("ben", request)
    assert (vote.voter.username, vote.for_person, vote.who) == ("ben", person("anna"), "Ben for Anna")
    assert decision is not None
    assert decision.who == "Ben for Anna"


def test_being_away_does_not_bar_and_whoever_comes_first_takes_the_place() -> None:
    request = approval_request(policy=policy("managers", required=2))
    absence("anna", "ben")
    assert code("anna", request) == "asked"
    answer("anna", request)
    assert code("ben", request) == "not_asked"
    assert queue_of("ben") == []


def test_once_the_deputy_has_answered_the_person_has_too() -> None:
    request = approval_request(policy=policy("managers", required=2))
    absence("anna", "ben")
    answer("ben", request)
    refused = may_decide(viewer("anna"), request)
    assert (refused.code, refused.reason) == ("voted", "Ben has answered for you while you were away.")
    assert queue_of("anna") == []
    assert answer("adam", request)[1] is not None


def test_one_person_gives_one_answer_however_many_they_stand_in_for() -> None:
    request = approval_request(policy=policy("managers", required=2))
    absence("anna", "ben")
    absence("adam", "ben")
    vote, decision = answer("ben", request)
    assert (vote.holder.username, decision) == ("anna", None)
    with pytest.raises(Refused):
        answer("ben", request)
    assert queue_of("ben") == []


def test_who_is_asked_themselves_answers_for_themselves() -> None:
    request = approval_request(policy=policy("managers", required=2))
    absence("anna", "adam")
    assert code("adam", request) == "asked"
    assert answer("adam", request)[0].for_person is None
    assert queue_of("adam") == []
    assert answer("anna", request)[1] is not None


@pytest.mark.parametrize(
    ("terms", "requester", "expected"),
    [
        (policy("managers"), "ben", "requester"),
        (policy("managers"), "BEN", "requester"),
        (policy("managers", exclude=("ben",)), "rita", "excluded"),
        (policy("managers", exclude=("anna",)), "rita", "not_asked"),
        (policy("managers"), "anna", "not_asked"),
        (policy("finance"), "rita", "not_asked"),
    ],
)
def test_what_bars_the_deputy_or_the_person_bars_the_answer(
    terms: dict[str, object], requester: str, expected: str
) -> None:
    request = approval_request(policy=terms, requester=requester)
    absence("anna", "ben")
    assert (code("ben", request), queue_of("ben")) == (expected, [])


def test_a_new_version_of_what_somebody_asked_for_is_theirs_alone_to_make() -> None:
    request = approval_request(kind="revision", requester="anna", policy=policy(users=("anna",)), options=["revised"])
    absence("anna", "ben")
    assert (code("anna", request), code("ben", request), queue_of("ben")) == ("revision", "not_asked", [])


@pytest.mark.parametrize(
    ("starts", "lasts", "may"), [(-1, 2, True), (0, 1, True), (1, 2, False), (-2, 1, False), (-2, 2, False)]
)
def test_it_holds_from_its_first_moment_to_just_before_its_last(starts: int, lasts: int, may: bool) -> None:
    request, now = approval_request(), timezone.now()
    begin = now + timedelta(hours=starts)
    made = absence("anna", "ben", starts_at=begin, until=begin + timedelta(hours=lasts))
    assert made.holds("expense", now) is may
    assert (code("ben", request) == "deputy") is may
    assert bool(queue_of("ben")) is may


def test_it_holds_for_the_workflows_that_it_names_and_no_other() -> None:
    expense, loan = approval_request(), approval_request(workflow="loan", run_name="loan-1")
    absence("anna", "ben", "loan")
    assert (code("ben", expense), code("ben", loan)) == ("not_asked", "deputy")
    assert queue_of("ben") == [loan.approval_id]
    assert (may_view(viewer("ben"), expense).code, may_view(viewer("ben"), loan).code) == ("unrelated", "deputy")
    assert [one.pk for one in visible_requests(viewer("ben"))] == [loan.pk]


def test_it_ends_at_once_when_it_is_ended() -> None:
    request = approval_request()
    absence("anna", "ben", ended_at=timezone.now())
    assert (code("ben", request), queue_of("ben")) == ("not_asked", [])


def test_a_deputy_of_a_deputy_inherits_nothing() -> None:
    request = approval_request()
    absence("anna", "ben")
    absence("ben", "carl")
    assert (code("ben", request), code("carl", request)) == ("deputy", "not_asked")
    assert queue_of("carl") == []


@pytest.mark.parametrize("who", ["anna", "ben"])
def test_an_account_that_is_not_active_neither_stands_in_nor_is_stood_in_for(who: str) -> None:
    request = approval_request()
    absence("anna", "ben")
    User.objects.filter(username=who).update(is_active=False)
    assert code("ben", request) in {"inactive", "not_asked"}
    assert "ben" not in [one.username for one in people_asked(request).people]


def test_a_deputy_sees_the_request_and_talks_about_it_while_it_lasts_and_what_they_answered_for_good() -> None:
    request, other = approval_request(), approval_request()
    made = absence("anna", "ben")
    assert may_view(viewer("ben"), request).code == "deputy"
    assert may_comment(viewer("ben"), request)
    assert person("ben") in who_may_view(request)
    answer("ben", request)
    made.ended_at = timezone.now()
    made.save()
    assert may_view(viewer("ben"), request).code == "answered"
    assert not may_view(viewer("ben"), other)
    assert person("ben") not in who_may_view(other)


def test_a_deputy_passes_a_step_of_a_policy_in_the_place_of_the_person() -> None:
    request = opened(each("managers", "finance"), step("finance"), request={"policy": policy("managers", "finance")})
    absence("anna", "ben")
    absence("fay", "ben")
    vote, _ = answer("ben", request)
    assert (vote.holder.username, vote.seats) == ("anna", ["group:managers"])
    answer("fred", request)
    assert standing(request).effective.step == 1
    assert answer("fay", request)[1] is not None


def test_all_of_a_group_are_agreed_when_deputies_answer_for_those_away() -> None:
    request = opened(step("managers", needed=Needed.ALL))
    absence("anna", "ben")
    assert answer("ben", request)[1] is None
    assert answer("adam", request)[1] is not None


def test_a_turn_that_comes_later_or_went_to_others_is_no_turn_of_the_deputy() -> None:
    request = opened(step("finance"), step("managers"), request={"policy": policy("managers", "finance")})
    absence("anna", "ben")
    assert (code("ben", request), queue_of("ben")) == ("not_asked", [])
    answer("fay", request)
    assert (code("ben", request), queue_of("ben")) == ("deputy", [request.approval_id])
    reassign(viewer("adam"), request.approval_id, "fred", "He knows it.")
    assert (code("ben", request), queue_of("ben")) == ("not_asked", [])


def test_whoever_is_asked_instead_or_as_well_has_a_deputy_too() -> None:
    request = approval_request(policy=policy("managers", "finance"))
    absence("fay", "ben")
    reassign(viewer("anna"), request.approval_id, "fay", "She knows it.")
    assert code("ben", request) == "deputy"
    added = opened(step("managers"), request={"policy": policy("managers", "finance")})
    add_approver(viewer("anna"), added.approval_id, "fay", "She knows it.")
    assert answer("ben", added)[0].seats == ["added"]
    assert answer("adam", added)[1] is not None


def test_a_deputy_hands_nothing_over() -> None:
    request = approval_request()
    absence("anna", "ben")
    assert may_hand_over(viewer("ben"), request).code == "deputy"
    with pytest.raises(Refused, match="Only they or an admin"):
        reassign(viewer("ben"), request.approval_id, "adam", "Not I.")


def test_an_answer_of_an_earlier_stage_bars_the_deputy_and_the_person() -> None:
    absence("anna", "ben")
    first = approval_request()
    answer("ben", first)
    later = opened(step("managers"), bars_earlier=True, request={"run_name": first.run_name, "stage": "finance"})
    assert (code("anna", later), code("ben", later), code("adam", later)) == ("earlier", "not_asked", "asked")


def test_the_ones_asked_are_told_in_one_place_with_whom_they_stand_in_for() -> None:
    request = approval_request()
    absence("anna", "ben")
    batch = people_asked(request)
    assert sorted(one.username for one in batch.people) == ["adam", "anna", "ben"]
    assert batch.stands_for == {person("ben").pk: person("anna")}
    assert sorted(one.username for one in whose_turn(request)) == ["adam", "anna"]
    assert [(one.person.username, one.deputy) for one in awaited(request, 4)[0]] == [
        ("adam", None), ("anna", person("ben")),
    ]  # fmt: skip


def test_what_a_request_waits_for_follows_the_step_and_not_the_floor_alone() -> None:
    request = opened(step("finance"), request={"policy": policy("managers", "finance")})
    assert [one.person.username for one in awaited(request, 4)[0]] == ["fay", "fred"]


def test_the_explanation_names_the_person_and_the_end() -> None:
    request = approval_request()
    made = absence("anna", "ben")
    check = next(one for one in checks(viewer("ben"), request) if one.answer.code == "deputy")
    assert check.note.startswith("Anna is away until ")
    assert f"{made.until:%Y}" in check.note
    acting = acting_for(viewer("ben"), request)
    assert acting is not None
    assert acting.absence == made


def test_a_deputys_page_is_one_statement_however_many_are_away(django_assert_num_queries: object) -> None:
    for number in range(3):
        person(f"m{number}", "managers", f"team{number}")
        absence(f"m{number}", "ben")
        approval_request(policy=policy("managers", f"team{number}"))
    who = viewer("ben")
    audiences, others = who.audiences, who.others
    assert [scope.username for scope in others] == ["m0", "m1", "m2"]
    waiting = ApprovalRequest.objects.open().not_barred_for("ben")
    with django_assert_num_queries(1):  # type: ignore[operator]
        page = waiting.page_of_audiences(audiences, Order.DEADLINE, others=others)
    assert len(page.rows) == 3
    assert len({row.pk for row in page.rows}) == 3


def test_pages_of_a_deputy_follow_one_another_without_a_gap_or_a_repeat() -> None:
    absence("anna", "fay")
    absence("adam", "fay")
    for number in range(4):
        approval_request(expires_at=timezone.now() + timedelta(hours=number + 1))
        approval_request(policy=policy("finance"), expires_at=timezone.now() + timedelta(hours=number + 1))
    who, seen, after = viewer("fay"), [], None
    waiting = ApprovalRequest.objects.open().not_barred_for("fay")
    while True:
        page = waiting.page_of_audiences(who.audiences, Order.DEADLINE, after, 3, others=who.others)
        seen += [row.pk for row in page.rows]
        if not page.more:
            break
        after = Cursor(page.rows[-1].expires_at, page.rows[-1].pk)
    assert len(seen) == len(set(seen)) == 8


def test_who_gave_their_own_place_away_answers_for_nobody_else() -> None:
    request = opened(step("managers", needed=Needed.COUNT, count=2), request={"policy": policy("managers", "finance")})
    absence("anna", "adam")
    reassign(viewer("adam"), request.approval_id, "fay", "I know the supplier too well.")
    assert (code("adam", request), queue_of("adam")) == ("handed_over", [])
    assert code("anna", request) == "asked"


def test_nobody_is_waited_for_whom_a_deputy_has_answered() -> None:
    request = approval_request(policy=policy("managers", required=2))
    absence("anna", "ben")
    answer("ben", request)
    assert [one.person.username for one in awaited(request, 4)[0]] == ["adam"]


def test_where_all_must_agree_a_deputy_who_joins_the_group_later_is_not_waited_for() -> None:
    request = opened(step("managers", needed=Needed.ALL))
    absence("anna", "ben")
    answer("ben", request)
    person("ben", "managers")
    assert answer("adam", request)[1] is not None
