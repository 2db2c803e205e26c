"""Who is told of an occasion, by its topic; whose turn it is, the policy says."""

from collections.abc import Callable, Iterable

from django.db.models import F, Q
from django.utils import timezone

from approvals.models import (
    Absence,
    ApprovalRequest,
    Comment,
    Decision,
    Handover,
    Notification,
    Occasion,
    Topic,
    User,
    Vote,
)
from approvals.models.away import OVER
from approvals.models.clock import utc_text
from approvals.policy import Batch, Viewer, batch_of, may_view, people_asked, people_of_the_office

type Find = Callable[[Occasion, ApprovalRequest | None, int], Batch]

# A run that ended so was told stage by stage, where somebody had decided a stage.
TOLD_BY_ITS_STAGE = frozenset({"denied", "timed_out", "cancelled"})
# Policies that name more people than this are not told of every comment.
FEW = 5


def recipients(occasion: Occasion, request: ApprovalRequest | None, most: int) -> Batch:
    """Return the next people to tell, behind the one that was reached."""
    return FINDERS[Topic(occasion.topic)](occasion, request, most)


def _reminded(occasion: Occasion, request: ApprovalRequest | None, most: int) -> Batch:
    return people_asked(request, occasion.reached, most) if request else Batch()


def _asked(occasion: Occasion, request: ApprovalRequest | None, most: int) -> Batch:
    """Those whose turn it is and who were not asked before: a turn may come to one of many.

    Whom somebody asked by name is asked anew.
    """
    asked = _reminded(occasion, request, most)
    told = set(Notification.objects.asking(request).values_list("person", flat=True)) if request else set()
    told.discard(_asked_by_name(occasion))
    return Batch([one for one in asked.people if one.pk not in told], asked.reached, asked.stands_for)


def _asked_by_name(occasion: Occasion) -> int | None:
    """The person to whom somebody else put it, or whom they asked as well."""
    handed = Handover.objects.filter(pk=occasion.data.get("handover")).exclude(by=F("taker")).first()
    return handed.taker_id if handed else None


def _asked_in_vain(occasion: Occasion, request: ApprovalRequest | None, most: int) -> Batch:
    """Those who were asked and have neither answered nor closed the request themselves."""
    if request is None:
        return Batch()
    answered = set(Vote.objects.filter(request=request).values_list("voter__username", flat=True))
    answered |= set(Decision.objects.filter(request=request).values_list("decided_by__username", flat=True))
    answered.add(str((request.decision or {}).get("decided_by") or ""))
    told = Notification.objects.asking(request).values("person_id")
    # Where a policy took no more answers before the end, that was their end of it.
    earlier = Notification.objects.filter(request=request, occasion__topic=Topic.OVER).exclude(occasion=occasion)
    return batch_of(
        User.objects.filter(pk__in=told).exclude(pk__in=earlier.values("person_id")), occasion.reached, most,
        lambda viewers: [one for one in viewers if one.username not in answered and may_view(one, request)],
    )  # fmt: skip


def _requester(occasion: Occasion, request: ApprovalRequest | None, most: int) -> Batch:
    """The requester, unless they brought it about themselves or have heard of it."""
    if request is not None:
        name, by = request.requester, str((request.decision or {}).get("decided_by") or "")
        return Batch([] if by == name else _named(name))
    if occasion.data.get("status") in TOLD_BY_ITS_STAGE:
        settled = ApprovalRequest.objects.filter(run_name=occasion.subject).exclude(status__in=["pending", "approved"])
        if settled.exists():
            return Batch()
    return Batch(_named(str(occasion.data.get("requester") or "")))


def _named(username: str) -> list[User]:
    return list(User.objects.filter(username=username, is_active=True)) if username else []


def _in_conversation(occasion: Occasion, request: ApprovalRequest | None, most: int) -> Batch:
    """The requester, who has commented or answered, and who is asked by name; never the author."""
    comment = Comment.objects.filter(pk=occasion.data.get("comment")).first()
    if request is None or comment is None:
        return Batch()
    if "mentions" in occasion.data:
        return Batch([one for one in _named(str(occasion.data["mentions"])) if may_view(Viewer.of(one), request)])
    part = Q(username=request.requester) | Q(comments__request=request) | Q(votes__request=request)
    named = [str(name) for name in request.policy.get("users") or []]
    if len(named) <= FEW:
        part |= Q(username__in=named)
    # Who is named in it is told of that, and once is enough.
    people = User.objects.filter(part).exclude(pk=comment.author_id).exclude(mentioned_in=comment).distinct()
    return batch_of(people, occasion.reached, most, lambda viewers: _who_see(viewers, request))


def _who_see(viewers: Iterable[Viewer], request: ApprovalRequest) -> list[Viewer]:
    return [one for one in viewers if may_view(one, request)]


def _away(occasion: Occasion, request: ApprovalRequest | None, most: int) -> Batch:
    """Those whom it concerns that somebody is away: the person and the deputy, or one of them."""
    if occasion.data.get("what") == OVER and not _has_ended(occasion):
        return Batch()
    people = [str(name) for name in occasion.data.get("people") or ()]
    return Batch(list(User.objects.filter(username__in=people, is_active=True).order_by("pk")))


def _has_ended(occasion: Occasion) -> bool:
    """Whether the absence came to its end as it was told, and no other one of the two has followed it."""
    absence = Absence.objects.filter(pk=occasion.subject, ended_at=None).first()
    if absence is None or utc_text(absence.until) != occasion.data.get("until"):
        return False
    following = Absence.objects.in_force(timezone.now())
    return not following.filter(person=absence.person, deputy=absence.deputy).exists()


def _office(occasion: Occasion, request: ApprovalRequest | None, most: int) -> Batch:
    if "unanswerable" in occasion.data and (request is None or not request.is_pending):
        return Batch()
    return people_of_the_office(occasion.reached, most)


FINDERS: dict[Topic, Find] = {
    Topic.TURN: _asked,
    Topic.REMINDER: _reminded,
    Topic.OVER: _asked_in_vain,
    Topic.OUTCOME: _requester,
    Topic.COMMENT: _in_conversation,
    Topic.OFFICE: _office,
    Topic.AWAY: _away,
}
