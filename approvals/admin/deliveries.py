"""Deliveries: what is on its way to AWS, what arrived, and what waits for an admin."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from approvals.actions.errors import Refused
from approvals.actions.retry import retry_delivery
from approvals.admin.base import RecordAdmin
from approvals.admin.shown import as_json, as_text, link_to, link_to_events
from approvals.admin.site import site
from approvals.admin.view import known_viewer, viewer_of
from approvals.models import Delivery
from approvals.models.secrets import masked
from approvals.policy import may_retry

if TYPE_CHECKING:
    Deliveries = models.QuerySet[Delivery]


@admin.register(Delivery, site=site)
class DeliveryAdmin(RecordAdmin):
    """Every delivery, newest first; filter by Stuck to see what needs a person."""

    list_display = ("key", "kind", "state", "attempts", "error_kind", "next_try_at", "created_at", "finished_at")
    list_filter = ("state",)
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    begins = ("key",)
    search_help_text = gettext_lazy("start:<run name>, decision:<decision id> or heartbeat:<claim>, or its beginning.")
    actions = ("retry",)
    fields = readonly_fields = (
        *("key", "kind", "state", "attempts", "next_try_at", "created_at", "finished_at"),
        *("written_at", "accepted_at", "run_arn", "error_kind", "error_", "winner_"),
        *("submission_", "decision_", "request_", "record", "payload_"),
    )

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Ask the policy."""
        viewer = viewer_of(request)
        return viewer is not None and bool(may_retry(viewer))

    @admin.action(description=gettext_lazy("Send the stuck ones again"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: "Deliveries") -> None:
        """Queue each chosen delivery that is stuck, and say what became of each."""
        viewer = known_viewer(request)
        moved: list[str] = []
        left: list[str] = []
        for delivery in queryset:
            try:
                (moved if retry_delivery(viewer, delivery) else left).append(delivery.key)
            except Refused as refusal:
                messages.error(request, str(refusal))
                return
        if moved:
            text = ngettext(
                "{count} delivery is on its way again.", "{count} deliveries are on their way again.", len(moved)
            )
            messages.success(request, text.format(count=len(moved)))
        if left:
            messages.warning(request, _("Not stuck, so left alone: {which}.").format(which=", ".join(left)))

    @admin.display(description=pgettext_lazy("column", "last fault"))
    def error_(self, delivery: Delivery) -> str:
        """The last fault in words."""
        return as_text(delivery.error)

    @admin.display(description=pgettext_lazy("column", "who decided instead"))
    def winner_(self, delivery: Delivery) -> str:
        """The answer that came first."""
        return as_json(delivery.winner)

    @admin.display(description=pgettext_lazy("column", "submission"))
    def submission_(self, delivery: Delivery) -> str:
        """The form whose run it starts."""
        return link_to(delivery.submission)

    @admin.display(description=pgettext_lazy("column", "decision"))
    def decision_(self, delivery: Delivery) -> str:
        """The decision that it carries."""
        return link_to(delivery.decision)

    @admin.display(description=pgettext_lazy("column", "request"))
    def request_(self, delivery: Delivery) -> str:
        """The request that is decided."""
        about = delivery.decision or delivery.claim
        return link_to(about.request if about else None)

    @admin.display(description=pgettext_lazy("column", "record"))
    def record(self, delivery: Delivery) -> str:
        """Lines about the delivery."""
        return link_to_events(delivery)

    @admin.display(description=pgettext_lazy("column", "payload"))
    def payload_(self, delivery: Delivery) -> Any:
        """Exactly the bytes that are sent, but for what not even an admin needs to read."""
        return as_text(masked(delivery.payload))
