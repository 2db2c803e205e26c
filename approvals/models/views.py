"""What people keep of their queue: named views, and which requests they have opened."""

from typing import TYPE_CHECKING, Any, Self, override

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from approvals.models.mirror import ApprovalRequest

LONGEST_NAME = 60
MOST_VIEWS = 30


class SavedViews(models.QuerySet["SavedView"]):
    """Questions about views."""

    def offered_to(self, user: Any, groups: frozenset[str]) -> Self:
        """The person's own views, and those that others share with one of their groups; own ones first."""
        mine = models.Q(owner=user)
        return (
            self.filter(mine | models.Q(group__name__in=groups))
            .select_related("owner", "group")
            .order_by(models.Case(models.When(mine, then=0), default=1), "name", "id")
        )


class SavedView(models.Model):
    """A view of the queue with a name: tab, filters, search and order, as the address has them."""

    owner = models.ForeignKey("approvals.User", models.CASCADE, related_name="saved_views")
    group = models.ForeignKey("auth.Group", models.CASCADE, null=True, related_name="+", help_text=_("Shared with."))
    name = models.CharField(max_length=LONGEST_NAME)
    query = models.TextField(help_text=_("The address behind the question mark."))
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedViews.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="view_name_once_per_person")]

    @override
    def __str__(self) -> str:
        return self.name


class ReadMarks(models.QuerySet["ReadMark"]):
    """Setting and asking marks."""

    def leave(self, user: Any, request: "ApprovalRequest") -> None:
        """Note that the person has opened the request as it is. Costs a write only the first time."""
        if self.filter(reader=user, request=request, content_digest=request.content_digest).exists():
            return
        self.bulk_create(
            [ReadMark(reader=user, request=request, content_digest=request.content_digest)],
            update_conflicts=True,
            unique_fields=["reader", "request"],
            update_fields=["content_digest"],
        )


class ReadMark(models.Model):
    """A person has opened a request; when its content changes it counts as unread again."""

    reader = models.ForeignKey("approvals.User", models.CASCADE, related_name="+")
    request = models.ForeignKey("approvals.ApprovalRequest", models.CASCADE, related_name="read_marks")
    content_digest = models.CharField(max_length=64)

    objects = ReadMarks.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "request"], name="one_read_mark_per_person")]

    @override
    def __str__(self) -> str:
        return f"{self.reader} {self.request}"
