"""One step of the way that a submission takes."""

from dataclasses import dataclass
from datetime import datetime

from approvals.models import ApprovalRequest

DONE, NOW, LATER, FAILED = "done", "now", "later", "failed"


@dataclass(frozen=True)
class Step:
    """One step of the way. ``state``: done, now, later or failed; ``by`` and ``for_whom`` are usernames."""

    label: str
    state: str
    at: datetime | None = None
    note: str = ""
    by: str = ""
    due: datetime | None = None
    for_whom: str = ""
    others: tuple[tuple[str, str], ...] = ()
    """Who answered besides, each with whom they stood in for, if anybody: usernames."""


def others_in(request: ApprovalRequest) -> tuple[tuple[str, str], ...]:
    """Return who else answered a settled request than whoever decided it, as its item says."""
    decision = request.decision or {}
    votes = decision.get("votes")
    given = [one for one in votes if isinstance(one, dict)] if isinstance(votes, list) else []
    named = [(str(one.get("by") or ""), str(one.get("for") or "")) for one in given]
    return tuple(pair for pair in named if pair[0] and pair[0] != decision.get("decided_by"))
