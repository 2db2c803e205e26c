"""What belongs to the conversation about a request besides the comments themselves."""

from typing import override

from django.db import models
from django.utils.translation import gettext_lazy as _

from approvals.models.mirror import ApprovalRequest
from approvals.models.people import Comment, StoredFile, User


class CommentVersion(models.Model):
    """A comment as it read before it was edited."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="versions")
    body = models.TextField()
    written_at = models.DateTimeField(help_text=_("From when on it read so."))

    class Meta:
        ordering = ["written_at", "id"]

    @override
    def __str__(self) -> str:
        return self.body[:60]


class CommentFile(StoredFile):
    """A file that came with a comment."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="files")


class Nudge(models.Model):
    """A reminder that the requester sent to those whose turn it is."""

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="nudges")
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["request", "-sent_at"], name="nudges_of_request")]

    @override
    def __str__(self) -> str:
        return f"{self.request_id} by {self.sent_by}"
