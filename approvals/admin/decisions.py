"""Decisions and the votes behind them."""

from django.contrib import admin

from approvals.admin.base import RecordAdmin
from approvals.admin.lists import DistinctFilter
from approvals.admin.shown import as_json, as_text, exact, link_to, link_to_events, links_to
from approvals.admin.site import site
from approvals.models import Decision, Delivery, Vote


class ChoiceFilter(DistinctFilter):
    """By what was decided."""

    title = "choice"
    parameter_name = "chosen"
    column = "choice"


@admin.register(Decision, site=site)
class DecisionAdmin(RecordAdmin):
    """Every decision that the portal recorded, newest first."""

    list_display = ("request", "choice", "decided_by", "when", "reason")
    list_select_related = ("request", "decided_by")
    list_filter = (ChoiceFilter,)
    date_hierarchy = "decided_at"
    ordering = ("-decided_at", "-id")
    begins = ("request__approval_id",)
    equals = ("decided_by__username",)
    search_help_text = "An approval id or its beginning, or the username of who decided."
    fields = readonly_fields = (
        *("request_", "choice", "comments_", "decided_by", "when", "decision_id", "policy_version"),
        *("votes", "delivery", "record"),
    )

    @admin.display(description="at")
    def when(self, decision: Decision) -> str:
        """To the second."""
        return exact(decision.decided_at)

    @admin.display(description="reason")
    def reason(self, decision: Decision) -> str:
        """The reason, cut to a line."""
        return decision.comments[:80]

    @admin.display(description="request")
    def request_(self, decision: Decision) -> str:
        """What was decided."""
        return link_to(decision.request)

    @admin.display(description="reason")
    def comments_(self, decision: Decision) -> str:
        """The whole reason."""
        return as_text(decision.comments)

    @admin.display(description="votes")
    def votes(self, decision: Decision) -> str:
        """The answers that settled it."""
        return links_to(decision.request.votes.select_related("voter"))

    @admin.display(description="delivery")
    def delivery(self, decision: Decision) -> str:
        """How it went to AWS."""
        return link_to(Delivery.objects.filter(decision=decision).first())

    @admin.display(description="record")
    def record(self, decision: Decision) -> str:
        """Lines about the request."""
        return link_to_events(decision.request)


@admin.register(Vote, site=site)
class VoteAdmin(RecordAdmin):
    """Every answer of every person, newest first."""

    list_display = ("request", "voter", "choice", "when")
    list_select_related = ("request", "voter")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    begins = ("request__approval_id",)
    equals = ("voter__username",)
    search_help_text = "An approval id or its beginning, or a voter's username."
    fields = readonly_fields = (
        *("request_", "voter", "choice", "comment_", "when", "shown_version", "content_digest"),
        *("policy_", "policy_version", "record"),
    )

    @admin.display(description="request")
    def request_(self, vote: Vote) -> str:
        """What was voted on."""
        return link_to(vote.request)

    @admin.display(description="at")
    def when(self, vote: Vote) -> str:
        """To the second."""
        return exact(vote.created_at)

    @admin.display(description="reason")
    def comment_(self, vote: Vote) -> str:
        """The reason."""
        return as_text(vote.comment)

    @admin.display(description="policy at that moment")
    def policy_(self, vote: Vote) -> str:
        """The terms that the vote was given under."""
        return as_json(vote.policy)

    @admin.display(description="record")
    def record(self, vote: Vote) -> str:
        """Lines about the request."""
        return link_to_events(vote.request)
