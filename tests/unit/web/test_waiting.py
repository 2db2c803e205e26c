"""For the requester: whom it waits for, how long that takes as a rule, and a reminder that is not sent too often."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from approvals.actions.decide import Ballot, decide
from approvals.actions.errors import Refused
from approvals.actions.nudge import nudge
from approvals.actions.policies import save_policy
from approvals.models import ApprovalRequest, AuditEvent, EffectivePolicy, Occasion, Policy, Topic
from approvals.models.terms import AtDeadline, PolicyTerms
from approvals.web.expected import expected_for
from tests.factories import approval_request, person, policy, run, submission, viewer
from tests.german import german
from tests.policies import office, opened, policy_of, step
from tests.unit.notifying.conftest import tell_all
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


def told() -> list[list[str]]:
    """Whom each reminder told."""
    tell_all()
    rows = Occasion.objects.filter(topic=Topic.REMINDER).order_by("id")
    return [sorted(one.person.username for one in row.notifications.all()) for row in rows]


def settled(hours: float, *, days_ago: float = 1, status: str = "approved", **fields: Any) -> ApprovalRequest:
    """A request that was answered after so many hours."""
    end = timezone.now() - timedelta(days=days_ago)
    start = end - timedelta(hours=hours)
    return approval_request(status=status, created_at=start, updated_at=end, settled_at=end, **fields)


def on_the_way(**fields: Any) -> tuple[str, ApprovalRequest]:
    """A submission of Rita's whose request waits: its page, and the request."""
    begun = run(requester="rita")
    sent = submission(person("rita"), state="submitted", run_name=begun.run_name, submitted_at=timezone.now())
    return f"/submissions/{sent.ref}/", approval_request(run_name=begun.run_name, **fields)


def test_the_requester_sees_who_may_answer_and_who_has(signed_in: SignIn) -> None:
    page, request = on_the_way(policy=policy("managers", required=2))
    for name in ("adam", "anna", "ben", "carl", "dora", "emil"):
        person(name, "managers")
    person("gone", "managers", is_active=False)
    shown = signed_in("rita").get(page)
    assert [one.person.username for one in shown.context["waiting"].people] == ["adam", "anna", "ben", "carl"]
    assert "and 2 more" in shown.text
    assert "2 of them must still approve." in shown.text
    decide(viewer("anna", "managers"), request.approval_id, Ballot("approved", "", 1, request.content_digest))
    shown = signed_in("rita").get(page)
    assert [one.person.username for one in shown.context["waiting"].people] == ["adam", "ben", "carl", "dora"]
    assert "1 of them must still approve." in shown.text
    assert "<bdi>Anna</bdi>, " in shown.text


def test_a_vote_is_news_for_the_open_page(signed_in: SignIn) -> None:
    page, request = on_the_way(policy=policy("managers", required=2))
    person("adam", "managers")
    client = signed_in("rita")
    seen = client.get(page).context["seen"]
    assert client.get(f"{page}live/", {"seen": seen}).status_code == 204
    decide(viewer("anna", "managers"), request.approval_id, Ballot("approved", "", 1, request.content_digest))
    assert client.get(f"{page}live/", {"seen": seen}).status_code == 200


def test_a_reminder_goes_to_those_whose_turn_it_is_and_then_not_for_a_day(signed_in: SignIn) -> None:
    page, request = on_the_way(policy=policy("managers", "finance", required=2, exclude=("carl",)))
    for name in ("adam", "carl"):
        person(name, "managers", "finance")
    decide(viewer("anna", "managers"), request.approval_id, Ballot("approved", "", 1, request.content_digest))
    client = signed_in("rita")
    assert "Remind them" in client.get(page).text
    done = client.post(f"/requests/{request.approval_id}/nudge/", {"back": page})
    assert done["Location"] == page
    assert told() == [["adam"]]
    event = AuditEvent.objects.get(action="request.nudged")
    assert (event.actor, event.data["people"]) == ("rita", ["adam"])
    shown = client.get(page).text
    assert "Remind them" not in shown
    assert "They are reminded." in shown
    assert re.search(r"The next reminder is possible\s+<time[^>]*>in 24 hours</time>", shown)
    assert shown.count("The next reminder is possible") == 1
    assert "You reminded them already" not in shown
    client.post(f"/requests/{request.approval_id}/nudge/", {"back": page})
    assert told() == [["adam"]]
    assert AuditEvent.objects.latest("id").action == "request.nudge_refused"
    with time_machine.travel(timezone.now() + timedelta(hours=23, minutes=59)), pytest.raises(Refused, match="an hour"):
        nudge(viewer("rita"), request.approval_id)
    with time_machine.travel(timezone.now() + timedelta(hours=24)):
        nudge(viewer("rita"), request.approval_id)
        assert told() == [["adam"], ["adam"]]


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:x"])
def test_a_reminder_leads_back_to_a_page_of_ours_only(signed_in: SignIn, back: str) -> None:
    _, request = on_the_way()
    person("adam", "managers")
    done = signed_in("rita").post(f"/requests/{request.approval_id}/nudge/", {"back": back})
    assert done["Location"] == f"/requests/{request.approval_id}/"


def test_nobody_but_the_requester_reminds() -> None:
    _, request = on_the_way()
    for who in (viewer("anna", "managers"), viewer("ada", "admins")):
        with pytest.raises(Refused, match="Only the person who asked"):
            nudge(who, request.approval_id)


