"""A policy's own reminders: before, on and after the end of a step's time, each once, and anew when it escalates."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from approvals.actions.deadlines import pass_due
from approvals.actions.decide import Ballot, decide
from approvals.models import ApprovalRequest, Notification, Occasion, PolicyVersion, Topic
from approvals.models.terms import AtDeadline, Step
from approvals.notifying.schedule import OVERDUE, schedule
from approvals.notifying.teller import Teller
from approvals.web.formats import exact
from approvals.web.tellings import tellings_of
from tests.factories import policy, viewer
from tests.policies import opened, step
from tests.unit.notifying.conftest import reachable, side_by_side, tell_all, told

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 60
FLOOR = policy("managers", "legal")


@pytest.fixture(autouse=True)
def people() -> None:
    """Who works here."""
    reachable("anna", "managers")
    reachable("lea", "legal")


def under(*steps: Step, hours: int = 100, **terms: Any) -> ApprovalRequest:
    """A request just opened under a policy with these steps; the workflow gives it so many hours."""
    now = timezone.now()
    request = opened(
        *steps, request={"policy": FLOOR, "created_at": now, "expires_at": now + timedelta(hours=hours)}, **terms
    )
    Occasion.objects.leave(Topic.TURN, request.approval_id)
    tell_all()
    return request


def at(hours: float) -> None:
    """Let the worker do what is due so many hours from now: the steps, and the telling."""
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        pass_due()
        teller = Teller()
        while teller.step() == 0:
            pass


def moments(request: ApprovalRequest) -> list[float]:
    """The hours from its opening at which the request's people are reminded."""
    request.refresh_from_db()
    planned = (one for one in schedule(request) if one.mark != OVERDUE)
    return [round((one.at - request.created_at) / timedelta(hours=1), 1) for one in planned]


def test_reminders_come_before_on_and_after_the_end_of_a_steps_time_each_once() -> None:
    request = under(step("managers", hours=24), remind=(-4 * HOUR, -30, 2 * HOUR))
    assert moments(request) == [20, 23.5, 24, 26]
    for hours, times in (
        (19.9, 0),
        (20.1, 1),
        (20.2, 1),
        (23.6, 2),
        (24.1, 3),
        (24.2, 3),
        (25.9, 3),
        (26.1, 4),
        (99, 4),
    ):
        at(hours)
        assert told("reminder") == ["anna"] * times, f"after {hours} hours"


def test_without_a_time_of_its_own_a_step_is_reminded_of_before_the_workflows_deadline() -> None:
    request = under(step("managers"), remind=(-24 * HOUR, -2 * HOUR))
    assert moments(request) == [76, 98]


def test_without_reminders_of_its_own_a_policy_has_the_usual_ones_within_its_steps_time() -> None:
    assert moments(under(step("managers"))) == [50, 80]
    assert moments(under(step("managers", hours=20))) == [10, 16, 20, 50, 80]
    expiring = under(step("managers", hours=20), at_deadline=AtDeadline.EXPIRE)
    assert moments(expiring) == [10, 16]


def test_a_policy_may_remind_nobody_before_the_deadline() -> None:
    assert moments(under(step("managers"), remind=())) == []


def test_a_version_from_before_there_were_reminders_reminds_as_usual() -> None:
    request = under(step("managers"))
    version = PolicyVersion.objects.get()
    del version.stored["remind"]
    PolicyVersion.objects.filter(pk=version.pk).update(stored=version.stored)
    assert moments(request) == [50, 80]


def test_an_escalation_has_reminders_of_its_own() -> None:
    escalation = {"at_deadline": AtDeadline.ESCALATE, "escalate_groups": ("legal",), "escalate_hours": 10}
    request = under(step("managers", hours=24), remind=(-2 * HOUR,), **escalation)
    assert moments(request) == [22]
    at(22.1)
    assert told("reminder") == ["anna"]
    at(24.1)
    assert [round(hours) for hours in moments(request)] == [32]
    assert told("turn") == ["anna", "lea"]
    at(32.2)
    at(32.3)
    assert told("reminder") == ["anna", "anna", "lea"]


def test_a_step_that_was_passed_reminds_nobody_and_the_next_has_its_own() -> None:
    request = under(step("managers", hours=24), step("legal", hours=48), remind=(-2 * HOUR,))
    decide(viewer("anna"), request.approval_id, Ballot("approved", "", 1, request.content_digest))
    tell_all()
    at(23)
    assert told("reminder") == []
    at(46.5)
    assert told("reminder") == ["lea"]


def test_a_reminder_names_the_end_of_the_steps_time() -> None:
    request = under(step("managers", hours=24), remind=(-2 * HOUR,))
    at(22.1)
    [telling] = tellings_of(Notification.objects.filter(occasion__topic="reminder").select_related("request"), "en_GB")
    assert exact(request.created_at + timedelta(hours=24)) in telling.sentence


def test_on_the_deadline_steps_and_reminders_together_tell_once() -> None:
    under(step("managers", hours=24), remind=(-2 * HOUR,))
    with time_machine.travel(timezone.now() + timedelta(hours=24.1)):
        side_by_side(pass_due, pass_due, *[tell_all] * 4)
        pass_due()
        tell_all()
    assert told("reminder") == ["anna"]


def test_a_reminder_before_anybody_is_asked_is_left_out() -> None:
    assert moments(under(step("managers", hours=4), step("legal", hours=48), remind=(-24 * HOUR,))) == [4]
