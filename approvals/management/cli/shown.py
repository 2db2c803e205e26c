"""What the command prints: tables for people, JSON for machines."""

import io
import json
import shutil
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.text import Truncator
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from approvals.management.cli.standing import answers_so_far, as_data, asked_in, deadline_of, holder_of, status_of
from approvals.models import ApprovalRequest
from approvals.models.clock import utc_text
from approvals.models.responses import decision_shown
from approvals.models.text import one_line, revealed
from approvals.policy import Standing, Viewer, checks, may_decide
from approvals.policy.wording import terms_words

MARK = 12
NARROWEST = 60
LONGEST_TITLE = 80
NOTHING: tuple[Any, ...] = (None, "", [], {})


def as_json(value: Any) -> str:
    """Return JSON in ASCII, so that no text can steer a terminal."""
    return json.dumps(value, indent=2, default=str)


def mark_of(request: ApprovalRequest) -> str:
    """Return the short mark of what a decider is shown; an answer names it to say what it is about."""
    return request.content_digest[:MARK]


def brief(request: ApprovalRequest) -> dict[str, Any]:
    """Return a request as one row: JSON values, times in UTC, the amount as text."""
    return {
        "approval_id": request.approval_id,
        "workflow": request.workflow,
        "stage": request.stage,
        "title": request.title,
        "requester": request.requester,
        "amount": None if request.amount is None else f"{request.amount.normalize():f}",
        "currency": request.currency,
        "status": request.status,
        "expires_at": utc_text(request.expires_at),
        "answer_by": utc_text(request.answer_by),
        **_stood_for(request),
    }


def _stood_for(request: ApprovalRequest) -> dict[str, str]:
    """Return for whom the person would answer it, where a list of what waits has it marked."""
    person = getattr(request, "waits_for_person", None)
    return {"for": person.username} if person else {}


def whole(request: ApprovalRequest) -> dict[str, Any]:
    """Return a request with all that a decider is shown, and the mark of it."""
    return {
        **brief(request),
        "summary": request.summary,
        "details": request.details,
        "attachments": request.attachments,
        "options": request.options,
        "policy": request.policy,
        **_refined(request),
        **as_data(request),
        "decision": decision_shown(request.response_schema, request.decision),
        "seen": mark_of(request),
    }


def _refined(request: ApprovalRequest) -> dict[str, Any]:
    """Return the portal's policy beside the workflow's own terms, where there is one."""
    standing = Standing.of(request)
    if standing is None:
        return {}
    version, effective = standing.effective.version, standing.effective
    return {
        "refined_by": {
            "policy": version.policy.name if version else None,
            "version": version.number if version else None,
            "because": effective.because,
            "says": terms_words(standing.terms),
            "step": effective.step + 1,
            "state": effective.state,
            "due_at": utc_text(effective.due_at) if effective.due_at else None,
        }
    }


def explained(viewer: Viewer, request: ApprovalRequest) -> dict[str, Any]:
    """Return whether the person may decide, and every check that this hangs on."""
    answer = may_decide(viewer, request)
    listed_checks = [
        {"check": check.title, "passed": bool(check.answer), "code": check.answer.code, "note": check.note}
        for check in checks(viewer, request)
    ]
    return {
        "approval_id": request.approval_id,
        "username": viewer.username,
        "may_decide": bool(answer),
        "reason": answer.reason,
        "checks": listed_checks,
        **_refined(request),
    }


def explanation(told_of: dict[str, Any]) -> str:
    """Return an explanation as a table, with the conclusion above it."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("Passed", "Check", "Because"):
        table.add_column(name, overflow="fold")
    for check in told_of["checks"]:
        table.add_row("yes" if check["passed"] else "NO", plain(check["check"]), plain(check["note"]))
    may = "may" if told_of["may_decide"] else "may not"
    first = f"{told_of['username']} {may} decide {told_of['approval_id']}: {told_of['reason']}"
    return f"{revealed(one_line(first))}\n{drawn(table)}"


def listed(requests: Iterable[ApprovalRequest]) -> str:
    """Return a table of requests."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("Request", "What", "From"):
        table.add_column(name, overflow="fold")
    table.add_column("Amount", justify="right")
    table.add_column("Status")
    table.add_column("Deadline (UTC)", no_wrap=True)
    for request in requests:
        row = brief(request)
        deadline = f"{request.answer_by:%Y-%m-%d %H:%M}"
        title = title_in_list(request)
        title = f"{title} (for {row['for']})" if "for" in row else title
        cells = (row["approval_id"], title, row["requester"], amount_of(request), status_of(request), deadline)
        table.add_row(*(plain(cell) for cell in cells))
    return drawn(table)


def title_in_list(request: ApprovalRequest) -> str:
    """Return the title as a list has room for it: at most three lines of its column; ``show`` has the whole."""
    return Truncator(one_line(request.title)).chars(LONGEST_TITLE)


def told(request: ApprovalRequest) -> str:
    """Return one request as a person reads it, field by field."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in fields_of(request).items():
        if lines := [revealed(line) for line in _lines(value)]:
            table.add_row(name, Text("\n".join(lines)))
    return drawn(table)


def fields_of(request: ApprovalRequest) -> dict[str, Any]:
    """Return what is shown of a request, under the words that the pages use."""
    return {
        "Request": request.approval_id,
        "What": request.title,
        "From": request.requester,
        "Amount": amount_of(request),
        "Status": status_of(request),
        "Deadline": deadline_of(request),
        **asked_in(request),
        "Not to": ", ".join(str(name) for name in request.policy.get("exclude") or []),
        "Summary": "" if request.summary == request.title else request.summary,
        "Details": request.details,
        "Files": ", ".join(str(file.get("name")) for file in request.attachments if isinstance(file, dict)),
        "Answers": ", ".join(map(str, request.options)),
        "Answered": answers_so_far(request),
        "Claimed": holder_of(request),
        "Decision": decision_shown(request.response_schema, request.decision),
        "Ended": request.orphaned,
        "Mark": f"{mark_of(request)}  (an answer names it: --seen {mark_of(request)})" if request.is_pending else "",
    }


def amount_of(request: ApprovalRequest) -> str:
    """Return the amount with at least two decimals, and its currency."""
    return "" if request.amount is None else amount_text(request.amount, request.currency)


def amount_text(amount: Decimal, currency: str) -> str:
    """Return e.g. ``1,240.50 EUR``."""
    decimals = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:,.{decimals}f} {currency}".strip()


def _lines(value: Any) -> list[str]:
    """Return a JSON value as lines: a name and its value, what is inside it further in."""
    if isinstance(value, dict):
        return [line for name, item in value.items() if item not in NOTHING for line in _entry(f"{name}:", item)]
    if isinstance(value, list):
        return [line for item in value if item not in NOTHING for line in _entry("-", item)]
    return str(value).split("\n") if value not in NOTHING else []


def _entry(head: str, item: Any) -> list[str]:
    inner = _lines(item)
    if isinstance(item, dict | list) and head != "-":
        return [head, *(f"  {line}" for line in inner)]
    if not inner:
        return [head]
    return [f"{head} {inner[0]}", *(f"{' ' * (len(head) + 1)}{line}" for line in inner[1:])]


def plain(value: object) -> Text:
    """Return one line of foreign text: no markup, nothing that steers a terminal."""
    return Text(revealed(one_line(str(value))))


def drawn(table: Table) -> str:
    """Return the table as text as wide as the terminal."""
    out = io.StringIO()
    width = max(NARROWEST, shutil.get_terminal_size((120, 24)).columns)
    Console(file=out, width=width, color_system=None, highlight=False).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())