def test_what_waits_for_nobody_is_not_reminded_of() -> None:
    _, request = on_the_way()
    with pytest.raises(Refused, match=r"Nobody can answer this request.*A reminder changes nothing"):
        nudge(viewer("rita"), request.approval_id)
    closed = approval_request(status="approved")
    with pytest.raises(Refused, match="waits for nobody"):
        nudge(viewer("rita"), closed.approval_id)
    late = approval_request(expires_at=timezone.now())
    with pytest.raises(Refused, match="waits for nobody"):
        nudge(viewer("rita"), late.approval_id)
    own = approval_request(kind="revision", policy=policy(users=("rita",)))
    with pytest.raises(Refused, match="your own turn"):
        nudge(viewer("rita"), own.approval_id)


def test_what_too_few_can_answer_is_not_reminded_of_by_hand_either(signed_in: SignIn) -> None:
    page, request = on_the_way(policy=policy("managers", required=2))
    person("adam", "managers")
    said = signed_in("rita").post(f"/requests/{request.approval_id}/nudge/", {"back": page}, follow=True).text
    assert "only 1 of those it is put to may give one. A reminder changes nothing: ask an admin of this portal" in said
    line = AuditEvent.objects.get(action="request.nudge_refused")
    assert line.data["why"] == "unanswerable"
    assert "A reminder changes nothing" in line.summary
    with german(), pytest.raises(Refused, match="⟦⟦This request needs 2"):
        nudge(viewer("rita"), request.approval_id)


def test_what_a_policy_closed_is_not_reminded_of() -> None:
    person("anna", "managers")
    request = opened(step("managers", hours=1), at_deadline=AtDeadline.EXPIRE)
    later = timezone.now() + timedelta(hours=2)
    with time_machine.travel(later), pytest.raises(Refused, match="own deadline has passed"):
        nudge(viewer("rita"), request.approval_id)


def test_what_to_expect_comes_from_at_least_ten_settled_ones(signed_in: SignIn) -> None:
    page, request = on_the_way()
    for hours in range(1, 10):
        settled(hours)
    assert expected_for(request) is None
    assert "As a rule" not in signed_in("rita").get(page).text
    settled(100, status="timeout")
    cache.clear()
    found = expected_for(request)
    assert found is not None
    assert (found.median, found.most, found.count) == (timedelta(hours=5), timedelta(hours=8), 10)
    assert "Half are settled within 5 hours, four in five within 8 hours." in signed_in("rita").get(page).text


@pytest.mark.parametrize(
    "other",
    [
        {"days_ago": 91},
        {"status": "cancelled"},
        {"status": "error"},
        {"stage": "finance"},
        {"workflow": "loan"},
    ],
)
def test_what_is_old_withdrawn_or_of_another_kind_teaches_nothing(other: dict[str, Any]) -> None:
    request = approval_request()
    for _ in range(12):
        settled(1, **other)
    assert expected_for(request) is None


def test_the_same_people_count_more_than_the_stage_where_there_are_enough_of_them() -> None:
    request = approval_request(policy=policy(users=("adam",)))
    for _ in range(10):
        settled(2)
    assert expected_for(request).median == timedelta(hours=2)  # type: ignore[union-attr]
    for _ in range(10):
        settled(6, policy=policy(users=("adam",)))
    cache.clear()
    assert expected_for(request).median == timedelta(hours=6)  # type: ignore[union-attr]


def test_only_decisions_under_the_same_policy_teach() -> None:
    def request_under(policy: Policy, **fields: Any) -> ApprovalRequest:
        one = settled(**fields) if fields else approval_request()
        version = policy.versions.order_by("-number").first()
        EffectivePolicy.objects.create(request=one, version=version, because="All", opened_at=one.created_at)
        return one

    person("anna", "managers")
    person("ben", "finance")
    plain = policy_of(step("managers"))
    for _ in range(10):
        request_under(plain, hours=3)
    assert expected_for(request_under(policy_of(step("managers")))) is None
    assert expected_for(approval_request()) is None
    save_policy(office(), plain, PolicyTerms((step("managers", hours=8),)), based_on=1)
    assert expected_for(request_under(plain)).median == timedelta(hours=3)  # type: ignore[union-attr]
    save_policy(office(), plain, PolicyTerms((step("managers"), step("finance"))), based_on=2)
    assert expected_for(request_under(plain)) is None
    for _ in range(10):
        settled(6)
        request_under(plain, hours=9)
    cache.clear()
    assert expected_for(request_under(plain)).median == timedelta(hours=9)  # type: ignore[union-attr]
    assert expected_for(approval_request()).median == timedelta(hours=6)  # type: ignore[union-attr]


def test_the_expected_time_costs_one_range_of_an_index_and_is_remembered(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    request = approval_request()
    with CaptureQueriesContext(connection) as asked:
        expected_for(request)
    assert "LIMIT 500" in asked[0]["sql"]
    with django_assert_num_queries(0):
        expected_for(request)
    assert "settled_by_stage" in plan_of(asked[0]["sql"])


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {'' if connection.vendor == 'postgresql' else 'QUERY PLAN '}{sql}")
        return str(cursor.fetchall())


def test_the_requester_withdraws_from_the_submission_and_from_the_request(signed_in: SignIn) -> None:
    page, request = on_the_way()
    client = signed_in("rita")
    assert "Withdraw this request" in client.get(page).text
    assert "Withdraw this request" in client.get(f"/requests/{request.approval_id}/").text
    client.post(f"{page}withdraw/", {"reason": "Paid by somebody else."})
    assert request.recorded.choice == "withdrawn"
    _, other = on_the_way()
    client.post(f"/requests/{other.approval_id}/close/", {"reason": ""})
    assert other.recorded.choice == "withdrawn"
