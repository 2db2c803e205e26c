"""Who is told when somebody is away: both, once; and the deputy of every turn while it lasts."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from approvals.actions.away import Plan, end_absence, set_absence
from approvals.actions.decide import Ballot, decide
from approvals.actions.nudge import nudge
from approvals.mailing.compose import compose
from approvals.models import AuditEvent, Letter, Notification
from approvals.policy import Viewer
from approvals.web.tellings import Telling, tellings_of
from tests.factories import absence, person, policy, viewer
from tests.unit.notifying.conftest import asked, closed, reachable, tell_all, told

pytestmark = pytest.mark.django_db


def tellings(name: str) -> list[Telling]:
    rows = Notification.objects.filter(person=person(name)).select_related("occasion", "request", "person")
    return tellings_of(rows.order_by("id"), "en_GB")


def test_both_are_told_once_when_it_is_set_and_when_it_is_ended() -> None:
    anna, ben = reachable("anna", "managers"), reachable("ben")
    plan = Plan("ben", timezone.now() + timedelta(days=2), None, ("expense",), "Leave.")
    made = set_absence(Viewer.of(anna), anna, plan)
    tell_all()
    tell_all()
    assert told("away") == ["anna", "ben"]
    assert Letter.objects.count() == 2
    end_absence(Viewer.of(anna), made)
    tell_all()
    assert told("away") == ["anna", "anna", "ben", "ben"]
    [first, last] = tellings("ben")
    assert (first.label, first.heading) == ("You are named deputy", "You answer for Anna")
    assert first.sentence.startswith("Anna is away from ")
    assert first.sentence.endswith("Only for: expense. Reason: Leave.")
    assert last.sentence.startswith("You do not answer for Anna any more.")
    assert [one.heading for one in tellings("anna")] == ["Ben answers for you", "You answer for yourself again"]
    line = AuditEvent.objects.filter(action="absence.told").first()
    assert line is not None
    assert line.summary == "Told who is away: anna, ben"
    assert ben.notifications.count() == 2


def test_a_deputy_is_told_of_turns_and_for_whom() -> None:
    reachable("anna", "managers")
    reachable("ben")
    absence("anna", "ben")
    asked()
    tell_all()
    assert told("turn") == ["anna", "ben"]
    note = Notification.objects.get(person__username="ben")
    assert note.for_person == person("anna")
    [telling] = tellings("ben")
    assert telling.sentence.startswith("You answer for Anna, who is away.")
    assert Notification.objects.get(person__username="anna").for_person is None


def test_a_deputy_is_told_of_nothing_outside_the_time_or_the_workflows() -> None:
    reachable("anna", "managers")
    reachable("ben")
    absence("anna", "ben", "loan")
    absence("anna", "ben", starts_at=timezone.now() + timedelta(days=3), until=timezone.now() + timedelta(days=4))
    asked()
    tell_all()
    assert told() == ["anna"]


def test_whoever_answers_what_asked_both_is_over_for_both_and_the_person_hears_who_did() -> None:
    reachable("anna", "managers")
    reachable("ben")
    reachable("adam", "managers")
    absence("anna", "ben")
    request = asked(policy=policy("managers", required=2))
    tell_all()
    ballot = Ballot("approved", "", request.version, request.content_digest)
    decide(viewer("ben"), request.approval_id, ballot)
    open_for = Notification.objects.filter(over_at=None).values_list("person__username", flat=True)
    assert list(open_for) == ["adam"]
    closed(request, by="ben")
    votes = [{"by": "ben", "for": "anna", "decision": "approved"}]
    request.decision = {**(request.decision or {}), "votes": votes}
    request.save()
    tell_all()
    assert told("over") == ["adam", "anna"]
    assert tellings("anna")[-1].sentence == "Ben for Anna answered: approved. You need not answer."


def test_what_a_deputy_was_asked_is_over_when_it_ends_early() -> None:
    reachable("anna", "managers")
    reachable("ben")
    made = absence("anna", "ben")
    asked()
    tell_all()
    end_absence(viewer("anna"), made)
    [left] = Notification.objects.filter(over_at=None)
    assert left.person == person("anna")
    assert compose(Letter.objects.get(person__username="ben")) is None


def test_at_its_end_both_are_told_and_what_the_deputy_was_asked_is_over() -> None:
    anna = reachable("anna", "managers")
    reachable("ben")
    set_absence(Viewer.of(anna), anna, Plan("ben", timezone.now() + timedelta(hours=5)))
    asked()
    tell_all()
    with time_machine.travel(timezone.now() + timedelta(hours=6)):
        tell_all()
        tell_all()
    assert told("away") == ["anna", "anna", "ben", "ben"]
    open_for = Notification.objects.filter(over_at=None, occasion__topic="turn")
    assert [one.person.username for one in open_for] == ["anna"]
    assert tellings("ben")[-1].heading == "Anna answers again"


def test_an_end_that_was_overtaken_is_not_told() -> None:
    anna = reachable("anna", "managers")
    reachable("ben")
    made = set_absence(Viewer.of(anna), anna, Plan("ben", timezone.now() + timedelta(hours=5)))
    end_absence(Viewer.of(anna), made)
    tell_all()
    assert len(told("away")) == 4
    with time_machine.travel(timezone.now() + timedelta(hours=6)):
        tell_all()
    assert len(told("away")) == 4


def test_the_requesters_reminder_reaches_the_deputy_too() -> None:
    reachable("anna", "managers")
    reachable("ben")
    reachable("rita")
    absence("anna", "ben")
    request = asked()
    tell_all()
    nudge(viewer("rita"), request.approval_id)
    tell_all()
    assert told("reminder") == ["anna", "ben"]
    assert AuditEvent.objects.get(action="request.nudged").data["people"] == ["anna", "ben"]


def test_the_mail_to_a_deputy_says_for_whom() -> None:
    reachable("anna", "managers")
    reachable("ben")
    absence("anna", "ben")
    asked()
    tell_all()
    message = compose(Letter.objects.get(person__username="ben"))
    assert message is not None
    assert "You answer for Anna, who is away." in message.body
