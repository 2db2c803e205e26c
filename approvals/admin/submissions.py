"""What people handed in, and what they said about it."""

from typing import override

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, pgettext_lazy

from approvals.admin.base import RecordAdmin
from approvals.admin.given import GivenAdmin
from approvals.admin.shown import as_json, as_rows, as_text, link_by_name, link_to, link_to_events
from approvals.admin.site import site
from approvals.models import Comment, Delivery, Submission


@admin.register(Submission, site=site)
class SubmissionAdmin(RecordAdmin):
    """Every form that was handed in, newest first. Drafts are their author's alone and are not shown."""

    list_display = ("ref", "title", "state", "workflow", "requester", "amount", "currency", "created_at")
    list_select_related = ("requester",)
    list_filter = ("state",)
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    begins = ("ref", "run_name")
    equals = ("requester__username",)
    search_help_text = gettext_lazy(
        "A reference such as EXP-7K3M9Q2 or its beginning, a run's name, or a requester's username."
    )
    fields = readonly_fields = (
        *("ref", "title", "workflow", "requester", "amount", "currency", "state", "submitted_at", "created_at"),
        *("run", "delivery", "files", "typed", "record"),
    )

    @override
    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Submission]":
        """Leave drafts out."""
        rows: models.QuerySet[Submission] = super().get_queryset(request)
        return rows.exclude(state=Submission.State.DRAFT)

    @admin.display(description=pgettext_lazy("column", "run"))
    def run(self, submission: Submission) -> str:
        """A link to the run."""
        return link_by_name("run", submission.run_name or "")

    @admin.display(description=pgettext_lazy("column", "delivery"))
    def delivery(self, submission: Submission) -> str:
        """How the start went to AWS."""
        return link_to(Delivery.objects.filter(submission=submission).first())

    @admin.display(description=pgettext_lazy("column", "files"))
    def files(self, submission: Submission) -> str:
        """Names and digests; the bytes are opened in the portal, where each look is recorded."""
        return as_rows(
            list(submission.attachments.values("name", "content_type", "size", "sha256")),
            ("name", "content_type", "size", "sha256"),
        )

    @admin.display(description=pgettext_lazy("column", "as typed"))
    def typed(self, submission: Submission) -> str:
        """The form as it was filled in."""
        return as_json(submission.form_data)

    @admin.display(description=pgettext_lazy("column", "record"))
    def record(self, submission: Submission) -> str:
        """Lines about it."""
        return link_to_events(submission)


@admin.register(Comment, site=site)
class CommentAdmin(GivenAdmin):
    """Every remark."""

    given_by, given_at = "author", "created_at"
    list_display = ("__str__", "author", "request", "created_at")
    search_help_text = gettext_lazy("An approval id or its beginning, or an author's username.")
    fields = readonly_fields = ("request_", "author", "created_at", "answers_", "body_")

    @admin.display(description=pgettext_lazy("column", "answers"))
    def answers_(self, comment: Comment) -> str:
        """The remark that it answers."""
        return link_to(comment.parent)

    @admin.display(description=pgettext_lazy("column", "text"))
    def body_(self, comment: Comment) -> str:
        """The text."""
        return as_text(comment.body)
