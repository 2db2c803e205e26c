"""The policy of a request in words."""

from dataclasses import dataclass

from approvals.models import ApprovalRequest
from approvals.web.formats import words


@dataclass(frozen=True)
class Terms:
    """Who may decide, how many must, who may not, and what follows."""

    groups: list[str]
    users: list[str]
    required: int
    excluded: list[str]
    escalates_to: str

    @classmethod
    def of(cls, request: ApprovalRequest) -> "Terms":
        """Read the terms from the item's policy."""
        policy = request.policy
        return cls(
            groups=[str(name) for name in policy.get("groups") or []],
            users=[str(name) for name in policy.get("users") or []],
            required=request.required,
            excluded=[str(name) for name in policy.get("exclude") or [] if name != request.requester],
            escalates_to=str(policy.get("escalates_to") or ""),
        )

    @property
    def how_many(self) -> str:
        """How many approvals settle it; one objection settles it too."""
        if self.required == 1:
            return "One answer settles it."
        return f"{self.required} people must approve. One rejection settles it."


def option_label(option: str) -> str:
    """What the button of an option says."""
    return {"approved": "Approve", "rejected": "Reject", "changes_requested": "Send back"}.get(option, words(option))


def outcome_label(decision: str) -> str:
    """What an answer is called once it is given."""
    return {"timeout": "Timed out", "error": "Failed"}.get(decision, words(decision))
