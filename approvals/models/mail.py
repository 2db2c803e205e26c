"""E-mails that a committed transaction left for the worker: one to one person about one request."""

from typing import override

from django.db import models

from approvals.models.mirror import ApprovalRequest
from approvals.models.people import User


class MailQuerySet(models.QuerySet["Mail"]):
    """Questions about e-mails."""

    def waiting(self) -> "MailQuerySet":
        """Not yet tried for the last time, and nobody is at it."""
        return self.filter(state=Mail.State.QUEUED)

    def to(self, user: User) -> "MailQuerySet":
        """What this person was told, sent or not: the pages tell it too."""
        return self.filter(recipient=user)


class Mail(models.Model):
    """One e-mail. Each state but ``queued`` and ``sending`` is an end.

    A server cannot be asked whether it took a message, so one whose sender died in the act is never sent again: it is
    ``unsure``. What it says stands on the request's page as well.
    """

    class Kind(models.TextChoices):
        """What it tells."""

        ORPHANED = "orphaned", "Ended without an answer"

    class State(models.TextChoices):
        """Where it stands."""

        QUEUED = "queued", "About to be sent"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        UNSENT = "unsent", "Not sent"
        UNSURE = "unsure", "Perhaps sent"

    kind = models.CharField(max_length=20, choices=Kind)
    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="mails")
    recipient = models.ForeignKey(User, models.PROTECT, related_name="mails")
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(help_text="Also the end of the lease while somebody sends it.")
    error = models.TextField(default="", help_text="Why it was not sent, in words.")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "recipient", "kind"], name="told_once")]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"], name="mails_due", condition=models.Q(state__in=["queued", "sending"])
            ),
            models.Index(fields=["recipient", "-created_at", "-id"], name="mails_of_person"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient.username}"
