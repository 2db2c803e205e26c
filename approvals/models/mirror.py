"""Copies of the DynamoDB items. Only ``approvals.mirror`` writes them, and only newer versions win.

On PostgreSQL their pages are kept half empty (migration 0004): the next version of a row then finds room on its page,
and no index is touched unless its own column changed.
"""

from datetime import datetime
from typing import override

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from approvals.models.groups import group_words
from approvals.models.queue import ANSWER_BY, RequestQuerySet
from approvals.models.sentence import Sentence


class RequestStatus(models.TextChoices):
    """States of an approval request (design.md §4)."""

    PENDING = "pending", _("Waiting")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    TIMEOUT = "timeout", _("Timed out")
    CANCELLED = "cancelled", _("Cancelled")
    ERROR = "error", _("Failed")


class RunStatus(models.TextChoices):
    """States of a run (design.md §4)."""

    SUBMITTED = "submitted", _("Submitted")
    RUNNING = "running", _("Running")
    WAITING = "waiting", _("Waiting")
    SUCCEEDED = "succeeded", _("Succeeded")
    DENIED = "denied", _("Denied")
    FAILED = "failed", _("Failed")
    TIMED_OUT = "timed_out", _("Timed out")
    CANCELLED = "cancelled", _("Cancelled")


ENDED_RUNS = frozenset(
    {RunStatus.SUCCEEDED, RunStatus.DENIED, RunStatus.FAILED, RunStatus.TIMED_OUT, RunStatus.CANCELLED}
)


# How the item of a request that outlived its run says so, and what follows the reason in the note.
CLOSED_FOR_ITS_RUN = ("reconcile", "closed")
UNANSWERED = " before this request was answered."


class Audience(models.Model):
    """A set of people who may answer, stored once however many requests name it.

    The queue asks by audience, so one indexed range per audience answers "what waits for me".
    """

    key = models.TextField(unique=True, help_text=_("The principals, sorted, one per line: group:NAME or user:NAME."))

    @override
    def __str__(self) -> str:
        return self.key.replace("\n", ", ") or gettext("nobody")


class AudienceMember(models.Model):
    """One principal of an audience."""

    audience = models.ForeignKey(Audience, models.CASCADE, related_name="members")
    principal = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["principal", "audience"], name="audience_member_once")]

    @override
    def __str__(self) -> str:
        return self.principal


