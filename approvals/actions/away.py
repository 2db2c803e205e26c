"""Say that somebody is away and who answers for them meanwhile; change that before it begins; end it early."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.actions.called import person_called
from approvals.actions.errors import Invalid, Refused
from approvals.actions.refs import PREFIXES
from approvals.actions.refusals import refusals_recorded
from approvals.models import Absence, AuditEvent, Notification, Occasion, Topic, User
from approvals.models.away import OVER
from approvals.models.clock import utc_text
from approvals.models.sentence import Sentence
from approvals.models.text import clean, one_line
from approvals.policy import Answer, Viewer, may_end_absence, may_set_absence
from approvals.policy.away import Fault, clashes_of_absence, faults_of_absence, left_alone_by, may_change_absence

LONGEST_REASON = 200
WORKFLOWS = tuple(PREFIXES)


@dataclass(frozen=True)
class Plan:
    """What is entered: who answers, from when until when, for which workflows (none: all), and why."""

    deputy: str
    until: datetime
    starts_at: datetime | None = None
    """None means from now on."""
    workflows: tuple[str, ...] = ()
    reason: str = ""


def set_absence(viewer: Viewer, person: User, plan: Plan) -> Absence:
    """Store it and have both told. Raises Refused or Invalid (both recorded)."""
    with _recorded(viewer, person, may_set_absence(viewer, person)):
        absence = Absence(person=person, created_by=viewer.user)
        _fill(absence, plan)
        absence.save()
        _record(viewer, absence, "set")
        for other in left_alone_by(absence):
            _tell(other, "left_alone", by=absence)
        return absence


def change_absence(viewer: Viewer, absence: Absence, plan: Plan) -> Absence:
    """Change one that has not begun, and have those told whom it concerns. Raises Refused or Invalid (recorded)."""
    with _recorded(viewer, absence.person, may_set_absence(viewer, absence.person)):
        current = Absence.objects.select_for_update(of=("self",)).select_related("person", "deputy").get(pk=absence.pk)
        allowed = may_change_absence(viewer, current)
        if not allowed:
            raise Refused(allowed)
        before, was_deputy = _said(current), current.deputy
        _fill(current, plan)
        if _said(current) == before:
            return current
        current.save()
        _record(viewer, current, "changed", before=before)
        if was_deputy != current.deputy:
            _tell(current, "taken_back", deputy=was_deputy)
        return current


def end_absence(viewer: Viewer, absence: Absence) -> Absence:
    """End one early, or take it back before it begins; have both told. Raises Refused (recorded).

    What the deputy was asked meanwhile asks for nothing any more; e-mails about it that wait are left out.
    """
    with _recorded(viewer, absence.person, may_set_absence(viewer, absence.person)):
        current = Absence.objects.select_for_update(of=("self",)).select_related("person", "deputy").get(pk=absence.pk)
        allowed = may_end_absence(viewer, current)
        if not allowed:
            raise Refused(allowed)
        current.ended_at = timezone.now()
        current.save(update_fields=["ended_at"])
        Notification.objects.asked_for(current.person, current.deputy).update(over_at=current.ended_at)
        _record(viewer, current, "ended" if current.ended_at > current.starts_at else "withdrawn")
        return current


@contextmanager
def _recorded(viewer: Viewer, person: User, allowed: Answer) -> Iterator[None]:
    with refusals_recorded(viewer, "user.away_refused", person), transaction.atomic():
        if not allowed:
            raise Refused(allowed)
        yield


def _fill(absence: Absence, plan: Plan) -> None:
    """Put the plan into it. Raises Invalid. Under the locks of both people: two at once could make a loop."""
    now = timezone.now()
    absence.deputy = person_called(
        plan.deputy, "deputy", missing=_("Say who answers meanwhile: write a full name or a username.")
    )
    absence.starts_at = plan.starts_at or now
    absence.until, absence.only = plan.until, plan.workflows
    absence.reason = one_line(clean(plan.reason)).strip()
    if len(absence.reason) > LONGEST_REASON:
        raise Invalid("reason", _("Keep it under {count} characters."), count=LONGEST_REASON)
    _refuse(lambda: faults_of_absence(absence, WORKFLOWS, now))
    list(User.objects.select_for_update().filter(pk__in=[absence.person_id, absence.deputy_id]).order_by("pk"))
    _refuse(lambda: clashes_of_absence(absence))


def _refuse(faults: Callable[[], Iterator[Fault]]) -> None:
    for fault in faults():
        raise Invalid(fault.field, Sentence.told(lambda: next(faults()).sentence))


def _said(absence: Absence) -> dict[str, Any]:
    """Return what it says, as the record keeps it."""
    return {
        "deputy": absence.deputy.username,
        "from": utc_text(absence.starts_at),
        "until": utc_text(absence.until),
        "workflows": list(absence.only),
        "reason": absence.reason,
    }


def _record(viewer: Viewer, absence: Absence, verb: str, **data: object) -> None:
    summary = f"{absence}: {', '.join(absence.only) or 'every workflow'}"
    action = f"user.away_{verb}"
    AuditEvent.objects.record(
        viewer.actor, action, absence.person, summary, absence=absence.pk, **_said(absence), **data
    )
    _tell(absence, verb)


def _tell(absence: Absence, verb: str, deputy: User | None = None, by: Absence | None = None) -> None:
    """Have both told, or the one whom it concerns: a deputy who is none any more, somebody whose deputy goes away."""
    people = [absence.person.username, absence.deputy.username]
    if deputy is not None:
        people = [deputy.username]
    elif by is not None:
        people = [absence.person.username]
    at, now = by or absence, timezone.now()
    said: dict[str, Any] = {
        "of": "absence", "people": people, "person": absence.person.username, "deputy": absence.deputy.username,
        "reason": absence.reason, "starts_at": utc_text(at.starts_at), "until": utc_text(at.until),
        "workflows": list(absence.only),
    }  # fmt: skip
    about = str(absence.pk)
    Occasion.objects.leave(Topic.AWAY, about, cause=f"{about}:{verb}:{now.isoformat()}", what=verb, **said)
    if verb in {"set", "changed"}:
        # Dropped when it has ended before, or ends at another moment by then.
        back = f"{about}:{OVER}:{now.isoformat()}"
        Occasion.objects.leave(Topic.AWAY, about, cause=back, due_at=absence.until, what=OVER, **said)
