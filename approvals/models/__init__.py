"""The tables. Mirror columns belong to DynamoDB; everything else belongs to the portal."""

from approvals.models.audit import Actor, AuditEvent
from approvals.models.mirror import ApprovalRequest, Audience, AudienceMember, Run
from approvals.models.outbox import Delivery, Pulse
from approvals.models.people import Attachment, Comment, Decision, Submission, User, Vote
from approvals.models.search import SearchDue, SearchLine
from approvals.models.views import ReadMark, SavedView

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
    "Pulse",
    "ReadMark",
    "Run",
    "SavedView",
    "SearchDue",
    "SearchLine",
    "Submission",
    "User",
    "Vote",
]
