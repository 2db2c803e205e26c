"""Saying that somebody is away: what is stored, recorded and told, and what is refused with what to do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from approvals.actions.away import Plan, change_absence, end_absence, set_absence
from approvals.actions.decide import Ballot, decide
from approvals.actions.errors import Invalid, Refused
from approvals.models import Absence, AuditEvent, Delivery, Occasion, Topic, Vote
from approvals.policy import Viewer
from tests.factories import absence, approval_request, person, policy, viewer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people() -> None:
    """Who works here."""
    for name in ("anna", "ben", "carl"):
        person(name, "managers" if name == "anna" else "finance")
    person("olga", "admins")


def days(number: float) -> Any:
    return timezone.now() + timedelta(days=number)


def plan(deputy: str = "ben", begin: float | None = None, end: float = 7, **fields: Any) -> Plan:
    return Plan(deputy, days(end), None if begin is None else days(begin), **fields)


def named(name: str, wanted: Plan, by: str = "") -> Absence:
    return set_absence(viewer(by or name), person(name), wanted)


def refusal(name: str, wanted: Plan, by: str = "") -> tuple[str, str]:
    with pytest.raises(Invalid) as fault:
        named(name, wanted, by)
    return fault.value.field, str(fault.value)


def told() -> list[tuple[str, list[str]]]:
    rows = Occasion.objects.filter(topic=Topic.AWAY, due_at__lte=timezone.now()).order_by("id")
    return [(row.data["what"], row.data["people"]) for row in rows]


def test_it_is_stored_recorded_and_both_are_told() -> None:
    made = named("anna", plan(workflows=("expense",), reason=" Leave. "))
    assert (made.deputy, made.only, made.reason) == (person("ben"), ("expense",), "Leave.")
    assert made.state(timezone.now()) == "running"
    line = AuditEvent.objects.get(action="user.away_set")
    assert (line.actor, line.object_id, line.data["deputy"]) == ("anna", "anna", "ben")
    assert line.data["workflows"] == ["expense"]
    assert told() == [("set", ["anna", "ben"])]


@pytest.mark.parametrize("typed", ["MEI", "mei tanaka", "Mei  Tanaka", "Mei Tanaka (mei)"])
def test_the_deputy_is_found_by_username_or_full_name_in_any_case_of_letters(typed: str) -> None:
    mei = person("mei", "finance", last_name="Tanaka")
    assert named("anna", plan(typed)).deputy == mei


def test_of_two_who_have_one_name_neither_becomes_the_deputy() -> None:
    person("mei", last_name="Tanaka")
    person("mei2", first_name="Mei", last_name="Tanaka")
    where, said = refusal("anna", plan("Mei Tanaka"))
    assert (where, said) == ("deputy", "More than one person here is called Mei Tanaka. Write the username.")


@pytest.mark.parametrize(
    ("wanted", "field", "words"),
    [
        (plan("ben", 3, 2), "until", "It would end before it begins. Choose a later end."),
        (plan("ben", 3, 3 - 1e-9), "until", "end before it begins"),
        (plan("ben", -2, -1), "until", "This time is over. Choose one that is still to come."),
        (plan("ben", -2, 3), "starts_at", "Leave it empty for now."),
        (plan("ben", 1, 400), "until", "longer than a year"),
        (plan("ben", 400, 420), "starts_at", "more than a year ahead"),
        (plan("anna"), "deputy", "Nobody is their own deputy. Choose somebody else."),
        (plan("nobody"), "deputy", "Nobody here is called nobody. Write a full name or a username."),
        (plan(""), "deputy", "Say who answers meanwhile"),
        (plan("gone"), "deputy", "The account of gone is not active"),
        (plan("audra"), "deputy", "Audra is an auditor, who sees everything and changes nothing, so they cannot"),
        (plan(workflows=("lunch",)), "workflows", "There is no workflow lunch. Choose among document, expense"),
        (plan(reason="x" * 201), "reason", "Keep it under 200 characters."),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do_and_recorded(wanted: Plan, field: str, words: str) -> None:
    person("gone", is_active=False)
    person("audra", "auditors")
    where, said = refusal("anna", wanted)
    assert (where, words in said) == (field, True), said
    assert not Absence.objects.exists()
    assert AuditEvent.objects.filter(action="user.away_refused", actor="anna").count() == 1
    assert told() == []


def test_two_deputies_at_once_for_the_same_workflow_are_refused_and_for_others_not() -> None:
    named("anna", plan("ben", 1, 5, workflows=("expense", "loan")))
    where, said = refusal("anna", plan("carl", 4, 8))
    assert where == "starts_at"
    assert said.startswith("Ben is the deputy then, from ")
    assert "End that first" in said
    named("anna", plan("carl", 4, 8, workflows=("travel",)))
    named("anna", plan("carl", 5, 8, workflows=("loan",)))


def test_a_deputy_who_is_away_then_is_refused_and_one_who_is_back_is_not() -> None:
    named("ben", plan("carl", 2, 5))
    where, said = refusal("anna", plan("ben", 1, 3))
    assert where == "deputy"
    assert said.startswith("Ben is away too, from ")
    named("anna", plan("ben", 5, 6))


def test_a_loop_is_refused_however_long_it_is() -> None:
    named("anna", plan("ben"))
    assert "each would wait for the other" in refusal("ben", plan("anna"))[1]
    named("ben", plan("carl"))
    assert refusal("carl", plan("anna"))[0] == "deputy"


def test_who_stands_in_for_others_may_be_away_and_those_are_told() -> None:
    named("anna", plan("ben"))
    named("ben", plan("carl"))
    assert told()[1:] == [("set", ["ben", "carl"]), ("left_alone", ["anna"])]


def test_only_they_themselves_and_admins_may_do_it() -> None:
    with pytest.raises(Refused, match="Only they themselves or an admin"):
        named("anna", plan("carl"), by="ben")
    made = named("anna", plan("carl"), by="olga")
    assert made.created_by == person("olga")
    assert AuditEvent.objects.get(action="user.away_set").actor == "olga"
    with pytest.raises(Refused):
        end_absence(viewer("ben"), made)
    assert AuditEvent.objects.filter(action="user.away_refused", actor="ben").count() == 2


def test_one_that_runs_is_ended_once_and_one_to_come_is_taken_back() -> None:
    running, coming = named("anna", plan("ben")), named("anna", plan("ben", 8, 9))
    end_absence(viewer("anna"), running)
    end_absence(viewer("anna"), coming)
    for one in (running, coming):
        one.refresh_from_db()
    assert (running.state(timezone.now()), coming.state(timezone.now())) == ("ended", "withdrawn")
    assert told()[2:] == [("ended", ["anna", "ben"]), ("withdrawn", ["anna", "ben"])]
    with pytest.raises(Refused, match="over already"):
        end_absence(viewer("anna"), running)
    named("anna", plan("carl"))


def test_one_to_come_may_be_changed_and_a_running_one_not() -> None:
    coming = named("anna", plan("ben", 2, 4))
    done = change_absence(viewer("anna"), coming, plan("carl", 3, 5))
    assert (done.pk, done.deputy) == (coming.pk, person("carl"))
    line = AuditEvent.objects.get(action="user.away_changed")
    assert (line.data["before"]["deputy"], line.data["deputy"]) == ("ben", "carl")
    assert told()[1:] == [("changed", ["anna", "carl"]), ("taken_back", ["ben"])]
    running = absence("ben", "carl", starts_at=days(-1), until=days(1))
    with pytest.raises(Refused, match="It has begun"):
        change_absence(viewer("ben"), running, plan("anna", 3, 5))


def test_sending_what_it_says_already_changes_and_tells_nothing() -> None:
    coming = named("anna", plan("ben", 2, 4))
    same = Plan("ben", coming.until, coming.starts_at)
    change_absence(viewer("anna"), coming, same)
    assert len(told()) == 1


def test_the_database_itself_refuses_what_must_never_be() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        absence("anna", "anna")
    with pytest.raises(IntegrityError), transaction.atomic():
        absence("anna", "ben", until=days(-2))


def test_an_answer_for_somebody_says_so_in_the_vote_the_record_and_the_item() -> None:
    request = approval_request()
    absence("anna", "ben")
    ballot = Ballot("approved", "Fine.", request.version, request.content_digest)
    vote, _ = decide(viewer("ben"), request.approval_id, ballot)
    assert vote.for_person == person("anna")
    voted, decided = (AuditEvent.objects.get(action=f"request.{verb}") for verb in ("voted", "decided"))
    assert (voted.actor, voted.data["for"], decided.data["for"]) == ("ben", "anna", "anna")
    assert decided.summary == "approved by ben for anna"
    payload = Delivery.objects.get().payload
    assert '"by": "ben"' in payload
    assert '"for": "anna"' in payload
    assert '"decided_by": "ben"' in payload


def test_an_own_answer_names_nobody_else() -> None:
    request = approval_request()
    absence("anna", "ben")
    decide(viewer("anna"), request.approval_id, Ballot("approved", "", 1, request.content_digest))
    assert '"for"' not in Delivery.objects.get().payload
    assert "for" not in AuditEvent.objects.get(action="request.voted").data


@pytest.mark.django_db(transaction=True)
def test_of_two_who_name_each_other_at_once_one_is_refused(at_once: Callable[..., list[Any]]) -> None:
    anna, ben = Viewer.of(person("anna")), Viewer.of(person("ben"))
    done = at_once(lambda: set_absence(anna, anna.user, plan("ben")), lambda: set_absence(ben, ben.user, plan("anna")))
    assert sorted(type(one).__name__ for one in done) == ["Absence", "Invalid"]


@pytest.mark.django_db(transaction=True)
def test_of_a_person_and_their_deputy_at_once_one_answer_counts(at_once: Callable[..., list[Any]]) -> None:
    request = approval_request(policy=policy("managers", required=2))
    absence("anna", "ben")
    ballot = Ballot("approved", "", request.version, request.content_digest)
    who = [viewer("anna"), viewer("ben")]
    done = at_once(*(lambda one=one: decide(one, request.approval_id, ballot) for one in who))
    assert sorted(isinstance(one, Refused) for one in done) == [False, True]
    assert [vote.holder.username for vote in Vote.objects.all()] == ["anna"]
