"""The tables. Mirror columns belong to DynamoDB; everything else belongs to the portal."""

from approvals.models.audit import Actor, AuditEvent
from approvals.models.away import Absence
from approvals.models.claims import Claim
from approvals.models.effective import EffectivePolicy
from approvals.models.handovers import Handover
from approvals.models.mirror import ApprovalRequest, Audience, AudienceMember, Run
from approvals.models.notifying import Letter, Notification, Occasion, Topic
from approvals.models.outbox import Delivery, Pulse
from approvals.models.people import Attachment, Comment, Decision, Submission, User, Vote
from approvals.models.policy import Policy, PolicyRule, PolicyVersion
from approvals.models.preferences import NotificationPreferences
from approvals.models.search import SearchDue, SearchLine
from approvals.models.talk import CommentFile, CommentVersion, Nudge
from approvals.models.timeline import Allowance, Timeline
from approvals.models.views import ReadMark, SavedView

__all__ = [
    "Absence",
    "Actor",
    "Allowance",
    "ApprovalRequest",
    "Attachment",
    "Audience",
    "AudienceMember",
    "AuditEvent",
    "Claim",
    "Comment",
    "CommentFile",
    "CommentVersion",
    "Decision",
    "Delivery",
    "EffectivePolicy",
    "Handover",
    "Letter",
    "Notification",
    "NotificationPreferences",
    "Nudge",
    "Occasion",
    "Policy",
    "PolicyRule",
    "PolicyVersion",
    "Pulse",
    "ReadMark",
    "Run",
    "SavedView",
    "SearchDue",
    "SearchLine",
    "Submission",
    "Timeline",
    "Topic",
    "User",
    "Vote",
]
