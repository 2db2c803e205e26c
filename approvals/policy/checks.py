"""Everything that a right to decide hangs on, check by check: what decides is also what explains."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.models import ApprovalRequest, Decision, EffectivePolicy, Vote
from approvals.models.groups import group_words
from approvals.models.mirror import RequestStatus
from approvals.models.names import asked_of, called, name_of, names_of
from approvals.models.sentence import Sentence
from approvals.policy.acting import Acting, acting_for
from approvals.policy.answer import Answer, no, yes
from approvals.policy.floor import in_audience, is_excluded, is_own_revision
from approvals.policy.standing import Standing
from approvals.policy.viewer import Viewer
from approvals.policy.wording import moment_words, needed_words, people_words, title_words

if TYPE_CHECKING:
    from approvals.models.sentence import Wording

# Whole sentences: what a state is called in the middle of one differs from language to language.
CLOSED = {
    RequestStatus.PENDING: _("This request is closed: waiting."),
    RequestStatus.APPROVED: _("This request is closed: approved."),
    RequestStatus.REJECTED: _("This request is closed: rejected."),
    RequestStatus.TIMEOUT: _("This request is closed: timed out."),
    RequestStatus.CANCELLED: _("This request is closed: cancelled."),
    RequestStatus.ERROR: _("This request is closed: failed."),
}
STANDS = {
    RequestStatus.PENDING: _("Its state is: waiting."),
    RequestStatus.APPROVED: _("Its state is: approved."),
    RequestStatus.REJECTED: _("Its state is: rejected."),
    RequestStatus.TIMEOUT: _("Its state is: timed out."),
    RequestStatus.CANCELLED: _("Its state is: cancelled."),
    RequestStatus.ERROR: _("Its state is: failed."),
}


@dataclass(frozen=True)
class Check:
    """One check. ``answer`` speaks to the person; ``title`` and ``note`` are for whoever looks into it.

    ``told`` makes a note that asks the database for names only where somebody reads it: each page asks the checks.
    """

    title: "Wording"
    answer: Answer
    told: "str | Callable[[], str]" = ""

    @property
    def note(self) -> str:
        """What was looked at."""
        return self.told() if callable(self.told) else self.told


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
    who, barred = name_of(viewer.user), [str(name) for name in request.policy.get("exclude") or []]
    asked = acting.holder if acting else viewer
    yield Check(
        _("The account is active"),
        _either(viewer.is_active, "inactive", _("Your account is not active.")),
        Sentence(_("{who} is active.") if viewer.is_active else _("{who} is not active."), who=who),
    )
    is_other = not viewer.is_called(request.requester) or is_own_revision(viewer, request)
    yield Check(
        _("Somebody else asked for it"),
        _either(is_other, "requester", _("You asked for this, so somebody else must decide it.")),
        (lambda: Sentence(_("{who} asked for it."), who=called([request.requester])))
        if request.requester
        else Sentence(_("Nobody asked for it.")),
    )
    if acting is not None:
        yield _deputy(viewer, acting)
    yield Check(
        _("The workflow asks them"),
        _either(
            in_audience(asked, request), "not_asked", _("This request is not put to you or to one of your groups.")
        ),
        lambda: Sentence.joined([_put_to(request), _groups_of(asked)]),
    )
    yield Check(
        _("The workflow does not exclude them"),
        _either(
            not is_excluded(viewer, request),
            "excluded",
            _("You decided an earlier stage of this run, or it is about you: somebody else must decide."),
        ),
        (lambda: Sentence(_("It excludes {people}."), people=called(barred)))
        if barred
        else Sentence(_("It excludes nobody.")),
    )


def _put_to(request: ApprovalRequest) -> Sentence:
    asked = asked_of(request)
    return Sentence(_("It is put to {people}."), people=asked) if asked else Sentence(_("It is put to nobody."))


def _groups_of(viewer: Viewer) -> Sentence:
    if not viewer.groups:
        return Sentence(_("{who} is in no group."), who=name_of(viewer.user))
    groups = Sentence.told(lambda: ", ".join(group_words(name) for name in sorted(viewer.groups)))
    return Sentence(_("{who} is in {groups}."), who=name_of(viewer.user), groups=groups)


def _deputy(viewer: Viewer, acting: Acting) -> Check:
    note = _("{person} is away until {until} and named {deputy}. Below, it is looked at whether {person} is asked.")
    until = moment_words(acting.absence.until)
    terms = {"deputy": name_of(viewer.user), "person": name_of(acting.person), "until": until}
    return Check(
        _("They answer for somebody who is away"),
        yes("deputy", Sentence.told(lambda: acting.reason)),
        Sentence(note, **terms),
    )


def _earlier_stage(viewer: Viewer, standing: Standing) -> Check:
    reason = _("You answered an earlier stage of this run, and the policy asks somebody else now.")
    named = list(filter(None, standing.effective.excluded.split("|")))
    return Check(
        _("They answered no earlier stage of this run"),
        _either(not standing.is_excluded(viewer), "earlier", reason),
        (lambda: Sentence(_("Earlier stages were answered by {people}; the policy bars them."), people=called(named)))
        if named
        else Sentence(_("Earlier stages were answered by nobody; the policy bars them.")),
    )


def _state(viewer: Viewer, request: ApprovalRequest) -> Iterator[Check]:
    status = RequestStatus(request.status)
    yield Check(
        _("The request is open"),
        _either(request.is_pending, "closed", CLOSED[status]),
        Sentence(STANDS[status]),
    )
    is_decided = Decision.objects.filter(request=request).exists()
    yield Check(
        _("No decision is recorded"),
        _either(not is_decided, "decided", _("A decision is recorded and on its way to the workflow.")),
        Sentence(_("A decision is recorded.") if is_decided else _("None is.")),
    )
    theirs = Q(voter=viewer.user) | Q(for_person=viewer.user)
    vote = Vote.objects.filter(theirs, request=request).select_related("voter").first()
    by_deputy = vote is not None and vote.voter_id != viewer.user.pk
    reason: Wording = _("You have answered; the request waits for others.")
    if vote is not None and by_deputy:
        reason = Sentence(_("{deputy} has answered for you while you were away."), deputy=vote.voter)
    yield Check(
        _("They have not answered yet"),
        _either(vote is None, "voted", reason),
        Sentence(_("Their answer is recorded.") if vote else _("No answer of theirs is recorded.")),
    )


def _in_time(request: ApprovalRequest, now: datetime) -> Check:
    reason = _("The deadline has passed; the workflow goes on without an answer.")
    return Check(
        _("The workflow's deadline is not over"),
        _either(request.expires_at > now, "expired", reason),
        Sentence(_("It is {moment}."), moment=_moment(request.expires_at)),
    )


def _in_policy_time(standing: Standing, now: datetime) -> Check:
    due = standing.effective.due_at
    reason = _("The policy's own deadline has passed; it takes no more answers.")
    return Check(
        _("The policy still takes answers"),
        _either(not standing.is_over(now), "policy_expired", reason),
        _own_time(standing, due),
    )


def _own_time(standing: Standing, due: datetime | None) -> Sentence:
    if due is not None:
        return Sentence(_("The step is due {moment}."), moment=_moment(due))
    if standing.effective.state == EffectivePolicy.State.EXPIRED:
        return Sentence(_("The step's time is over."))
    return Sentence(_("No time of its own runs for the step: the workflow's deadline counts."))


def _moment(moment: datetime) -> Sentence:
    """A moment in the reader's zone, which the record has in UTC."""
    return Sentence.shown(moment_words(moment), recorded=f"{moment:%Y-%m-%d %H:%M} UTC")


