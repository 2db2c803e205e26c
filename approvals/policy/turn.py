"""Whose turn it is. The one place that knows: notifications, "waits for", the reminder and deputies all ask here."""

from django.db.models import Q, QuerySet

from approvals.models import ApprovalRequest, User, Vote
from approvals.models.away import AbsenceQuerySet
from approvals.policy.members import in_floor, in_step
from approvals.policy.standing import Standing


def whose_turn(request: ApprovalRequest, standing: Standing | None = None) -> "QuerySet[User]":
    """Return the people whose own answer is wanted: asked by both layers, barred by none, and not yet answered for.

    As one question to the database, however many they are. Whether the request still takes answers at all is not
    looked at: ``may_decide`` has the last word on each.
    """
    standing = standing or Standing.of(request)
    asked = User.objects.filter(in_floor(request.policy), is_active=True)
    barred = [str(name) for name in request.policy.get("exclude") or []]
    if standing is not None:
        asked = asked.filter(_in_turn(standing))
        barred += filter(None, standing.effective.excluded.split("|"))
    for name in barred:
        asked = asked.exclude(username__iexact=name)
    named = Q(username__in=request.policy.get("users") or [], username=request.requester)
    own_revision = named if request.kind == "revision" else Q(pk__in=[])
    asked = asked.filter(~Q(username__iexact=request.requester) | own_revision)
    votes = Vote.objects.filter(request=request)
    stood_for = votes.filter(for_person__isnull=False).values("for_person")
    return asked.exclude(pk__in=votes.values("voter")).exclude(pk__in=stood_for)


def asked_by_name(request: ApprovalRequest) -> tuple[list[str], list[str]]:
    """Return the usernames and the groups that an open request is put to now: by the step under way and its handovers.

    Costs no question where ``waits_for`` was read with it. Who of them may answer is what ``whose_turn`` says.
    """
    if request.waits_for is None:
        policy = request.policy
        return [str(name) for name in policy.get("users") or []], [str(name) for name in policy.get("groups") or []]
    named = [line.partition(":") for line in request.waits_for.key.splitlines()]
    return [name for kind, _c, name in named if kind == "user"], [name for kind, _c, name in named if kind == "group"]


def _in_turn(standing: Standing) -> Q:
    """Return the same as ``Standing.answers_as`` as a condition."""
    places, manager = standing.effective.places, standing.effective.manager
    if places.alone:
        asked = Q(username=places.alone)
    else:
        asked = (in_step(standing.step, manager) & ~Q(username__in=list(places.out))) | Q(username__in=[*places.given])
    asked |= Q(username__in=places.added)
    return asked | in_step(standing.terms.escalation, "") if standing.is_escalated else asked


def away_from(request: ApprovalRequest) -> "QuerySet[User]":
    """Return those whose turn it is and whom a deputy may answer for: not who asked, whose new version it wants."""
    return whose_turn(request).exclude(username__iexact=request.requester)


def deputies(request: ApprovalRequest, absences: AbsenceQuerySet) -> "QuerySet[User]":
    """Return the deputies of those whose turn it is, by these absences; ``may_decide`` has the last word on each."""
    standing_in = absences.covering(request.workflow).filter(person__in=away_from(request).values("pk"))
    return User.objects.filter(pk__in=standing_in.values("deputy"), is_active=True)
