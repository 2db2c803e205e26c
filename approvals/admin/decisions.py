"""Decisions and the votes behind them."""

from django.contrib import admin
from django.utils.translation import gettext_lazy, pgettext_lazy

from approvals.admin.given import GivenAdmin
from approvals.admin.lists import DistinctFilter
from approvals.admin.shown import as_json, as_text, link_to, links_to
from approvals.admin.site import site
from approvals.models import Decision, Delivery, Vote


class ChoiceFilter(DistinctFilter):
    """By what was decided."""

    title = pgettext_lazy("column", "choice")
    parameter_name = "chosen"
    column = "choice"


@admin.register(Decision, site=site)
class DecisionAdmin(GivenAdmin):
    """Every decision that the portal recorded."""

    given_by, given_at, also_given = "decided_by", "decided_at", ("for_person",)
    list_display = ("request", "choice", "decided_by", "for_person", "when", "reason")
    list_filter = (ChoiceFilter,)
    search_help_text = gettext_lazy("An approval id or its beginning, or the username of who decided.")
    fields = readonly_fields = (
        *(
            "request_",
            "choice",
            "comments_",
            "answer",
            "decided_by",
            "for_person",
            "when",
            "decision_id",
            "policy_version",
        ),
        *("votes", "delivery", "record"),
    )

    @admin.display(description=pgettext_lazy("column", "reason"))
    def reason(self, decision: Decision) -> str:
        """The reason, cut to a line."""
        return decision.comments[:80]

    @admin.display(description=pgettext_lazy("column", "reason"))
    def comments_(self, decision: Decision) -> str:
        """The whole reason."""
        return as_text(decision.comments)

    @admin.display(description=pgettext_lazy("column", "votes"))
    def votes(self, decision: Decision) -> str:
        """The answers that settled it."""
        return links_to(decision.request.votes.select_related("voter", "for_person"))

    @admin.display(description=pgettext_lazy("column", "delivery"))
    def delivery(self, decision: Decision) -> str:
        """How it went to AWS."""
        return link_to(Delivery.objects.filter(decision=decision).first())


@admin.register(Vote, site=site)
class VoteAdmin(GivenAdmin):
    """Every answer of every person."""

    given_by, given_at, also_given = "voter", "created_at", ("for_person",)
    list_display = ("request", "voter", "for_person", "choice", "when")
    search_help_text = gettext_lazy("An approval id or its beginning, or a voter's username.")
    fields = readonly_fields = (
        *("request_", "voter", "for_person", "choice", "comment_", "answer", "when", "shown_version", "content_digest"),
        *("policy_", "policy_version", "record"),
    )

    @admin.display(description=pgettext_lazy("column", "reason"))
    def comment_(self, vote: Vote) -> str:
        """The reason."""
        return as_text(vote.comment)

    @admin.display(description=pgettext_lazy("column", "policy at that moment"))
    def policy_(self, vote: Vote) -> str:
        """The terms that the vote was given under."""
        return as_json(vote.policy)
