"""Everything that a right to decide hangs on, check by check: what decides is also what explains."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest, Decision, Vote
from approvals.policy.acting import Acting, acting_for
from approvals.policy.answer import Answer, no, yes
from approvals.policy.floor import in_audience, is_excluded, is_own_revision
from approvals.policy.standing import Standing
from approvals.policy.viewer import Viewer
from approvals.policy.wording import moment_words, needed_words, people_words


@dataclass(frozen=True)
class Check:
    """One check. ``answer`` speaks to the person; ``title`` and ``note`` are for whoever looks into it."""

    title: str
    answer: Answer
    note: str = ""


def checks(viewer: Viewer, request: ApprovalRequest, now: datetime | None = None) -> Iterator[Check]:
    """Ask one thing after the other, the plainest first. Whoever needs only the first refusal stops there."""
    moment = now or timezone.now()
    acting = acting_for(viewer, request, moment)
    yield from eligibility(viewer, request, moment, acting)
    standing = Standing.of(request)
    if standing:
        yield _in_policy_time(standing, moment)
        yield _turn(acting.holder if acting else viewer, standing)


def eligibility(
    viewer: Viewer, request: ApprovalRequest, now: datetime | None = None, acting: Acting | None = None
) -> Iterator[Check]:
    """Ask what holds whoever's turn it is: both layers' bars, and that the request still takes an answer of theirs.

    A deputy (``acting``) is barred by whatever bars themselves; whom the layers ask is the person who is away.
    """
    yield from _person(viewer, request, acting)
    standing = Standing.of(request)
    if standing and standing.terms.bars_earlier:
        yield _earlier_stage(viewer, standing)
    yield from _state(viewer, request)
    yield _in_time(request, now or timezone.now())


def _person(viewer: Viewer, request: ApprovalRequest, acting: Acting | None) -> Iterator[Check]:
    who, asked = viewer.username, acting.holder if acting else viewer
    yield Check(
        "The account is active",
        _either(viewer.is_active, "inactive", "Your account is not active."),
        f"{who} is {'active' if viewer.is_active else 'not active'}.",
    )
    is_other = not viewer.is_called(request.requester) or is_own_revision(viewer, request)
    yield Check(
        "Somebody else asked for it",
        _either(is_other, "requester", "You asked for this, so somebody else must decide it."),
        f"{request.requester or 'Nobody'} asked for it.",
    )
    if acting is not None:
        yield _deputy(viewer, acting)
    yield Check(
        "The workflow asks them",
        _either(in_audience(asked, request), "not_asked", "This request is not put to you or to one of your groups."),
        f"It is put to {request.asked or 'nobody'}. "
        f"{asked.username} is in {', '.join(sorted(asked.groups)) or 'no group'}.",
    )
    yield Check(
        "The workflow does not exclude them",
        _either(
            not is_excluded(viewer, request),
            "excluded",
            "You decided an earlier stage of this run, or it is about you: somebody else must decide.",
        ),
        f"It excludes {', '.join(map(str, request.policy.get('exclude') or [])) or 'nobody'}.",
    )


def _deputy(viewer: Viewer, acting: Acting) -> Check:
    terms = {"deputy": viewer.username, "person": acting.person.username, "until": moment_words(acting.absence.until)}
    note = _("{person} is away until {until} and named {deputy}. Below, it is looked at whether {person} is asked.")
    return Check(_("They answer for somebody who is away"), yes("deputy", acting.reason), note.format(**terms))


def _earlier_stage(viewer: Viewer, standing: Standing) -> Check:
    reason = "You answered an earlier stage of this run, and the policy asks somebody else now."
    named = ", ".join(filter(None, standing.effective.excluded.split("|")))
    return Check(
        "They answered no earlier stage of this run",
        _either(not standing.is_excluded(viewer), "earlier", reason),
        f"Earlier stages were answered by {named or 'nobody'}; the policy bars them.",
    )


def _state(viewer: Viewer, request: ApprovalRequest) -> Iterator[Check]:
    state = request.get_status_display().lower()
    yield Check(
        "The request is open",
        _either(request.is_pending, "closed", f"This request is closed: {state}."),
        f"Its state is: {state}.",
    )
    is_decided = Decision.objects.filter(request=request).exists()
    yield Check(
        "No decision is recorded",
        _either(not is_decided, "decided", "A decision is recorded and on its way to the workflow."),
        "A decision is recorded." if is_decided else "None is.",
    )
    theirs = Q(voter=viewer.user) | Q(for_person=viewer.user)
    vote = Vote.objects.filter(theirs, request=request).select_related("voter").first()
    by_deputy = vote is not None and vote.voter_id != viewer.user.pk
    reason = "You have answered; the request waits for others."
    if vote is not None and by_deputy:
        reason = _("{deputy} has answered for you while you were away.").format(deputy=vote.voter)
    yield Check(
        "They have not answered yet",
        _either(vote is None, "voted", reason),
        "Their answer is recorded." if vote else "No answer of theirs is recorded.",
    )


def _in_time(request: ApprovalRequest, now: datetime) -> Check:
    reason = "The deadline has passed; the workflow goes on without an answer."
    return Check(
        "The workflow's deadline is not over",
        _either(request.expires_at > now, "expired", reason),
        f"It is {request.expires_at:%Y-%m-%d %H:%M} UTC.",
    )


def _in_policy_time(standing: Standing, now: datetime) -> Check:
    due = standing.effective.due_at
    reason = "The policy's own deadline has passed; it takes no more answers."
    return Check(
        "The policy still takes answers",
        _either(not standing.is_over(now), "policy_expired", reason),
        f"The step is due {due:%Y-%m-%d %H:%M} UTC." if due else "Nothing more is due.",
    )


def _turn(viewer: Viewer, standing: Standing) -> Check:
    number, steps = standing.effective.step + 1, standing.terms.steps
    title = f"It is their turn: step {number} of {len(steps)}, {standing.step.title}"
    note = f"{standing.effective} asks {people_words(standing.step)}: {needed_words(standing.step)}."
    if standing.answers_as(viewer):
        return Check(title, yes("turn", "It is your turn."), note)
    places = standing.effective.places
    if taker := places.out.get(viewer.username) or places.alone:
        given = "You gave your place to" if viewer.username in places.out else "It is put to"
        return Check(title, no("handed_over", f"{given} {taker}, who is asked now."), f"{note} Put to {taker}.")
    coming = [at for at, step in enumerate(steps, start=1) if at > number and standing.seats_of(viewer, step)]
    if coming:
        reason = f"Your turn comes later: this is step {number} of {len(steps)}, and you are asked in step {coming[0]}."
        return Check(title, no("not_yet", reason), note)
    past = any(standing.seats_of(viewer, step) for step in steps[: number - 1])
    if past:
        return Check(title, no("step_over", f"Your step is over: this is step {number} of {len(steps)} now."), note)
    reason = f"The portal asks others: {standing.effective}."
    return Check(title, no("not_in_policy", reason), note)


def _either(allowed: bool, code: str, reason: str) -> Answer:
    return yes(code, "") if allowed else no(code, reason)