class ApprovalRequest(models.Model):
    """One question that a run puts to people. Never holds the callback id."""

    approval_id = models.CharField(max_length=255, unique=True)
    run_name = models.CharField(max_length=64)
    run_arn = models.TextField(default="")
    workflow = models.CharField(max_length=40)
    stage = models.CharField(max_length=40)
    kind = models.CharField(max_length=20, default="approval")
    title = models.TextField(default="")
    summary = models.TextField(default="")
    requester = models.CharField(max_length=150, default="")
    amount = models.DecimalField(max_digits=24, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, default="")
    details = models.JSONField(default=dict)
    attachments = models.JSONField(default=list)
    policy = models.JSONField(default=dict)
    options = models.JSONField(default=list)
    response_schema = models.JSONField(null=True)
    # requests_by_audience serves the key too.
    audience = models.ForeignKey(Audience, models.PROTECT, null=True, db_index=False)
    excluded = models.TextField(default="|", help_text=_("Usernames that may not answer, as |name|name|."))
    status = models.CharField(max_length=12, choices=RequestStatus)
    decision = models.JSONField(null=True)
    events = models.JSONField(default=list)
    content_digest = models.CharField(max_length=64, help_text=_("Of what a decider is shown; binds a decision to it."))
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    version = models.BigIntegerField()
    # The portal's own, which the mirror never writes: whose turn it is under a policy, and until when by the policy's
    # own time; null follows ``audience`` and ``expires_at``.
    waits_for = models.ForeignKey(Audience, models.PROTECT, null=True, related_name="+")
    waits_until = models.DateTimeField(null=True)

    objects = RequestQuerySet.as_manager()
    # Set on pages of a person's own answers: when they answered.
    answered_at: datetime | None = None

    class Meta:
        verbose_name = _("request")
        indexes = [
            models.Index(ANSWER_BY, "id", name="pending_by_answer", condition=Q(status="pending")),
            models.Index(
                "audience",
                ANSWER_BY,
                "id",
                name="audience_by_answer",
                condition=Q(status="pending", waits_for__isnull=True),
            ),
            models.Index(
                "waits_for",
                ANSWER_BY,
                "id",
                name="turn_by_answer",
                condition=Q(status="pending", waits_for__isnull=False),
            ),
            models.Index(
                fields=["waits_for", "created_at", "id"],
                name="pending_by_turn_and_age",
                condition=Q(status="pending", waits_for__isnull=False),
            ),
            models.Index(
                fields=["waits_for", "amount", "id"],
                name="pending_by_turn_and_amount",
                condition=Q(status="pending", waits_for__isnull=False, amount__isnull=False),
            ),
            models.Index(fields=["audience", "created_at", "id"], name="pending_by_age", condition=Q(status="pending")),
            models.Index(
                fields=["audience", "amount", "id"],
                name="pending_by_amount",
                condition=Q(status="pending", amount__isnull=False),
            ),
            models.Index(
                fields=["amount", "id"],
                name="all_pending_by_amount",
                condition=Q(status="pending", amount__isnull=False),
            ),
            models.Index(fields=["audience", "-created_at", "-id"], name="requests_by_audience"),
            models.Index(fields=["-created_at", "-id"], name="requests_newest"),
            models.Index(fields=["run_name"], name="requests_by_run"),
            models.Index(fields=["requester", "-created_at", "-id"], name="requests_by_requester"),
            models.Index(fields=["status", "-created_at", "-id"], name="requests_by_status"),
            # What became of earlier ones: the expected time, and what follows an answer.
            models.Index(
                fields=["workflow", "stage", "-settled_at", "-id"],
                name="settled_by_stage",
                condition=Q(settled_at__isnull=False),
            ),
        ]

    @override
    def __str__(self) -> str:
        return self.title or self.approval_id

    @property
    def is_pending(self) -> bool:
        """Whether the workflow still waits, as far as the mirror knows."""
        return self.status == RequestStatus.PENDING

    @property
    def answer_by(self) -> datetime:
        """Until when those asked now have time: a policy's step may end before the workflow's own deadline.

        Of what waits, the same as ``ANSWER_BY``, by which lists are sorted and filtered.
        """
        if self.waits_until is None or not self.is_pending:
            return self.expires_at
        return min(self.waits_until, self.expires_at)

    @property
    def asked(self) -> str:
        """The groups and people it was put to, as people read them."""
        groups, users = self.policy.get("groups") or [], self.policy.get("users") or []
        return Sentence.told(lambda: ", ".join([*(group_words(str(name)) for name in groups), *map(str, users)]))

    @property
    def required(self) -> int:
        """How many approvals settle the request; at least one."""
        return max(1, int(self.policy.get("required") or 1))

    @property
    def orphaned(self) -> str:
        """How its run ended before anybody answered, e.g. ``The run failed``; empty where it ended otherwise.

        Without Lambda's own words, which stand in brackets: they are for the office.
        """
        last = self.events[-1] if self.events else None
        if self.status != RequestStatus.ERROR or not isinstance(last, dict):
            return ""
        if (last.get("actor"), last.get("action")) != CLOSED_FOR_ITS_RUN:
            return ""
        return str(last.get("note") or "").removesuffix(UNANSWERED).partition(" (")[0]

    @property
    def decided_for(self) -> str:
        """Who was away and answered for by whoever decided, as the item's votes say; empty for an own answer."""
        decision = self.decision or {}
        votes = decision.get("votes")
        given = [one for one in votes if isinstance(one, dict)] if isinstance(votes, list) else []
        own = next((one for one in given if one.get("by") == decision.get("decided_by")), {})
        return str(own.get("for") or "")

    @property
    def yes(self) -> str:
        """The answer that agrees: the first option, as the workflow counts it. Any other objects."""
        return str(self.options[0]) if self.options else "approved"


class Run(models.Model):
    """One durable execution of a workflow."""

    run_name = models.CharField(max_length=64, unique=True)
    run_arn = models.TextField(default="")
    workflow = models.CharField(max_length=40)
    requester = models.CharField(max_length=150, default="")
    title = models.TextField(default="")
    input = models.JSONField(default=dict)
    status = models.CharField(max_length=12, choices=RunStatus)
    current_step = models.CharField(max_length=100, default="")
    progress = models.JSONField(default=list)
    result = models.JSONField(null=True)
    error = models.JSONField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="runs_newest"),
            models.Index(fields=["requester", "-created_at", "-id"], name="runs_by_requester"),
            models.Index(fields=["status", "-created_at", "-id"], name="runs_by_status"),
        ]

    @override
    def __str__(self) -> str:
        return self.title or self.run_name

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen in this run."""
        return self.status in ENDED_RUNS
