"""What a decider is shown, as one value: a decision is bound to it, whatever else changes in the item."""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from approvals.models.mirror import ApprovalRequest

# Deadline and policy belong to it: a vote under other terms is another vote.
SHOWN = (
    "approval_id", "kind", "title", "summary", "requester", "amount", "currency",
    "details", "attachments", "policy", "options", "response_schema", "expires_at",
)  # fmt: skip


def content_of(request: "ApprovalRequest") -> dict[str, Any]:
    """Return what the page shows of the request, as JSON values."""
    return plain({name: getattr(request, name) for name in SHOWN})


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return JSON values: money and times as text, so that equal content gives equal bytes."""
    amount = values["amount"]
    shown = dict(values)
    shown["amount"] = None if amount is None else f"{amount:.4f}"
    shown["expires_at"] = values["expires_at"].isoformat()
    return shown


def digest_of(content: Mapping[str, Any]) -> str:
    """Return 64 hex digits that stand for the content."""
    return hashlib.blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS, default=str), digest_size=32).hexdigest()
