"""Runs: what each execution was given, how far it came, and what it ended with."""

from typing import override

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, pgettext_lazy

from approvals.admin.base import RecordAdmin
from approvals.admin.shown import as_json, as_rows, link_by_name, link_to, link_to_events, links_to
from approvals.admin.site import site
from approvals.models import ApprovalRequest, Delivery, Run, Submission
from approvals.models.text import revealed


@admin.register(Run, site=site)
class RunAdmin(RecordAdmin):
    """Every run, newest first."""

    list_display = ("named", "status", "current_step", "requester", "created_at", "updated_at")
    list_filter = ("status",)
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    begins = ("run_name",)
    equals = ("requester",)
    search_help_text = gettext_lazy(
        "A run's name or its beginning (loan-… finds a workflow's), or a requester's username."
    )
    fieldsets = (
        (None, {"fields": ("run_name", "named", "workflow", "requester_", "status", "current_step")}),
        (gettext_lazy("Connections"), {"fields": ("requests", "submission", "start", "record")}),
        (gettext_lazy("Course"), {"fields": ("steps", "outcome", "fault", "given")}),
        (gettext_lazy("The item"), {"fields": ("run_arn", "version", "created_at", "updated_at")}),
    )
    readonly_fields = (
        *("named", "requester_", "requests", "submission", "start", "record"),
        *("steps", "outcome", "fault", "given"),
    )

    @override
    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Run]":
        """Leave the long columns of a list unread."""
        rows: models.QuerySet[Run] = super().get_queryset(request)
        if request.resolver_match and str(request.resolver_match.url_name).endswith("_changelist"):
            return rows.defer("input", "progress", "result", "error", "run_arn")
        return rows

    @admin.display(description=pgettext_lazy("column", "run"))
    def named(self, run: Run) -> SafeString:
        """Title and name."""
        return format_html("{}<br><small>{}</small>", revealed(run.title), run.run_name)

    @admin.display(description=pgettext_lazy("column", "requester"))
    def requester_(self, run: Run) -> str:
        """A link to the requester."""
        return link_by_name("user", run.requester)

    @admin.display(description=pgettext_lazy("column", "requests"))
    def requests(self, run: Run) -> str:
        """What the run asked people."""
        return links_to(ApprovalRequest.objects.filter(run_name=run.run_name).order_by("created_at", "id"))

    @admin.display(description=pgettext_lazy("column", "submission"))
    def submission(self, run: Run) -> str:
        """The form that it was started from, if it was a form."""
        return link_to(Submission.objects.filter(run_name=run.run_name).first())

    @admin.display(description=pgettext_lazy("column", "start"))
    def start(self, run: Run) -> str:
        """How the start went to AWS."""
        return link_to(Delivery.objects.filter(key=f"start:{run.run_name}").first())

    @admin.display(description=pgettext_lazy("column", "record"))
    def record(self, run: Run) -> str:
        """Lines about this run."""
        return link_to_events(run)

    @admin.display(description=pgettext_lazy("column", "progress"))
    def steps(self, run: Run) -> str:
        """What the workflow wrote down."""
        return as_rows(run.progress, ("seq", "at", "step", "level", "message"))

    @admin.display(description=pgettext_lazy("column", "result"))
    def outcome(self, run: Run) -> str:
        """What it ended with."""
        return as_json(run.result)

    @admin.display(description=pgettext_lazy("column", "error"))
    def fault(self, run: Run) -> str:
        """Why it failed."""
        return as_json(run.error)

    @admin.display(description=pgettext_lazy("column", "input"))
    def given(self, run: Run) -> str:
        """What it was started with."""
        return as_json(run.input)
