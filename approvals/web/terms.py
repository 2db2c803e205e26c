"""The policy of a request in words."""

from dataclasses import dataclass

from approvals.models import ApprovalRequest
from approvals.web.formats import words

# Yes and no.
PLAIN_CHOICE = 2


@dataclass(frozen=True)
class Terms:
    """Who may decide, how many must, who may not, and what follows."""

    groups: list[str]
    users: list[str]
    required: int
    yes: str
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
            yes=option_label(request.yes).lower(),
            excluded=[str(name) for name in policy.get("exclude") or [] if name != request.requester],
            escalates_to=str(policy.get("escalates_to") or ""),
        )

    @property
    def how_many(self) -> str:
        """How many must say yes; one objection settles it too."""
        if self.required == 1:
            return "One answer settles it."
        return f"{self.required} people must {self.yes}. Any other answer settles it at once."


# What an answer is called: on its button, and once it is given. Any other option is called by its own words.
ANSWERS = {
    "approved": ("Approve", "Approved"),
    "rejected": ("Reject", "Rejected"),
    "changes_requested": ("Send back", "Sent back"),
    "revised": ("Send the new version", "Revised"),
    "publish": ("Publish", "Published"),
    "published": ("Publish", "Published"),
    "remove": ("Remove", "Removed"),
    "removed": ("Remove", "Removed"),
    "retry": ("Try again", "Tried again"),
    "done_by_hand": ("Done by hand", "Done by hand"),
    "waive": ("Waive", "Waived"),
    "waived": ("Waive", "Waived"),
    "timeout": ("Time out", "Timed out"),
    "error": ("Fail", "Failed"),
}


@dataclass(frozen=True)
class Option:
    """One answer that a request takes. ``tone``: yes (the first), no (the objection) or other."""

    value: str
    label: str
    tone: str


def options_of(request: ApprovalRequest) -> list[Option]:
    """Return the answers in the producer's order."""
    values = [str(option) for option in request.options]
    return [Option(value, option_label(value), _tone(value, values)) for value in values]


def _tone(value: str, values: list[str]) -> str:
    if value == values[0]:
        return "yes"
    # Of two, the second objects; of more, only what says so plainly.
    return "no" if len(values) <= PLAIN_CHOICE or value == "rejected" else "other"


def option_label(option: str) -> str:
    """What the button of an option says."""
    return ANSWERS.get(option, (words(option), ""))[0]


def outcome_label(decision: str) -> str:
    """What an answer is called once it is given."""
    return ANSWERS.get(decision, ("", words(decision)))[1]
