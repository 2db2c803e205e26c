"""The tables. Mirror columns belong to DynamoDB; everything else belongs to the portal."""

from approvals.models.audit import Actor, AuditEvent
from approvals.models.mirror import ApprovalRequest, Audience, AudienceMember, Run
from approvals.models.notifying import Letter, Notification, Occasion, Topic
from approvals.models.outbox import Delivery, Pulse
from approvals.models.people import Attachment, Comment, Decision, Submission, User, Vote
from approvals.models.preferences import NotificationPreferences

__all__ = [
    "Actor",
    "ApprovalRequest",
    "Attachment",
    "Audience",
    "AudienceMember",
    "AuditEvent",
    "Comment",
    "Decision",
    "Delivery",
    "Letter",
    "Notification",
    "NotificationPreferences",
    "Occasion",
    "Pulse",
    "Run",
    "Submission",
    "Topic",
    "User",
    "Vote",
]
