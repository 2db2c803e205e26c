"""When a policy's step ends without enough answers: who hears of it, and that they hear of it once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from approvals.actions.deadlines import pass_due
from approvals.actions.decide import Ballot, decide
from approvals.models import ApprovalRequest, EffectivePolicy, Letter, Notification, Occasion, Topic
from approvals.models.terms import AtDeadline, Needed
from approvals.web.tellings import Telling, tellings_of
from tests.factories import policy, viewer
from tests.policies import opened, step
from tests.unit.notifying.conftest import closed, reachable, side_by_side, tell_all, told

pytestmark = pytest.mark.django_db(transaction=True)
FLOOR = policy("managers", "legal")
ESCALATES = {"at_deadline": AtDeadline.ESCALATE, "escalate_groups": ("legal",)}


@pytest.fixture(autouse=True)
def people() -> None:
    """Who works here."""
    for name, groups in (("anna", ["managers"]), ("mia", ["managers"]), ("lea", ["legal"]), ("rita", [])):
        reachable(name, *groups)


def asked_under(**terms: Any) -> ApprovalRequest:
    """A request whose people were told that it is their turn."""
    request = opened(step("managers", hours=4, needed=Needed.ALL), request={"policy": FLOOR}, **terms)
    Occasion.objects.leave(Topic.TURN, request.approval_id)
    tell_all()
    return request


def its_time_is_over(request: ApprovalRequest) -> None:
    """The worker finds that the step's time is over, and tells."""
    over = timezone.now() - timedelta(seconds=1)
    EffectivePolicy.objects.filter(request=request).update(due_at=over, opened_at=over - timedelta(hours=4))
    side_by_side(pass_due, pass_due)
    side_by_side(tell_all, tell_all)


def telling(topic: Topic, name: str) -> Telling:
    rows = Notification.objects.filter(occasion__topic=topic, person__username=name)
    [found] = tellings_of(rows.select_related("occasion", "request", "person").order_by("-id")[:1], "en_GB")
    return found


def test_when_a_step_expires_those_asked_and_the_requester_hear_of_it_once() -> None:
    request = asked_under(at_deadline=AtDeadline.EXPIRE)
    its_time_is_over(request)
    pass_due()
    tell_all()
    assert (told("over"), told("outcome")) == (["anna", "mia"], ["rita"])
    assert not Notification.objects.asking(request).filter(over_at=None).exists()
    over, outcome = telling(Topic.OVER, "anna"), telling(Topic.OUTCOME, "rita")
    assert over.label == "No longer needed"
    assert over.sentence.startswith("The time for an answer is over: the group managers did not answer within it.")
    assert outcome.label == "Nobody answered"
    assert "The group managers did not answer in time, and no answer is taken any more." in outcome.sentence


def test_who_answered_before_a_step_expired_hears_nothing_of_it() -> None:
    request = asked_under(at_deadline=AtDeadline.EXPIRE)
    decide(viewer("anna"), request.approval_id, Ballot("approved", "", 1, request.content_digest))
    its_time_is_over(request)
    assert told("over") == ["mia"]


def test_the_end_of_the_request_tells_the_requester_again_and_those_asked_no_more() -> None:
    request = asked_under(at_deadline=AtDeadline.EXPIRE)
    its_time_is_over(request)
    request.refresh_from_db()
    closed(request, "timeout", by="")
    tell_all()
    assert (told("over"), told("outcome")) == (["anna", "mia"], ["rita", "rita"])


def test_nobody_is_written_to_of_the_end_of_what_they_were_never_written_to_of() -> None:
    request = asked_under(at_deadline=AtDeadline.EXPIRE)
    Letter.objects.filter(person__username="anna").update(state="sent", attempts=1)
    its_time_is_over(request)
    letters = Letter.objects.filter(notifications__occasion__topic="over")
    assert [one.person.username for one in letters] == ["anna"]


def test_when_a_step_escalates_the_newly_asked_and_the_requester_hear_of_it_once() -> None:
    request = asked_under(**ESCALATES)
    its_time_is_over(request)
    pass_due()
    tell_all()
    assert (told("turn"), told("outcome"), told("over")) == (["anna", "lea", "mia"], ["rita"], [])
    turn, outcome = telling(Topic.TURN, "lea"), telling(Topic.OUTCOME, "rita")
    assert turn.label == "Escalated to you"
    assert turn.sentence.startswith("The group managers did not answer in time. Rita asks you.")
    assert outcome.sentence == "The group managers did not answer in time. Asked as well now: the group legal."


def test_when_an_escalation_expires_too_everybody_who_was_asked_hears_of_it() -> None:
    request = asked_under(**ESCALATES, escalate_hours=2)
    its_time_is_over(request)
    its_time_is_over(request)
    assert (told("over"), told("outcome")) == (["anna", "lea", "mia"], ["rita", "rita"])
