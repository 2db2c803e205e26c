"""Who takes part in the talk about a request: who may be named, change a remark, open its files, remind others."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from approvals.models import ApprovalRequest, AudienceMember, Comment, CommentFile, Decision, Nudge, User
from approvals.policy.answer import Answer, no, yes
from approvals.policy.requests import may_comment, may_decide, may_view
from approvals.policy.viewer import ADMINS, AUDITORS, Viewer

EDITABLE = timedelta(minutes=5)
BETWEEN_NUDGES = timedelta(hours=24)
HOUR = timedelta(hours=1)


def may_edit_comment(viewer: Viewer, comment: Comment, now: datetime | None = None) -> Answer:
    """Say whether the person may change a remark: its author, for five minutes, who may still remark."""
    if comment.author_id != viewer.user.pk:
        return no("author", "Only its author may change a comment.")
    if (now or timezone.now()) >= comment.created_at + EDITABLE:
        return no("late", "A comment can be changed for five minutes after it was written. Write another one instead.")
    allowed = may_comment(viewer, comment.request)
    return yes("author", "You wrote this just now.") if allowed else allowed


def may_open_comment_file(viewer: Viewer, file: CommentFile) -> Answer:
    """Say whether the person may open the file: whoever sees the request that it was put to."""
    return may_view(viewer, file.comment.request)


def who_may_view(request: ApprovalRequest) -> "QuerySet[User]":
    """Return the people who may see the request, as a list to choose from; ``may_view`` has the last word on each."""
    run = ApprovalRequest.objects.filter(run_name=request.run_name)
    named = AudienceMember.objects.filter(audience__in=run.values("audience"))
    groups: list[str] = [ADMINS, AUDITORS]
    users: list[str] = []
    for principal in named.values_list("principal", flat=True).distinct():
        kind, _, name = principal.partition(":")
        (users if kind == "user" else groups).append(name)
    # Not by a join: a person in two of the groups would come twice.
    in_groups = User.groups.through.objects.filter(group__name__in=groups).values("user")
    part = Q(is_superuser=True) | Q(username__in=users) | Q(pk__in=in_groups)
    asked = Q(username__iexact=request.requester) | Q(username__in=run.values("requester"))
    return User.objects.filter(part | asked, is_active=True)


def who_is_asked(request: ApprovalRequest) -> "QuerySet[User]":
    """Return the people whose answer is open, as a list to read; ``may_decide`` has the last word on each."""
    groups, users = request.policy.get("groups") or [], request.policy.get("users") or []
    in_groups = User.groups.through.objects.filter(group__name__in=groups).values("user")
    asked = User.objects.filter(Q(username__in=users) | Q(pk__in=in_groups), is_active=True)
    for name in request.policy.get("exclude") or []:
        asked = asked.exclude(username__iexact=name)
    if request.kind != "revision":
        asked = asked.exclude(username__iexact=request.requester)
    return asked.exclude(pk__in=request.votes.values("voter"))


def who_may_decide(request: ApprovalRequest) -> list[User]:
    """Return the people whose turn it is: each of those asked who may answer now."""
    asked = who_is_asked(request).order_by("username")
    return [person for person in asked if may_decide(Viewer.of(person), request)]


def may_nudge(viewer: Viewer, request: ApprovalRequest, now: datetime | None = None) -> Answer:
    """Say whether the person may remind those whose turn it is: the requester, once in 24 hours."""
    now = now or timezone.now()
    if not viewer.is_active:
        return no("inactive", "Your account is not active.")
    if not viewer.is_called(request.requester):
        return no("unrelated", "Only the person who asked may remind the others.")
    if viewer.username in (request.policy.get("users") or []) and request.kind == "revision":
        return no("own_turn", "It is your own turn.")
    if not request.is_pending or Decision.objects.filter(request=request).exists() or request.expires_at <= now:
        return no("closed", "This request waits for nobody any more.")
    last = Nudge.objects.filter(request=request).order_by("-sent_at").first()
    if last and now < last.sent_at + BETWEEN_NUDGES:
        left = -((now - last.sent_at - BETWEEN_NUDGES) // HOUR)
        return no("too_soon", f"You reminded them already. The next reminder is possible in {_hours(left)}.")
    return yes("requester", "You may remind those whose turn it is.")


def _hours(count: int) -> str:
    return "an hour" if count <= 1 else f"{count} hours"
