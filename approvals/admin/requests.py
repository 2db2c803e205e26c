"""Approval requests: the mirror's copy of the item, with everything that hangs on it."""

from typing import override

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from approvals.admin.base import RecordAdmin, RecordInline
from approvals.admin.shown import as_json, as_rows, as_text, link_by_name, link_to, link_to_events
from approvals.admin.site import site
from approvals.models import ApprovalRequest, Comment, Decision, Delivery, SearchLine, Vote
from approvals.models.responses import decision_shown
from approvals.models.search import MOST_HITS, asked_words
from approvals.models.text import revealed


class Votes(RecordInline):
    """Who answered what."""

    model = Vote
    fields = readonly_fields = ("voter", "for_person", "choice", "comment", "shown_version", "created_at")

    @override
    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Vote]":
        """Read the voters with the votes."""
        return super().get_queryset(request).select_related("voter", "for_person")


class Comments(RecordInline):
    """The talk about it."""

    model = Comment
    fields = readonly_fields = ("author", "body", "created_at")

    @override
    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Comment]":
        """Read the authors with the comments."""
        return super().get_queryset(request).select_related("author")


@admin.register(ApprovalRequest, site=site)
class RequestAdmin(RecordAdmin):
    """Every request, newest first."""

    list_display = ("named", "status", "stage", "requester", "money", "created_at", "expires_at")
    list_filter = ("status",)
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    begins = ("approval_id",)
    equals = ("requester",)
    search_help_text = gettext_lazy(
        "An approval id or its beginning (loan-… finds a workflow's), a requester's username, or any words."
    )
    inlines = (Votes, Comments)
    fieldsets = (
        (None, {"fields": ("approval_id", "in_portal", "title_", "summary_", "requester_", "money", "status")}),
        (gettext_lazy("Connections"), {"fields": ("run", "decision_", "delivery", "record")}),
        (
            gettext_lazy("Terms"),
            {"fields": ("stage", "kind", "expires_at", "policy_", "options", "audience", "excluded")},
        ),
        (gettext_lazy("Content"), {"fields": ("details_", "attachments_", "response_schema", "content_digest")}),
        (
            gettext_lazy("The item"),
            {"fields": ("item_decision", "history", "version", "created_at", "updated_at", "settled_at")},
        ),
    )
    readonly_fields = (
        *("in_portal", "title_", "summary_", "requester_", "money", "run", "decision_", "delivery", "record"),
        *("policy_", "details_", "attachments_", "item_decision", "history"),
    )

    @override
    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[ApprovalRequest]":
        """Leave the long columns of a list unread."""
        rows: models.QuerySet[ApprovalRequest] = super().get_queryset(request)
        if request.resolver_match and str(request.resolver_match.url_name).endswith("_changelist"):
            return rows.defer("details", "attachments", "events", "policy", "response_schema", "summary", "decision")
        return rows

    @override
    def get_search_results(
        self, request: HttpRequest, queryset: "models.QuerySet[ApprovalRequest]", search_term: str
    ) -> tuple["models.QuerySet[ApprovalRequest]", bool]:
        """Search by key; what is no key is searched as words."""
        found, doubled = super().get_search_results(request, queryset, search_term)
        words = asked_words(search_term)
        if not words or found.exists():
            return found, doubled
        hits = SearchLine.objects.hits(words)
        if len(hits) > MOST_HITS:
            sentence = _("More than {count} hold these words; only the newest are listed.")
            messages.warning(request, sentence.format(count=number_format(MOST_HITS, force_grouping=True)))
        return queryset.filter(pk__in=hits[:MOST_HITS]), doubled

    @admin.display(description=pgettext_lazy("column", "request"))
    def named(self, request: ApprovalRequest) -> SafeString:
        """Title and id."""
        return format_html("{}<br><small>{}</small>", revealed(request.title), request.approval_id)

    @admin.display(description=pgettext_lazy("column", "amount"))
    def money(self, request: ApprovalRequest) -> str:
        """Amount and currency."""
        return (
            ""
            if request.amount is None
            else f"{number_format(f'{request.amount:.2f}', force_grouping=True)} {request.currency}"
        )

    @admin.display(description=pgettext_lazy("column", "in the portal"))
    def in_portal(self, request: ApprovalRequest) -> SafeString:
        """A link to the page that approvers see."""
        return format_html('<a href="/requests/{}/">{}</a>', request.approval_id, _("Open the request"))

    @admin.display(description=pgettext_lazy("column", "title"))
    def title_(self, request: ApprovalRequest) -> str:
        """As the workflow wrote it."""
        return as_text(request.title)

    @admin.display(description=pgettext_lazy("column", "summary"))
    def summary_(self, request: ApprovalRequest) -> str:
        """As the workflow wrote it."""
        return as_text(request.summary)

    @admin.display(description=pgettext_lazy("column", "requester"))
    def requester_(self, request: ApprovalRequest) -> str:
        """A link to what the requester did."""
        return link_by_name("user", request.requester)

    @admin.display(description=pgettext_lazy("column", "run"))
    def run(self, request: ApprovalRequest) -> str:
        """A link to the run."""
        return link_by_name("run", request.run_name)

    @admin.display(description=pgettext_lazy("column", "decision in the portal"))
    def decision_(self, request: ApprovalRequest) -> str:
        """The decision that was recorded here, if any."""
        return link_to(Decision.objects.select_related("decided_by").filter(request=request).first())

    @admin.display(description=pgettext_lazy("column", "delivery"))
    def delivery(self, request: ApprovalRequest) -> str:
        """How that decision went to AWS."""
        return link_to(Delivery.objects.filter(decision__request=request).first())

    @admin.display(description=pgettext_lazy("column", "record"))
    def record(self, request: ApprovalRequest) -> str:
        """Lines about this request."""
        return link_to_events(request)

    @admin.display(description=pgettext_lazy("column", "policy"))
    def policy_(self, request: ApprovalRequest) -> str:
        """Who may answer."""
        return as_json(request.policy)

    @admin.display(description=pgettext_lazy("column", "details"))
    def details_(self, request: ApprovalRequest) -> str:
        """What the workflow shows to deciders."""
        return as_json(request.details)

    @admin.display(description=pgettext_lazy("column", "attachments"))
    def attachments_(self, request: ApprovalRequest) -> str:
        """References to files."""
        return as_rows(request.attachments, ("name", "content_type", "size", "id"))

    @admin.display(description=pgettext_lazy("column", "decision in the item"))
    def item_decision(self, request: ApprovalRequest) -> str:
        """What DynamoDB holds; it decides."""
        return as_json(decision_shown(request.response_schema, request.decision))

    @admin.display(description=pgettext_lazy("column", "history in the item"))
    def history(self, request: ApprovalRequest) -> str:
        """The item's own history."""
        return as_rows(request.events, ("seq", "at", "actor", "action", "note"))
