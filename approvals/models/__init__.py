"""The tables. Mirror columns belong to DynamoDB; everything else belongs to the portal."""

from approvals.models.audit import Actor, AuditEvent
from approvals.models.claims import Claim
from approvals.models.effective import EffectivePolicy
from approvals.models.handovers import Handover
from approvals.models.mirror import ApprovalRequest, Audience, AudienceMember, Run
from approvals.models.outbox import Delivery, Pulse
from approvals.models.people import Attachment, Comment, Decision, Submission, User, Vote
from approvals.models.policy import Policy, PolicyRule, PolicyVersion

__all__ = [
    "Actor",
    "ApprovalRequest",
    "Attachment",
    "Audience",
    "AudienceMember",
    "AuditEvent",
    "Claim",
    "Comment",
    "Decision",
    "Delivery",
    "EffectivePolicy",
    "Handover",
    "Policy",
    "PolicyRule",
    "PolicyVersion",
    "Pulse",
    "Run",
    "Submission",
    "User",
    "Vote",
]
