"""Reminders before the deadline, a word on it, and a call behind it: each once, whoever died or was late."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from approvals.actions.decide import Ballot, decide
from approvals.models import ApprovalRequest, Letter, Notification, Occasion, Topic
from approvals.notifying.claims import claim_due
from approvals.notifying.schedule import OVERDUE_AFTER, SHORTEST, schedule
from approvals.notifying.teller import Teller, tell
from approvals.web.tellings import tellings_of
from portal.environment import percentages
from tests.factories import approval_request, policy, viewer
from tests.unit.notifying.conftest import asked, closed, reachable, side_by_side, tell_all, told
from tests.unit.notifying.test_crashes import PEOPLE, POINTS, killed_at

pytestmark = pytest.mark.django_db(transaction=True)


def half_a_day(**fields: object) -> ApprovalRequest:
    """A request just asked, with ten hours to answer: reminders after five and eight."""
    now = timezone.now()
    return asked(created_at=now, expires_at=now + timedelta(hours=10), **fields)


def at(hours: float) -> None:
    """Let the worker look at the time so many hours from now."""
    now = timezone.now() + timedelta(hours=hours)
    teller = Teller()
    while teller.step(now) == 0:
        pass


def test_those_who_have_not_answered_are_reminded_twice() -> None:
    for name in ("anna", "adam"):
        reachable(name, "managers")
    request = half_a_day(policy=policy("managers", required=2))
    tell_all()
    at(4.9)
    assert told("reminder") == []
    at(5.1)
    assert told("reminder") == ["adam", "anna"]
    decide(viewer("anna"), request.approval_id, Ballot("approved", "", 1, request.content_digest))
    at(8.1)
    assert told("reminder") == ["adam", "adam", "anna"]
    at(9)
    assert told("reminder") == ["adam", "adam", "anna"]


def test_who_joined_the_group_since_is_reminded_too() -> None:
    reachable("anna", "managers")
    half_a_day()
    tell_all()
    reachable("bo", "managers")
    at(5.1)
    assert told("reminder") == ["anna", "bo"]


def test_nobody_is_reminded_of_what_is_closed() -> None:
    reachable("anna", "managers")
    closed(half_a_day(), by="bo")
    tell_all()
    at(9)
    assert told("reminder") == []


def test_after_an_outage_the_later_reminder_alone_is_told() -> None:
    reachable("anna", "managers")
    half_a_day()
    tell_all()
    at(8.5)
    assert told("reminder") == ["anna"]
    assert Occasion.objects.get(cause__endswith=":50%").state == "dropped"
    assert Occasion.objects.get(cause__endswith=":80%").state == "told"


def test_a_request_that_is_seen_late_has_only_the_reminders_to_come() -> None:
    reachable("anna", "managers")
    now = timezone.now()
    asked(created_at=now - timedelta(hours=6), expires_at=now + timedelta(hours=4))
    tell_all()
    marks = Occasion.objects.exclude(topic="turn").order_by("due_at").values_list("cause", flat=True)
    assert [cause.rpartition(":")[2] for cause in marks] == ["80%", "overdue"]


def test_a_deadline_that_moves_moves_the_reminders() -> None:
    reachable("anna", "managers")
    request = half_a_day()
    tell_all()
    ApprovalRequest.objects.update(expires_at=request.expires_at + timedelta(hours=10))
    at(5.1)
    assert told("reminder") == []
    at(10.1)
    assert told("reminder") == ["anna"]


def test_a_schedule_that_changed_drops_what_it_no_longer_knows(settings: Settings) -> None:
    reachable("anna", "managers")
    half_a_day()
    tell_all()
    settings.REMIND_AT = (80,)
    at(5.1)
    assert told("reminder") == []


def test_a_request_that_nothing_closes_calls_an_admin_once() -> None:
    reachable("anna", "managers")
    reachable("olaf", "admins")
    half_a_day()
    tell_all()
    at(10.1)
    assert told("office") == []
    for _ in range(3):
        at(10.3)
    assert told("office") == ["olaf"]
    [telling] = tellings_of(Notification.objects.filter(occasion__topic="office").select_related("request"), "en_GB")
    assert telling.label == "Overdue"


def test_a_request_that_was_settled_in_time_calls_nobody() -> None:
    reachable("olaf", "admins")
    closed(half_a_day(), "timeout", by="")
    tell_all()
    at(11)
    assert told("office") == []


def test_on_the_deadline_those_asked_the_requester_and_the_next_are_told() -> None:
    reachable("anna", "managers")
    reachable("dora", "directors")
    reachable("rita")
    first = half_a_day(run_name="expense-one", requester="rita")
    tell_all()
    closed(first, "timeout", by="")
    second = asked(
        run_name="expense-one", stage="manager", approval_id="expense-one.manager.2", policy=policy("directors"),
        requester="rita",
    )  # fmt: skip
    tell_all()
    assert (told("over"), told("outcome")) == (["anna"], ["rita"])
    row = Notification.objects.select_related("occasion", "request", "person").get(request=second)
    [telling] = tellings_of([row], "en_GB")
    assert (row.person.username, telling.label) == ("dora", "Escalated to you")
    assert telling.sentence.startswith("Nobody of managers answered in time.")


def test_a_second_attempt_that_follows_no_timeout_is_no_escalation() -> None:
    reachable("anna", "managers")
    asked(run_name="expense-one", approval_id="expense-one.manager.2")
    tell_all()
    [telling] = tellings_of(Notification.objects.select_related("occasion", "request", "person"), "en_GB")
    assert telling.label == "Your answer is wanted"


@pytest.mark.parametrize("point", [one for one in POINTS if "claim" in one or "batch" in one or "move" in one])
def test_a_worker_killed_while_it_reminds_forgets_nobody_and_reminds_nobody_twice(point: str) -> None:
    for name in PEOPLE:
        reachable(name, "managers")
    now = timezone.now()
    asked(created_at=now - timedelta(hours=4), expires_at=now + timedelta(hours=6))
    tell_all()
    ApprovalRequest.objects.update(created_at=now - timedelta(hours=7), expires_at=now + timedelta(hours=6))
    Occasion.objects.filter(cause__endswith=":50%").update(due_at=now)
    killed_at(point)
    Occasion.objects.filter(cause__endswith=":50%").update(due_at=now)
    tell_all()
    assert told("reminder") == PEOPLE


def test_a_worker_killed_before_it_left_the_reminders_leaves_them_once_it_is_back() -> None:
    for name in PEOPLE:
        reachable(name, "managers")
    half_a_day()
    killed_at("after record, uncommitted")
    Occasion.objects.update(due_at=timezone.now())
    tell_all()
    assert Occasion.objects.filter(topic="reminder").count() == 2


def test_many_workers_remind_each_once() -> None:
    for name in PEOPLE:
        reachable(name, "managers")
    half_a_day()
    tell_all()
    side_by_side(*[lambda: at(5.1)] * 6)
    at(5.2)
    assert told("reminder") == PEOPLE
    assert Letter.objects.filter(notifications__occasion__topic="reminder").count() == len(PEOPLE)


def test_a_worker_that_slept_reminds_nobody_again() -> None:
    reachable("anna", "managers")
    half_a_day()
    tell_all()
    later = timezone.now() + timedelta(hours=5.1)
    [sleeper] = claim_due(1, later)
    at(5.2)
    tell(sleeper, later)
    assert told("reminder") == ["anna"]


def test_due_reminders_are_found_by_their_index() -> None:
    half_a_day()
    tell_all()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # A table of three rows is read whole otherwise.
            cursor.execute("SET enable_seqscan = off")
    try:
        assert "occasions_due" in Occasion.objects.due(timezone.now())[:20].explain()
    finally:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("RESET enable_seqscan")


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.timedeltas(timedelta(seconds=1), timedelta(days=400)),
)
def test_every_schedule_is_in_order_between_asking_and_just_behind_the_deadline(
    created: datetime, whole: timedelta
) -> None:
    request = ApprovalRequest(created_at=created, expires_at=created + whole)
    moments = schedule(request)
    assert [one.at for one in moments] == sorted(one.at for one in moments)
    assert moments[-1].at == request.expires_at + OVERDUE_AFTER
    reminders = [one for one in moments if one.topic is Topic.REMINDER]
    assert all(created < one.at < request.expires_at for one in reminders)
    assert len(reminders) == (2 if whole >= SHORTEST else 0)


@pytest.mark.parametrize(("text", "found"), [("50,80", (50, 80)), (" 90, 10 ,10", (10, 90)), ("", ())])
def test_the_percentages_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, text: str, found: tuple[int, ...]
) -> None:
    monkeypatch.setenv("REMIND_AT", text)
    assert percentages("REMIND_AT", default="") == found


@pytest.mark.parametrize("text", ["0", "100", "half", "50;80", "-5"])
def test_percentages_that_are_none_are_refused_by_name(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("REMIND_AT", text)
    with pytest.raises(ImproperlyConfigured, match="REMIND_AT"):
        percentages("REMIND_AT", default="")


def test_a_request_that_is_asked_twice_at_once_has_its_reminders_once() -> None:
    reachable("anna", "managers")
    request = approval_request()
    for _ in range(10):
        Occasion.objects.leave(Topic.TURN, request.approval_id)
        tell_all()
    assert Occasion.objects.filter(topic="reminder").count() == 2
