"""The outbox: intents that a committed transaction left for AWS, and the pulse of those who carry them."""

from datetime import datetime
from typing import override

from django.db import models, transaction

from approvals.models.claims import Claim
from approvals.models.people import Decision, Submission
from approvals.models.pulse import PulseQuerySet
from approvals.signals import delivery_queued


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Questions about deliveries."""

    def enqueue(self, **fields: object) -> "Delivery":
        """Store an intent and, once it is committed, tell whoever delivers."""
        delivery = self.create(**fields)
        # Robust: the intent is stored, so a fault of the listener must not fail the request that left it.
        transaction.on_commit(lambda: delivery_queued.send(Delivery, delivery_id=delivery.pk), robust=True)
        return delivery

    def waiting(self) -> "DeliveryQuerySet":
        """Not yet at an end, whether due or not."""
        return self.filter(state=Delivery.State.QUEUED)

    def unsent(self) -> "DeliveryQuerySet":
        """Never tried: a retry of a stuck one starts the count anew, but its last fault stays."""
        return self.waiting().filter(attempts=0, error_kind="")

    def stuck(self) -> "DeliveryQuerySet":
        """Those that will not go on without a person."""
        return self.filter(state=Delivery.State.STUCK)


class Delivery(models.Model):
    """One intent on its way to AWS: the start of a run, a decision, or heartbeats for as long as a claim holds.

    ``queued`` goes on by itself; every other state is an end, ``stuck`` until an admin retries it.
    """

    class Kind(models.TextChoices):
        """What is carried."""

        START = "start", "Start of a run"
        DECISION = "decision", "Decision"
        HEARTBEAT = "heartbeat", "Heartbeat while somebody is on it"

    class State(models.TextChoices):
        """Where it stands."""

        QUEUED = "queued", "On its way"
        DELIVERED = "delivered", "Delivered"
        LOST = "lost", "Another answer came first"
        STUCK = "stuck", "Stuck"
        DROPPED = "dropped", "Not needed any more"

    key = models.CharField(max_length=120, unique=True, help_text="start:<run name>, decision:<id>, heartbeat:<claim>.")
    kind = models.CharField(max_length=12, choices=Kind)
    submission = models.OneToOneField(Submission, models.PROTECT, null=True, related_name="delivery")
    decision = models.OneToOneField(Decision, models.PROTECT, null=True, related_name="delivery")
    claim = models.OneToOneField(Claim, models.PROTECT, null=True, related_name="delivery")
    payload = models.TextField(help_text="Exactly the bytes to send, so that a retry sends the same.")
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(help_text="Also the end of the lease while somebody is at it.")
    written_at = models.DateTimeField(null=True, help_text="When the decision stood in the item.")
    accepted_at = models.DateTimeField(null=True, help_text="When AWS took the start or the callback.")
    finished_at = models.DateTimeField(null=True)
    run_arn = models.TextField(default="")
    error_kind = models.CharField(
        max_length=20, default="", help_text="retryable, closed, lost, forbidden, misconfigured."
    )
    error = models.TextField(default="", help_text="The last fault in words, without secrets.")
    winner = models.JSONField(null=True, help_text="Who decided instead: decision, decided_by, decided_at.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["next_try_at", "id"], name="deliveries_due", condition=models.Q(state="queued")),
            models.Index(fields=["-created_at", "-id"], name="deliveries_newest"),
            models.Index(fields=["state", "-created_at", "-id"], name="deliveries_by_state"),
        ]

    @override
    def __str__(self) -> str:
        return self.key


class Pulse(models.Model):
    """A sign of life of a part of the worker, so that the portal can say when something is silent."""

    name = models.CharField(max_length=40, primary_key=True, help_text="mirror, outbox, aws.")
    at = models.DateTimeField(help_text="Last time that it worked.")
    failing_since = models.DateTimeField(null=True)
    fault = models.TextField(default="")
    detail = models.JSONField(default=dict)

    objects = PulseQuerySet.as_manager()

    @override
    def __str__(self) -> str:
        return self.name

    @property
    def seen_at(self) -> datetime:
        """When a worker last wrote here, whether the part worked or not."""
        seen = self.detail.get("seen")
        return datetime.fromisoformat(seen) if seen else self.at

    @property
    def label(self) -> str:
        """The part as people call it."""
        return {"aws": "AWS", "mirror": "Mirror", "outbox": "Outbox", "mail": "E-mail"}.get(self.name, self.name)
