"""What a change of the mirror means for the record: a request opened or settled, a run started or ended."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson
from django.utils import timezone

from approvals.mirror.news import news_of
from approvals.mirror.rows import Known, Row
from approvals.models import Actor, ApprovalRequest, AuditEvent, EffectivePolicy, Occasion, PolicyRule, Timeline
from approvals.models.mirror import ENDED_RUNS
from approvals.policy import Standing

if TYPE_CHECKING:
    from approvals.mirror.tables import MirrorTable

OBSERVER = Actor.system("mirror")


def observe(table: "MirrorTable", newer: Sequence[Row], known: Mapping[str, Known]) -> None:
    """Append what happened to these rows, and leave word of it for people.

    In the transaction that writes them, so once for each change of state.
    """
    happened = _requests if table.name == "ApprovalRequests" else _runs
    lines = [line for row in newer for line in happened(table, row, known.get(row.key))]
    if table.name == "ApprovalRequests":
        lines += _opened_under_policies(row.key for row in newer if row.key not in known and row.status == "pending")
    if lines:
        AuditEvent.objects.bulk_create(lines)
    ended = [line.object_id for line in lines if line.action == "run.ended"]
    if ended:
        # The worker fetches their history while AWS still has it.
        Timeline.objects.note_ended(ended)
    Occasion.objects.leave_all(news_of(table, newer, known))


def _opened_under_policies(keys: Iterable[str]) -> Iterator[AuditEvent]:
    """Fix the policy of requests that are seen for the first time, and say so; where there are no rules, do nothing."""
    opened = list(keys)
    if not opened or not PolicyRule.objects.filter(active=True).exists():
        return
    requests = ApprovalRequest.objects.filter(approval_id__in=opened)
    for effective in EffectivePolicy.objects.pin(requests, timezone.now()):
        standing = Standing(effective.request, effective)
        recorded = {"policy": standing.as_recorded(), "because": effective.because}
        target = f"request:{effective.request.approval_id}"
        yield _line("request.policy_fixed", target, f"{effective.version} ({effective.because})", recorded)
        if lacking := standing.shortfall([]):
            yield _line("request.step_blocked", target, lacking, recorded)


def _requests(table: "MirrorTable", row: Row, before: Known | None) -> Iterator[AuditEvent]:
    is_open = row.status == "pending"
    if before is None:
        told = _columns(table, row)
        data = {name: told[name] for name in ("workflow", "stage", "run_name", "requester", "created_at")}
        yield _line("request.opened", f"request:{row.key}", told["title"], data)
    if not is_open and (before is None or before.status == "pending"):
        told = _columns(table, row)
        decision = orjson.loads(told["decision"] or b"{}")
        data = {"status": row.status, "version": row.version, "settled_at": told["settled_at"]}
        data |= {name: decision[name] for name in ("decision_id", "decided_by", "decided_at") if name in decision}
        by = f" by {decision['decided_by']}" if decision.get("decided_by") else ""
        yield _line("request.settled", f"request:{row.key}", f"{row.status}{by}", data)


def _runs(table: "MirrorTable", row: Row, before: Known | None) -> Iterator[AuditEvent]:
    if before is None:
        told = _columns(table, row)
        data = {name: told[name] for name in ("workflow", "requester", "run_arn", "created_at")}
        yield _line("run.started", f"run:{row.key}", told["title"], data)
    if row.status in ENDED_RUNS and (before is None or before.status not in ENDED_RUNS):
        error = orjson.loads(_columns(table, row)["error"] or b"{}")
        reason = f": {error['message']}" if error.get("message") else ""
        yield _line("run.ended", f"run:{row.key}", f"{row.status}{reason}", {"status": row.status})


def _columns(table: "MirrorTable", row: Row) -> dict[str, Any]:
    return dict(zip(table.columns, row.columns, strict=True))


def _line(action: str, target: str, summary: str, data: Mapping[str, Any]) -> AuditEvent:
    return AuditEvent.objects.line(OBSERVER, action, target, summary, **data)
