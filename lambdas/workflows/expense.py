"""Expense approval: small sums pass, a manager decides, finance confirms large ones, the money is recorded once."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from aws_durable_execution_sdk_python import DurableContext

from hitl import MissingSettingError, Policy, Run, RunFailed, Verdict, new_id, request_approval, workflow
from workflows.approved_amount import approved_amount, lower_amount
from workflows.expense_input import Expense
from workflows.limits import number

MANAGERS = Policy(groups=("managers",))
FINANCE = Policy(groups=("finance",))
DIRECTORS = Policy(groups=("directors",))


@workflow("expense", takes=Expense)
def handler(context: DurableContext, run: Run, expense: Expense) -> dict[str, Any]:
    """From submission to reimbursement. A no, a timeout and a withdrawal are results; a fault fails the execution."""
    wait = waiting_time(expense)
    if expense.total <= limits().auto_approve:
        run.progress("auto-approval", f"{expense.total} {expense.currency} passes without a person.")
        return reimburse(context, run, expense, approvals=[])

    manager = ask(context, run, expense, stage="manager", policy=manager_of(expense), wait=wait)
    if not manager.approved:
        return run.stop(manager)
    allowed = approved_amount(manager, expense.total, expense.currency)
    if allowed <= limits().finance:
        return reimburse(context, run, expense, approvals=[manager], amount=allowed)

    finance = ask(context, run, expense, stage="finance", policy=FINANCE, wait=wait, earlier=manager, amount=allowed)
    if not finance.approved:
        return run.stop(finance)
    allowed = approved_amount(finance, allowed, expense.currency)
    return reimburse(context, run, expense, approvals=[manager, finance], amount=allowed)


def manager_of(expense: Expense) -> Policy:
    """The manager whom the submission names, or else any manager."""
    return Policy(users=(expense.manager,)) if expense.manager else MANAGERS


def ask(
    context: DurableContext,
    run: Run,
    expense: Expense,
    *,
    stage: str,
    policy: Policy,
    wait: timedelta,
    earlier: Verdict | None = None,
    amount: Decimal | None = None,
) -> Verdict:
    """Put the expense to one stage; directors are next if nobody answers. Who approved earlier may not again.

    Each stage may allow less than it was asked, which is then all that the next one is asked.
    """
    already = earlier.decided_by if earlier is not None else None
    asked = expense.total if amount is None else amount
    return request_approval(
        context,
        run=run,
        stage=stage,
        title=expense.run_title(),
        summary=expense.description,
        amount=asked,
        currency=expense.currency,
        response_schema=lower_amount(asked, expense.currency),
        details=expense.details(),
        attachments=expense.receipts,
        policy=policy.excluding(already),
        escalation=(DIRECTORS.excluding(already),),
        timeout=wait,
    )


def reimburse(
    context: DurableContext,
    run: Run,
    expense: Expense,
    *,
    approvals: list[Verdict],
    amount: Decimal | None = None,
) -> dict[str, Any]:
    """Record the reimbursement exactly once: its id is made in a step of its own, so every retry writes the same.

    Never more than was asked: a larger amount fails the run, and nothing is paid.
    """
    paid = expense.total if amount is None else amount
    if not 0 < paid <= expense.total:
        raise RunFailed(f"{paid} {expense.currency} was approved where {expense.total} was asked.")
    reimbursement_id = context.step(lambda _: new_id("RB"), name="reimbursement id")
    recorded = run.record_once(
        "reimbursement",
        {
            "reimbursement_id": reimbursement_id,
            "payee": expense.submitted_by,
            "amount": paid,
            "currency": expense.currency,
        },
        f"Reimbursement of {paid} {expense.currency} recorded.",
    )
    return run.succeed(
        {
            "expense_id": expense.expense_id,
            "total": expense.total,
            "reimbursed": paid,
            "currency": expense.currency,
            "reimbursement_id": recorded["reimbursement_id"],
            "approvals": [
                {"approval_id": verdict.approval_id, "decided_by": verdict.decided_by, "comments": verdict.comments}
                for verdict in approvals
            ],
        }
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """The stack's limits: totals in the expense's own currency, waits in seconds."""

    auto_approve: Decimal
    finance: Decimal
    wait: int
    longest_wait: int


@cache
def limits() -> Limits:
    """The limits of this function version. Source: the parameters of template.yaml.

    Raises:
        MissingSettingError: one is missing, not a number, or the default wait is over the longest.
    """
    found = Limits(
        auto_approve=number("AUTO_APPROVE_LIMIT"),
        finance=number("FINANCE_LIMIT"),
        wait=int(number("APPROVAL_TIMEOUT_SECONDS")),
        longest_wait=int(number("MAX_TIMEOUT_SECONDS")),
    )
    if not 1 <= found.wait <= found.longest_wait:
        raise MissingSettingError("APPROVAL_TIMEOUT_SECONDS must be 1 to MAX_TIMEOUT_SECONDS")
    return found


def waiting_time(expense: Expense) -> timedelta:
    """How long each level waits.

    Raises:
        RunFailed: the submission asks for more than the stack allows.
    """
    seconds = expense.timeout_seconds or limits().wait
    if seconds > limits().longest_wait:
        raise RunFailed(f"timeout_seconds must be at most {limits().longest_wait}.")
    return timedelta(seconds=seconds)
