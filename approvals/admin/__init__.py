"""The record for auditors and admins: one module a subject; ``site`` is what ``portal.urls`` mounts."""

from approvals.admin import (
    absences,
    accounts,
    decisions,
    deliveries,
    events,
    letters,
    policies,
    requests,
    runs,
    submissions,
)

__all__ = [
    "absences",
    "accounts",
    "decisions",
    "deliveries",
    "events",
    "letters",
    "policies",
    "requests",
    "runs",
    "submissions",
]
