"""E-mails, and the occasions that they come of: what went out, and what waits for an admin."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from approvals.actions.errors import Refused
from approvals.actions.resend import resend_letter, tell_again
from approvals.admin.base import RecordAdmin
from approvals.admin.shown import as_json, as_text, link_to_events
from approvals.admin.site import site
from approvals.admin.view import known_viewer, viewer_of
from approvals.models import Letter, Occasion
from approvals.policy import Viewer, may_retry

if TYPE_CHECKING:
    AnyQuerySet = models.QuerySet[Any]


class Retried(RecordAdmin):
    """A subject whose stuck rows an admin has tried again."""

    actions = ("retry",)
    again: Callable[[Viewer, Any], bool]

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Ask the policy."""
        viewer = viewer_of(request)
        return viewer is not None and bool(may_retry(viewer))

    @admin.action(description=gettext_lazy("Try the stuck ones again"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: "AnyQuerySet") -> None:
        """Have each chosen one that is stuck tried again, and say what became of them."""
        viewer, moved, left = known_viewer(request), 0, 0
        for one in queryset:
            try:
                done = type(self).again(viewer, one)
            except Refused as refusal:
                messages.error(request, str(refusal))
                return
            moved, left = moved + done, left + (not done)
        if moved:
            messages.success(request, _("On the way again: {count}.").format(count=moved))
        if left:
            messages.warning(request, _("Not stuck, so left alone: {count}.").format(count=left))


@admin.register(Letter, site=site)
class LetterAdmin(Retried):
    """Every e-mail, newest first; filter by Stuck to see what needs a person. Its words are not kept."""

    again = staticmethod(resend_letter)
    list_display = ("key", "person", "state", "attempts", "next_try_at", "created_at", "finished_at")
    list_select_related = ("person",)
    list_filter = ("state",)
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    begins = ("key",)
    search_help_text = gettext_lazy("notice:<occasion>:<person> or digest:<person>:<time>, or its beginning.")
    fields = readonly_fields = (
        *("key", "person", "is_digest", "state", "attempts", "next_try_at", "created_at", "finished_at"),
        *("error_", "tells_", "record"),
    )

    @admin.display(description=pgettext_lazy("column", "last fault"))
    def error_(self, letter: Letter) -> str:
        """The last fault in words."""
        return as_text(letter.error)

    @admin.display(description=pgettext_lazy("column", "tells of"))
    def tells_(self, letter: Letter) -> str:
        """The occasions."""
        told = letter.notifications.order_by("pk").values_list("occasion__cause", flat=True)
        return as_text("\n".join(told))

    @admin.display(description=pgettext_lazy("column", "record"))
    def record(self, letter: Letter) -> str:
        """Lines about the letter."""
        return link_to_events(letter)


@admin.register(Occasion, site=site)
class OccasionAdmin(Retried):
    """What people were told of, newest first, and the reminders to come."""

    again = staticmethod(tell_again)
    list_display = ("cause", "topic", "state", "due_at", "attempts", "created_at")
    ordering = ("-pk",)
    begins = ("cause",)
    search_help_text = gettext_lazy("turn:<approval id>, outcome:run:<run name>, or its beginning.")
    fields = readonly_fields = (
        *("cause", "topic", "subject", "state", "due_at", "attempts", "created_at", "data_", "told_", "record"),
    )

    @admin.display(description=pgettext_lazy("column", "data"))
    def data_(self, occasion: Occasion) -> Any:
        """What the words are made of."""
        return as_json(occasion.data)

    @admin.display(description=pgettext_lazy("column", "people told"))
    def told_(self, occasion: Occasion) -> int:
        """How many."""
        return occasion.notifications.count()

    @admin.display(description=pgettext_lazy("column", "record"))
    def record(self, occasion: Occasion) -> str:
        """Lines about the occasion."""
        return link_to_events(occasion)