def _turn(viewer: Viewer, standing: Standing) -> Check:
    number, steps = standing.effective.step + 1, standing.terms.steps
    at = {"number": number, "total": len(steps)}
    title = Sentence(_("It is their turn: step {number} of {total}, {title}"), **at, title=title_words(standing.step))

    def note() -> Sentence:
        return _asks(standing)

    if standing.answers_as(viewer):
        return Check(title, yes("turn", _("It is your turn.")), note)
    places = standing.effective.places
    if now := places.out.get(viewer.username) or places.alone:
        taker = called([now])
        given = _("You gave your place to {taker}, who is asked now.")
        reason = given if viewer.username in places.out else _("It is put to {taker}, who is asked now.")
        put_to = Sentence(_("Put to {taker}."), taker=taker)
        return Check(title, no("handed_over", reason, taker=taker), lambda: Sentence.joined([note(), put_to]))
    return Check(title, _not_now(viewer, standing, at), note)


def _asks(standing: Standing) -> Sentence:
    step = standing.step
    return Sentence(
        _("{policy} asks {people}: {needed}."),
        policy=str(standing.effective),
        people=people_words(step, names_of(step.users)),
        needed=needed_words(step),
    )


def _not_now(viewer: Viewer, standing: Standing, at: dict[str, int]) -> Answer:
    """Say whether the person's turn comes, or is over, or never was."""
    number, steps = at["number"], standing.terms.steps
    coming = [later for later, step in enumerate(steps, start=1) if later > number and standing.seats_of(viewer, step)]
    if coming:
        reason = _("Your turn comes later: this is step {number} of {total}, and you are asked in step {coming}.")
        return no("not_yet", reason, **at, coming=coming[0])
    if any(standing.seats_of(viewer, step) for step in steps[: number - 1]):
        return no("step_over", _("Your step is over: this is step {number} of {total} now."), **at)
    return no("not_in_policy", _("The portal asks others: {policy}."), policy=str(standing.effective))


def _either(allowed: bool, code: str, reason: "Wording") -> Answer:
    return yes(code, "") if allowed else no(code, reason)
