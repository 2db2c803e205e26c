"""The record itself. The database refuses to change a line, so there is nothing to edit here."""

from typing import override

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, pgettext_lazy

from approvals.admin.base import RecordAdmin
from approvals.admin.lists import DistinctFilter
from approvals.admin.shown import as_json, as_text, exact, link_by_name
from approvals.admin.site import site
from approvals.admin.words import action_words, actor_words
from approvals.models import AuditEvent
from approvals.models.text import revealed


class ActionFilter(DistinctFilter):
    """By what was done."""

    title = pgettext_lazy("column", "action")
    parameter_name = "done"
    column = "action"

    @override
    def words(self, value: str) -> str:
        """Return the action in words."""
        return action_words(value)


class KindFilter(DistinctFilter):
    """By the kind of thing it was done to."""

    title = pgettext_lazy("column", "object")
    parameter_name = "kind"
    column = "object_kind"


@admin.register(AuditEvent, site=site)
class EventAdmin(RecordAdmin):
    """Every line, newest first."""

    list_display = ("when", "who", "done", "target", "said", "address")
    list_filter = (KindFilter, ActionFilter)
    date_hierarchy = "at"
    ordering = ("-at", "-id")
    equals = ("object_id", "actor", "action")
    search_help_text = gettext_lazy("The name of a thing, a username, or an action such as request.decided.")
    fields = readonly_fields = ("when", "who", "actor", "address", "done", "action", "target", "said", "values")

    @admin.display(description=pgettext_lazy("column", "at"))
    def when(self, event: AuditEvent) -> str:
        """To the second."""
        return exact(event.at)

    @admin.display(description=pgettext_lazy("column", "who"))
    def who(self, event: AuditEvent) -> SafeString:
        """The person, or the part of the product; the record's own name for it is the title."""
        return format_html('<bdi title="{}">{}</bdi>', event.actor, revealed(actor_words(event.actor)))

    @admin.display(description=pgettext_lazy("column", "what"))
    def done(self, event: AuditEvent) -> SafeString:
        """The action in words; the code is the title."""
        return format_html('<span title="{}">{}</span>', event.action, action_words(event.action))

    @admin.display(description=pgettext_lazy("column", "in words"))
    def said(self, event: AuditEvent) -> str:
        """The line's own words."""
        return as_text(event.summary)

    @admin.display(description=pgettext_lazy("column", "object"))
    def target(self, event: AuditEvent) -> str:
        """A link to what it was done to."""
        return link_by_name(event.object_kind, event.object_id)

    @admin.display(description=pgettext_lazy("column", "values"))
    def values(self, event: AuditEvent) -> str:
        """What the line holds beside its words."""
        return as_json(event.data)
