"""What was told long ago goes, in small steps; what somebody may still need stays, and so does the record."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from approvals.models import ApprovalRequest, AuditEvent, Letter, Notification, Occasion, Topic
from approvals.notifying import pruning
from approvals.notifying.pruning import EVERY, Pruner
from tests.unit.notifying.conftest import asked, closed, reachable, side_by_side, tell_all, told

pytestmark = pytest.mark.django_db(transaction=True)


def told_and_settled(**fields: object) -> ApprovalRequest:
    """A request that Anna was told of and Bo answered; both heard of it, and Anna's letters went."""
    request = asked(**fields)
    tell_all()
    closed(request, by="bo")
    tell_all()
    Letter.objects.update(state=Letter.State.SENT, finished_at=timezone.now())
    return request


def grow_old(days: int = 181) -> None:
    """Let everything that is there be so many days old."""
    then = timezone.now() - timedelta(days=days)
    for model in (Notification, Letter, Occasion):
        model.objects.update(created_at=then)


def prune() -> None:
    pruner = Pruner()
    while pruner.step() == 0:
        pass


def left() -> tuple[int, int, int]:
    """How many notifications, letters and occasions there are."""
    return Notification.objects.count(), Letter.objects.count(), Occasion.objects.count()


@pytest.fixture(autouse=True)
def people() -> None:
    """Anna is asked, and Rita asks."""
    reachable("anna", "managers")
    reachable("rita")


def test_what_was_read_or_is_over_goes_with_its_letters_and_the_record_stays() -> None:
    told_and_settled()
    Notification.objects.update(read_at=timezone.now())
    Occasion.objects.filter(state="waiting").update(state="dropped")
    lines = set(AuditEvent.objects.values_list("pk", flat=True))
    grow_old()
    prune()
    assert left() == (0, 0, 0)
    assert lines < set(AuditEvent.objects.values_list("pk", flat=True))
    line = AuditEvent.objects.get(action="notifications.pruned")
    assert line.summary == "3 notifications, 2 e-mails, 6 occasions"


def test_what_is_not_old_enough_stays() -> None:
    told_and_settled()
    Notification.objects.update(read_at=timezone.now())
    before = left()
    grow_old(days=179)
    prune()
    assert left() == before
    assert not AuditEvent.objects.filter(action="notifications.pruned").exists()


def test_what_nobody_has_read_stays() -> None:
    told_and_settled()
    Notification.objects.filter(person__username="anna").update(read_at=timezone.now())
    grow_old()
    prune()
    assert [one.person.username for one in Notification.objects.all()] == ["rita"]
    assert Letter.objects.get().person.username == "rita"


def test_as_long_as_a_request_is_open_nobody_is_told_of_it_anew() -> None:
    request = asked()
    tell_all()
    Notification.objects.update(read_at=timezone.now())
    grow_old()
    prune()
    Occasion.objects.leave(Topic.TURN, request.approval_id)
    Occasion.objects.leave(Topic.TURN, request.approval_id, cause=f"{request.approval_id}:again")
    tell_all()
    assert told("turn") == ["anna"]


def test_letters_that_wait_or_are_stuck_stay_with_what_they_tell() -> None:
    told_and_settled()
    Notification.objects.update(read_at=timezone.now())
    first, second = Letter.objects.order_by("pk")
    Letter.objects.filter(pk=first.pk).update(state="queued")
    Letter.objects.filter(pk=second.pk).update(state="stuck")
    grow_old()
    prune()
    assert set(Letter.objects.values_list("pk", flat=True)) == {first.pk, second.pk}
    assert Notification.objects.filter(letter__isnull=False).count() == 2


def test_the_setting_keeps_more_or_everything(settings: Settings) -> None:
    told_and_settled()
    Notification.objects.update(read_at=timezone.now())
    before = left()
    grow_old()
    for days in (0, 365):
        settings.NOTIFICATIONS_KEPT_DAYS = days
        prune()
        assert left() == before


def test_many_go_in_small_steps_and_several_workers_do_not_hinder_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(7):
        told_and_settled()
    Notification.objects.update(read_at=timezone.now())
    Occasion.objects.filter(state="waiting").update(state="dropped")
    grow_old()
    told_and_settled()
    kept = left()
    monkeypatch.setattr(pruning, "AT_ONCE", 5)
    pruner = Pruner()
    assert pruner.step() == 0
    assert Notification.objects.count() == 8 * 3 - 5
    side_by_side(prune, prune)
    while pruner.step() == 0:
        pass
    assert Notification.objects.count() == 3
    assert left() < kept
    assert pruner.step() == EVERY


def test_a_database_that_is_away_is_the_workers_to_wait_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(pruning, "_notifications", away)
    told_and_settled()
    grow_old()
    with pytest.raises(OperationalError):
        Pruner([pruning._Sweep(Notification, pruning._notifications)]).step()
