"""The record itself. The database refuses to change a line, so there is nothing to edit here."""

from django.contrib import admin

from approvals.admin.base import RecordAdmin
from approvals.admin.lists import DistinctFilter
from approvals.admin.shown import as_json, exact, link_by_name
from approvals.admin.site import site
from approvals.models import AuditEvent


class ActionFilter(DistinctFilter):
    """By what was done."""

    title = "action"
    parameter_name = "done"
    column = "action"


class KindFilter(DistinctFilter):
    """By the kind of thing it was done to."""

    title = "object"
    parameter_name = "kind"
    column = "object_kind"


@admin.register(AuditEvent, site=site)
class EventAdmin(RecordAdmin):
    """Every line, newest first."""

    list_display = ("when", "actor", "action", "target", "summary", "address")
    list_filter = (KindFilter, ActionFilter)
    date_hierarchy = "at"
    ordering = ("-at", "-id")
    equals = ("object_id", "actor", "action")
    search_help_text = "The name of a thing, a username, or an action such as request.decided."
    fields = readonly_fields = ("when", "actor", "address", "action", "target", "summary", "values")

    @admin.display(description="at")
    def when(self, event: AuditEvent) -> str:
        """To the second."""
        return exact(event.at)

    @admin.display(description="object")
    def target(self, event: AuditEvent) -> str:
        """A link to what it was done to."""
        return link_by_name(event.object_kind, event.object_id)

    @admin.display(description="values")
    def values(self, event: AuditEvent) -> str:
        """What the line holds beside its words."""
        return as_json(event.data)
