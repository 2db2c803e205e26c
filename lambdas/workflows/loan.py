"""Loan: three bureaus, a manager for large sums, a fraud check by another function, an offer, one disbursement."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from aws_durable_execution_sdk_python import DurableContext, StepContext
from aws_durable_execution_sdk_python.config import (
    CompletionConfig,
    Duration,
    ParallelBranch,
    ParallelConfig,
    StepConfig,
)
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy

from hitl import Policy, Run, RunFailed, Verdict, new_id, request_approval, workflow
from workflows import bureaus
from workflows.fraud import check
from workflows.limits import number, waiting_time
from workflows.loan_input import CURRENCY, Loan

MANAGERS = Policy(groups=("managers",))
ENOUGH = 2
FAIR, GOOD = 580, 720
FAIR_CEILING = Decimal("25000.00")
GOOD_MULTIPLE = 10
# Wait for all: which two answer first must not decide the score.
EVERY_BUREAU = CompletionConfig(tolerated_failure_percentage=100)
RATES = {"good": Decimal("5.90"), "fair": Decimal("11.50")}
PATIENCE = StepConfig(
    retry_strategy=create_retry_strategy(
        RetryStrategyConfig(
            max_attempts=3,
            initial_delay=Duration.from_seconds(2),
            max_delay=Duration.from_seconds(20),
            retryable_error_types=[bureaus.BureauUnavailableError],
        )
    )
)


type Branch = Callable[[DurableContext], int] | ParallelBranch[int]


@dataclass(frozen=True, slots=True)
class Risk:
    """What the scores come to: the middle of them, a grade, and the most that may be lent in US dollars."""

    score: int
    grade: str
    ceiling: Decimal


@workflow("loan", takes=Loan)
def handler(context: DurableContext, run: Run, loan: Loan) -> dict[str, Any]:
    """From application to disbursement. No step approves by default; every no and every fault has its reason."""
    run.progress("validating", f"{loan.loan_amount} {CURRENCY} for {loan.loan_purpose}.")
    run.progress("credit_check", "Asking three bureaus.")
    risk = assess(loan, scores(context, run, loan))
    run.progress("risk_assessment", f"Score {risk.score}: {risk.grade} credit.")
    if risk.grade == "poor":
        result = {"application_id": loan.application_id, "score": risk.score}
        return run.deny(result, f"The credit score of {risk.score} is under {FAIR}.")

    approval = approve(context, run, loan, risk)
    if approval is not None and not approval.approved:
        return run.stop(approval, {"application_id": loan.application_id})

    run.progress("fraud_check", "Waiting for the fraud check.")
    cleared, reference = check(context, loan)
    if not cleared:
        result = {"application_id": loan.application_id, "fraud_check": reference}
        return run.deny(result, "The fraud check did not clear the application.")
    return disburse(run, context, loan, risk, approval)


def scores(context: DurableContext, run: Run, loan: Loan) -> list[int]:
    """The bureaus' scores, asked side by side; two of three are enough.

    Raises:
        RunFailed: fewer answered.
    """
    branches: list[Branch] = [ParallelBranch(_asking(bureau, loan), name=bureau) for bureau in bureaus.BUREAUS]
    answers = context.parallel(branches, name="credit bureaus", config=ParallelConfig(completion_config=EVERY_BUREAU))
    silent = [bureaus.BUREAUS[item.index] for item in answers.failed()]
    if answers.success_count < ENOUGH:
        raise RunFailed(f"Only {answers.success_count} of {len(branches)} bureaus answered; no score without {ENOUGH}.")
    if silent:
        run.progress("credit_check", f"Without {', '.join(silent)}, which did not answer.", level="warning")
    return [int(score) for score in answers.get_results()]


def _asking(bureau: str, loan: Loan) -> Callable[[DurableContext], int]:
    def ask(step: StepContext) -> int:
        return bureaus.report(bureau, loan.ssn_last4, loan.applicant_name, step.attempt)

    return lambda branch: branch.step(ask, name="report", config=PATIENCE)


def assess(loan: Loan, found: list[int]) -> Risk:
    """The risk by the lower middle of the scores."""
    score = sorted(found)[(len(found) - 1) // 2]
    if score < FAIR:
        return Risk(score, "poor", Decimal(0))
    if score < GOOD:
        return Risk(score, "fair", FAIR_CEILING)
    return Risk(score, "good", loan.annual_income * GOOD_MULTIPLE)


def approve(context: DurableContext, run: Run, loan: Loan, risk: Risk) -> Verdict | None:
    """A manager's answer, None where the sum asked for is too small to need one."""
    limit = number("LOAN_APPROVAL_LIMIT")
    if loan.loan_amount < limit:
        run.progress("manager_approval", f"Not needed under {limit} {CURRENCY}.")
        return None
    run.waiting(context, "manager_approval", "Waiting for managers.")
    verdict = request_approval(
        context,
        workflow=run.workflow,
        requester=run.requester,
        stage="manager",
        title=loan.run_title(),
        summary=f"{loan.applicant_name} asks for {loan.loan_amount} {CURRENCY}: {loan.loan_purpose}",
        amount=loan.loan_amount,
        currency=CURRENCY,
        details={
            "application_id": loan.application_id,
            "applicant_name": loan.applicant_name,
            "annual_income": loan.annual_income,
            "score": risk.score,
            "grade": risk.grade,
            "offer_up_to": min(loan.loan_amount, risk.ceiling),
        },
        policy=MANAGERS.excluding(loan.applicant_name),
        timeout=waiting_time(None),
    )
    said = verdict.decision or verdict.outcome.value
    run.progress("manager_approval", f"{said.capitalize()} by {verdict.decided_by or 'nobody'}.")
    return verdict


def disburse(run: Run, context: DurableContext, loan: Loan, risk: Risk, approval: Verdict | None) -> dict[str, Any]:
    """Offer, then pay at most once: the key is made in a step of its own, and the record takes one payment only."""
    offered = min(loan.loan_amount, risk.ceiling)
    run.progress("generating_offer", f"{offered} {CURRENCY} at {RATES[risk.grade]} percent.")
    key = context.step(lambda _: new_id("LN"), name="disbursement key")
    run.progress("disbursing", f"Paying {offered} {CURRENCY}.")
    paid = run.record_once(
        "disbursement",
        {"disbursement_id": key, "payee": loan.applicant_name, "amount": offered, "currency": CURRENCY},
        f"Disbursement of {offered} {CURRENCY} recorded.",
    )
    run.progress("complete", "The loan is paid.")
    return run.succeed(
        {
            "application_id": loan.application_id,
            "requested": loan.loan_amount,
            "offered": offered,
            "currency": CURRENCY,
            "rate_percent": RATES[risk.grade],
            "score": risk.score,
            "disbursement_id": paid["disbursement_id"],
            "approved_by": approval.decided_by if approval is not None else "",
        }
    )
