"""When votes settle a request."""

from collections.abc import Iterable

APPROVED = "approved"
REJECTED = "rejected"


def tally(required: int, choices: Iterable[str]) -> str | None:
    """Return the choice that the votes settle on, or None while more are needed.

    One vote for anything but ``approved`` settles at once: a request passes only when nobody asked objects.
    ``required`` approvals are needed to approve.
    """
    approvals = 0
    for choice in choices:
        if choice != APPROVED:
            return choice
        approvals += 1
    return APPROVED if approvals >= required else None
