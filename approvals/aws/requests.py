"""Writes to the items of requests and runs: a decision, and the end of what will never end by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from approvals.aws.faults import Lost, Missing
from approvals.aws.secret import CallbackId
from approvals.aws.tables import Amendment, Item, approvals, runs
from approvals.models.clock import utc_text

# Outcomes that follow a decision; an item that ended otherwise did not follow the one it may hold.
FOLLOWED = frozenset({"approved", "rejected", "cancelled"})
ENDED_RUNS = frozenset({"succeeded", "denied", "failed", "timed_out", "cancelled"})
LONGEST_NOTE = 500


@dataclass(frozen=True)
class Written:
    """The decision stands in the item. ``callback_id`` wakes the workflow; None where it has settled already."""

    callback_id: CallbackId | None


def write_decision(approval_id: str, decision: Mapping[str, Any]) -> Written:
    """Write the decision into the request while it is pending and holds none; once, however often it is tried.

    ``status`` stays pending: only the workflow settles. Raises Lost, Missing, or another AwsError.
    """

    def change(item: Item | None) -> Amendment | None:
        if item is None or item["status"] != "pending" or item.get("decision"):
            return None
        line = {"actor": decision["decided_by"], "action": "decided", "note": _note(decision)}
        return Amendment({"decision": decision}, lines=(line,))

    item = approvals().amend(approval_id, change)
    if item is None:
        raise Missing(f"Request {approval_id} is not in the table {approvals().name}.")
    stands = item.get("decision") or {}
    if stands.get("decision_id") != decision["decision_id"] or item["status"] not in {"pending", *FOLLOWED}:
        raise Lost(f"Request {approval_id} has another answer.", winner_of(item))
    return Written(item.get("callback_id") if item["status"] == "pending" else None)


@dataclass(frozen=True)
class Attention:
    """The callback of a request that wants to hear of attention every so many seconds."""

    callback_id: CallbackId
    seconds: int


def attention_of(approval_id: str) -> Attention | None:
    """Return how to say that somebody attends to the request; None where it waits for nothing of the kind.

    Raises an AwsError.
    """
    item = approvals().get(approval_id) or {}
    seconds, callback_id = item.get("heartbeat_seconds"), item.get("callback_id")
    if item.get("status") != "pending" or not seconds or callback_id is None or item.get("decision"):
        return None
    return Attention(callback_id, int(seconds))


def winner_of(item: Item) -> dict[str, Any]:
    """Return who decided instead, or how the request ended without anybody."""
    decision = item.get("decision") or {}
    if decision and item["status"] in {"pending", *FOLLOWED}:
        return {name: decision.get(name) for name in ("decision_id", "decision", "decided_by", "decided_at")}
    return {"decision": item["status"], "decided_by": "", "decided_at": item.get("settled_at", "")}


def close_request(approval_id: str, run_arn: str, reason: str) -> bool:
    """Settle a pending request of an ended run as ``error``; True where this call did it.

    A decision that it holds stays there: it was given, and nobody was left to follow it. Raises an AwsError.
    """
    closed = False

    def change(item: Item | None) -> Amendment | None:
        nonlocal closed
        if item is None or item["status"] != "pending" or item["run_arn"] != run_arn:
            return None
        closed = True
        return Amendment(
            {"status": "error", "settled_at": utc_text(timezone.now())},
            removals=("callback_id",),
            lines=({"actor": "reconcile", "action": "closed", "note": reason[:LONGEST_NOTE]},),
        )

    approvals().amend(approval_id, change)
    return closed


def end_run(run_name: str, run_arn: str, status: str, reason: str, origin: Mapping[str, Any]) -> bool:
    """Write the end of a run whose workflow did not; True where it was written.

    ``origin`` (workflow, requester, title) makes the item of a run that died before it wrote its own. A run of the same
    name with another ARN is left alone. Raises an AwsError.
    """
    written = False

    def change(item: Item | None) -> Amendment | None:
        nonlocal written
        if item and (item["status"] in ENDED_RUNS or item.get("run_arn", run_arn) != run_arn):
            return None
        written = True
        values: dict[str, Any] = {"status": status, "current_step": status}
        if status != "succeeded":
            values["error"] = {"type": "ExecutionEnded", "message": reason[:LONGEST_NOTE]}
        if item is None:
            values |= {**origin, "run_arn": run_arn, "input": {}}
        level = "info" if status == "succeeded" else "error"
        return Amendment(values, lines=({"step": status, "message": reason[:LONGEST_NOTE], "level": level},))

    runs().amend(run_name, change)
    return written


def _note(decision: Mapping[str, Any]) -> str:
    stood_for = [one.get("for") for one in decision.get("votes", ()) if one["by"] == decision["decided_by"]]
    said = f"{decision['decision']} for {stood_for[0]}" if any(stood_for) else str(decision["decision"])
    return ": ".join(filter(None, [said, str(decision.get("comments", ""))]))[:LONGEST_NOTE]
