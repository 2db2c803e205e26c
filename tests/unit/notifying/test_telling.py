"""Who is told of what: only those whom it concerns, and each of them once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from approvals.actions.close import close_request
from approvals.actions.comment import comment
from approvals.actions.decide import Ballot, decide
from approvals.actions.handover import add_approver, reassign
from approvals.models import (
    ApprovalRequest,
    AuditEvent,
    Letter,
    Notification,
    Occasion,
    ReadMark,
    Topic,
    User,
)
from approvals.notifying import recipients, teller
from approvals.notifying.claims import LEASE, claim_due
from approvals.notifying.teller import tell
from approvals.policy import Viewer, may_decide
from approvals.web.tellings import tellings_of
from tests.factories import approval_request, policy, viewer
from tests.unit.notifying.conftest import asked, closed, reachable, tell_all, told

pytestmark = pytest.mark.django_db


def vote(username: str, request: ApprovalRequest, choice: str = "approved", reason: str = "") -> None:
    """Answer as one of the managers."""
    decide(viewer(username, "managers"), request.approval_id, Ballot(choice, reason, 1, request.content_digest))


def test_everybody_whose_turn_it_is_is_told_in_the_portal_and_by_mail() -> None:
    for name in ("anna", "adam"):
        reachable(name, "managers")
    reachable("fiona", "finance")
    request = asked()
    tell_all()
    assert told() == ["adam", "anna"]
    assert set(Notification.objects.values_list("request", flat=True)) == {request.pk}
    assert sorted(Letter.objects.values_list("person__username", "state")) == [("adam", "queued"), ("anna", "queued")]
    line = AuditEvent.objects.about(request).get(action="request.told")
    assert (line.summary, line.data["count"]) == ("Asked: anna, adam", 2)


def test_requester_excluded_inactive_and_strangers_are_not_told() -> None:
    reachable("rita", "managers")
    reachable("emil", "managers")
    reachable("ines", "managers", is_active=False)
    reachable("otto")
    reachable("anna", "managers")
    asked(requester="rita", policy=policy("managers", exclude=("emil",)))
    tell_all()
    assert told() == ["anna"]


def test_who_is_told_is_exactly_who_may_decide() -> None:
    for number, groups in enumerate([(), ("managers",), ("finance",), ("managers", "finance"), ("admins",)]):
        for active in (True, False):
            reachable(f"p{number}{active}".lower(), *groups, is_active=active)
    request = asked(policy=policy("managers", users=("p0true", "p4false"), exclude=("p3true",)), requester="p1true")
    tell_all()
    assert told() == sorted(one.username for one in User.objects.all() if may_decide(Viewer.of(one), request))


def test_a_named_person_in_two_groups_is_told_once() -> None:
    reachable("anna", "managers", "finance")
    asked(policy=policy("managers", "finance", users=("anna",)))
    tell_all()
    assert told() == ["anna"]


def test_the_same_cause_ten_times_is_one_telling() -> None:
    reachable("anna", "managers")
    request = asked()
    for _ in range(9):
        Occasion.objects.leave(Topic.TURN, request.approval_id)
        tell_all()
    assert told() == ["anna"]
    assert Letter.objects.count() == 1


def test_a_request_that_was_closed_meanwhile_asks_nobody() -> None:
    reachable("anna", "managers")
    request = asked()
    ApprovalRequest.objects.filter(pk=request.pk).update(status="cancelled")
    tell_all()
    assert told() == []
    assert Occasion.objects.get().state == "dropped"


def test_a_request_that_is_closed_between_question_and_telling_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    reachable("anna", "managers")
    request = asked()
    find = recipients.people_asked

    def and_then_it_closes(*args: object) -> object:
        found = find(*args)  # type: ignore[arg-type]
        ApprovalRequest.objects.filter(pk=request.pk).update(status="approved")
        return found

    monkeypatch.setattr(recipients, "people_asked", and_then_it_closes)
    tell_all()
    assert told() == []


def test_those_who_were_asked_hear_that_they_need_not_answer_any_more() -> None:
    for name in ("anna", "adam", "bo"):
        reachable(name, "managers")
    request = asked()
    tell_all()
    vote("anna", request)
    closed(request, by="anna")
    tell_all()
    assert told("over") == ["adam", "bo"]
    assert told("outcome") == []  # nobody here is called rita
    asking = Notification.objects.filter(occasion__topic="turn")
    assert asking.filter(over_at=None).count() == 0
    assert list(asking.exclude(read_at=None).values_list("person__username", flat=True)) == ["anna"]


def test_who_was_not_written_to_yet_is_not_written_to_about_the_end() -> None:
    for name in ("adam", "bo", "anna"):
        reachable(name, "managers")
    request = asked()
    tell_all()
    Letter.objects.filter(person__username="adam").update(state="sent", attempts=1)
    closed(request, by="anna")
    tell_all()
    assert told("over") == ["adam", "bo"]
    assert [one.person.username for one in Letter.objects.filter(notifications__occasion__topic="over")] == ["adam"]


def test_a_withdrawal_is_told_to_those_asked_and_not_to_the_one_who_withdrew() -> None:
    reachable("rita")
    reachable("anna", "managers")
    request = asked(requester="rita")
    tell_all()
    close_request(viewer("rita"), request.approval_id, "")
    closed(request, "cancelled", by="rita", decision="withdrawn")
    tell_all()
    assert told("over") == ["anna"]
    assert told("outcome") == []


def test_the_requester_hears_each_answer_and_every_end_but_their_own() -> None:
    reachable("rita")
    request = asked(requester="rita")
    closed(request, "rejected", by="anna")
    tell_all()
    assert told("outcome") == ["rita"]


def test_a_failed_request_is_told_to_its_requester() -> None:
    reachable("rita")
    closed(asked(requester="rita"), "error", by="")
    tell_all()
    assert told("outcome") == ["rita"]


@pytest.mark.parametrize(("status", "times"), [("succeeded", 1), ("failed", 1), ("denied", 0), ("cancelled", 0)])
def test_the_end_of_a_run_is_told_where_its_stages_did_not_say_it(status: str, times: int) -> None:
    reachable("rita")
    approval_request(run_name="expense-one", status="rejected", requester="rita")
    data = {"status": status, "requester": "rita", "title": "Train", "workflow": "expense"}
    Occasion.objects.leave(Topic.OUTCOME, "expense-one", cause="run:expense-one", of="run", **data)
    tell_all()
    assert told() == ["rita"] * times


@pytest.mark.parametrize("ask", [reassign, add_approver])
def test_whom_somebody_asks_by_name_is_told_anew_and_why_once_for_each_time(ask: Callable[..., object]) -> None:
    for name in ("anna", "ben"):
        reachable(name, "managers")
    request = asked()
    tell_all()
    ReadMark.objects.create(
        reader=User.objects.get(username="ben"), request=request, content_digest=request.content_digest
    )
    ask(viewer("adam", "admins"), request.approval_id, "ben", "You know boats.")
    tell_all()
    Occasion.objects.filter(data__has_key="handover").update(state="waiting", due_at=timezone.now())
    tell_all()
    assert told() == ["anna", "ben", "ben"]
    assert Letter.objects.count() == 3
    assert not ReadMark.objects.exists()
    rows = Notification.objects.select_related("occasion", "request", "person").order_by("-id")
    assert tellings_of(rows[:1], "en_GB")[0].sentence.startswith("Adam asks you to answer it: “You know boats”. rita")
    line = AuditEvent.objects.about(request).filter(action="request.told").latest("id")
    assert line.summary == "Asked: ben"


def test_a_comment_is_told_to_those_in_the_conversation() -> None:
    for name in ("anna", "adam", "bo"):
        reachable(name, "managers")
    reachable("rita")
    request = approval_request(requester="rita")
    comment(viewer("anna", "managers"), request, "Who was at the table?")
    tell_all()
    assert told("comment") == ["rita"]
    comment(viewer("rita"), request, "Three of us.")
    tell_all()
    assert told("comment") == ["anna", "rita"]


def test_the_notice_of_a_comment_has_no_marks_and_full_names() -> None:
    reachable("jonas", "managers", last_name="Weber")
    request = approval_request(requester="rita")
    comment(viewer("rita"), request, "@jonas these are for **new** desks.")
    tell_all()
    [telling] = tellings_of(Notification.objects.select_related("occasion", "request", "person"), "en_GB")
    assert telling.sentence == "Rita: @Jonas Weber these are for new desks."


def test_who_is_asked_by_name_hears_of_comments() -> None:
    reachable("anna")
    request = approval_request(requester="rita", policy=policy(users=("anna",)))
    comment(viewer("rita"), request, "The invoice is attached.")
    tell_all()
    assert told("comment") == ["anna"]


def test_admins_are_called_when_something_is_stuck() -> None:
    reachable("olaf", "admins")
    reachable("sue", is_superuser=True)
    reachable("ivo", "auditors")
    Occasion.objects.leave(Topic.OFFICE, "start:expense-x", of="delivery", what="Start of a run", error="No.", pk=1)
    tell_all()
    assert told() == ["olaf", "sue"]


def test_a_quorum_that_goes_on_waiting_no_longer_asks_who_has_answered() -> None:
    for name in ("anna", "adam"):
        reachable(name, "managers")
    request = asked(policy=policy("managers", required=2))
    tell_all()
    vote("anna", request)
    assert list(Notification.objects.unread().values_list("person__username", flat=True)) == ["adam"]


def test_a_large_group_is_told_in_batches_each_of_them_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teller, "BATCH", 50)
    from django.contrib.auth.models import Group

    crowd = User.objects.bulk_create(User(username=f"m{n}", email=f"m{n}@example.com") for n in range(230))
    group = Group.objects.create(name="managers")
    User.groups.through.objects.bulk_create(User.groups.through(user=one, group=group) for one in crowd)
    asked()
    tell_all()
    assert len(told()) == len(set(told())) == Letter.objects.count() == 230
    assert AuditEvent.objects.filter(action="request.told").count() == 5


def test_an_occasion_that_breaks_the_code_holds_up_no_other_and_waits_for_an_admin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reachable("anna", "managers")
    odd, fine = asked(), asked()
    whole = teller.recipients

    def breaks(occasion: Occasion, *args: object) -> object:
        if occasion.subject == odd.approval_id:
            raise RuntimeError("odd")
        return whole(occasion, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(teller, "recipients", breaks)
    for _ in range(7):
        tell_all()
        Occasion.objects.filter(state="waiting").update(due_at=timezone.now())
    assert list(Notification.objects.values_list("request__approval_id", flat=True)) == [fine.approval_id]
    assert Occasion.objects.get(subject=odd.approval_id).state == "stuck"
    assert AuditEvent.objects.filter(action="occasion.stuck").count() == 1


def test_an_outage_of_the_database_is_not_the_occasions_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object) -> None:
        raise OperationalError("away")

    asked()
    monkeypatch.setattr(teller, "recipients", away)
    with pytest.raises(OperationalError):
        tell_all()
    assert Occasion.objects.get().state == "waiting"


def test_a_worker_that_slept_through_its_lease_tells_nobody() -> None:
    reachable("anna", "managers")
    asked()
    [sleeper] = claim_due(1)
    [waking] = claim_due(1, timezone.now() + LEASE + timedelta(seconds=1))
    tell(waking)
    tell(sleeper)
    assert told() == ["anna"]


def test_nothing_is_told_when_its_cause_did_not_happen(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*args: object, **kwargs: object) -> None:
        Occasion.objects.create(cause="comment:1", topic="comment", subject="x", due_at=timezone.now())
        raise RuntimeError("after the occasion")

    request = approval_request(requester="rita")
    monkeypatch.setattr(Occasion.objects, "leave", breaks)
    with pytest.raises(RuntimeError):
        comment(viewer("anna", "managers"), request, "Never said.")
    assert not Occasion.objects.exists()
