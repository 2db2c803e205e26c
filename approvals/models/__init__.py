"""The tables. Mirror columns belong to DynamoDB; everything else belongs to the portal."""

from approvals.models.audit import Actor, AuditEvent
from approvals.models.mirror import ApprovalRequest, Audience, AudienceMember, Run
from approvals.models.outbox import Delivery, Pulse
from approvals.models.people import Attachment, Comment, Decision, Submission, User, Vote
from approvals.models.talk import CommentFile, CommentVersion, Nudge

__all__ = [
    "Actor",
    "ApprovalRequest",
    "Attachment",
    "Audience",
    "AudienceMember",
    "AuditEvent",
    "Comment",
    "CommentFile",
    "CommentVersion",
    "Decision",
    "Delivery",
    "Nudge",
    "Pulse",
    "Run",
    "Submission",
    "User",
    "Vote",
]
