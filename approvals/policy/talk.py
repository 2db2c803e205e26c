"""Who takes part in the talk about a request: who may be named, change a remark, open its files, remind others."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from approvals.models import Absence, ApprovalRequest, AudienceMember, Comment, CommentFile, Decision, Nudge, User, Vote
from approvals.models.sentence import Sentence
from approvals.policy.answer import Answer, no, yes
from approvals.policy.answerable import why_nobody_can
from approvals.policy.members import named_by
from approvals.policy.requests import may_comment, may_view
from approvals.policy.standing import Standing
from approvals.policy.viewer import ADMINS, AUDITORS, Viewer

EDITABLE = timedelta(minutes=5)
BETWEEN_NUDGES = timedelta(hours=24)
HOUR = timedelta(hours=1)


def may_edit_comment(viewer: Viewer, comment: Comment, now: datetime | None = None) -> Answer:
    """Say whether the person may change a remark: its author, for five minutes, who may still remark."""
    if comment.author_id != viewer.user.pk:
        return no("author", _("Only its author may change a comment."))
    if (now or timezone.now()) >= comment.created_at + EDITABLE:
        late = _("A comment can be changed for five minutes after it was written. Write another one instead.")
        return no("late", late)
    allowed = may_comment(viewer, comment.request)
    return yes("author", _("You wrote this just now.")) if allowed else allowed


def may_open_comment_file(viewer: Viewer, file: CommentFile) -> Answer:
    """Say whether the person may open the file: whoever sees the request that it was put to."""
    return may_view(viewer, file.comment.request)


def who_may_view(request: ApprovalRequest) -> "QuerySet[User]":
    """Return the people who may see the request, as a list to choose from; ``may_view`` has the last word on each."""
    run = ApprovalRequest.objects.filter(run_name=request.run_name)
    named = AudienceMember.objects.filter(audience__in=run.values("audience"))
    groups: list[str] = []
    users: list[str] = []
    for principal in named.values_list("principal", flat=True).distinct():
        kind, _colon, name = principal.partition(":")
        (users if kind == "user" else groups).append(name)
    asked = User.objects.filter(named_by(groups, users))
    in_force = Absence.objects.in_force(timezone.now()).covering(request.workflow)
    standing_in = Q(pk__in=in_force.filter(person__in=asked.values("pk")).values("deputy"))
    office = Q(is_superuser=True) | named_by([ADMINS, AUDITORS], ())
    asking = Q(username__iexact=request.requester) | Q(username__in=run.values("requester"))
    return User.objects.filter(office | Q(pk__in=asked.values("pk")) | standing_in | asking, is_active=True)


def may_nudge(
    viewer: Viewer, request: ApprovalRequest, now: datetime | None = None, *, lacking: str | None = None
) -> Answer:
    """Say whether the person may remind those whose turn it is: the requester, once in 24 hours.

    ``lacking`` is why nobody can answer, where that was looked at already; else everybody asked is looked at for it.
    """
    now = now or timezone.now()
    if not viewer.is_active:
        return no("inactive", _("Your account is not active."))
    if not viewer.is_called(request.requester):
        return no("unrelated", _("Only the person who asked may remind the others."))
    if viewer.username in (request.policy.get("users") or []) and request.kind == "revision":
        return no("own_turn", _("It is your own turn."))
    if not request.is_pending or Decision.objects.filter(request=request).exists() or request.expires_at <= now:
        return no("closed", _("This request waits for nobody any more."))
    useless = _useless(request, now, lacking)
    return yes("requester", _("You may remind those whose turn it is.")) if useless is None else useless


def _useless(request: ApprovalRequest, now: datetime, lacking: str | None) -> Answer | None:
    """Return why a reminder would change nothing; None where somebody can still answer, and was not reminded lately."""
    standing = Standing.of(request)
    if standing and standing.is_over(now):
        over = _(
            "The policy's own deadline has passed; it takes no more answers. Wait for the workflow's deadline, or "
            "withdraw the request."
        )
        return no("policy_expired", over)
    votes = list(Vote.objects.filter(request=request).select_related("voter", "for_person")) if lacking is None else []
    why = why_nobody_can(request, votes) if lacking is None else lacking
    if why:
        said = _(
            "{why} A reminder changes nothing: ask an admin of this portal to add somebody, or withdraw the request."
        )
        told = Sentence.told(lambda: why_nobody_can(request, votes)) if lacking is None else lacking
        return no("unanswerable", said, why=told)
    last = Nudge.objects.filter(request=request).order_by("-sent_at").first()
    if last and now < last.sent_at + BETWEEN_NUDGES:
        left = -((now - last.sent_at - BETWEEN_NUDGES) // HOUR)
        return no("too_soon", Sentence.told(lambda: _too_soon(left)))
    return None


def _too_soon(hours: int) -> str:
    return ngettext(
        "You reminded them already. The next reminder is possible in an hour.",
        "You reminded them already. The next reminder is possible in {count} hours.",
        max(1, hours),
    ).format(count=hours)
