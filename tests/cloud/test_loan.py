"""Loans from the form to the end on the local cloud: the demo's applicants, the manager, and the fraud check."""

from decimal import Decimal
from typing import Any

import pytest

from approvals.models import ApprovalRequest
from functions.fraud_check import FAILING, SILENT
from tests.cloud.sheets import any_run, file, paid, redeployed
from tests.office import Office
from tests.unit.web.more_forms import loan

pytestmark = [pytest.mark.cloud]
STEPS = [
    "started", "validating", "credit_check", "risk_assessment", "manager_approval", "fraud_check", "generating_offer",
    "disbursing", "disbursement", "complete", "succeeded",
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _worker(office: Office) -> None:
    office.hire_worker()


def application(**changes: Any) -> dict[str, Any]:
    """A plain caller's application."""
    fields = {"application_id": "L-1", "applicant_name": "Ada Obi", "ssn_last4": "1111", "annual_income": "85000.00"}
    return {**fields, "loan_amount": "20000.00", "loan_purpose": "Kitchen", "requester": "rita"} | changes


def steps(office: Office, run_name: str) -> list[str]:
    return [line["step"] for line in office.run_item(run_name)["progress"]]


def test_the_three_demo_applicants_are_decided_as_promised(office: Office) -> None:
    names = {
        "1111": file(office, "loan", loan(ssn_last4="1111", loan_amount="30000")),
        "2222": file(office, "loan", loan(ssn_last4="2222", applicant_name="Ben Ruiz")),
        "3333": file(office, "loan", loan(ssn_last4="3333", applicant_name="Cleo Hart", loan_amount="25000")),
        "3333, more": file(office, "loan", loan(ssn_last4="3333", applicant_name="Cleo Hart", loan_amount="40000")),
    }
    ended = {who: (office.ended(run_name).status, paid(office, run_name)) for who, run_name in names.items()}
    assert ended == {
        "1111": ("succeeded", Decimal(30_000)),
        "2222": ("denied", None),
        "3333": ("succeeded", Decimal(25_000)),
        "3333, more": ("succeeded", Decimal(25_000)),
    }
    assert steps(office, names["1111"]) == STEPS
    assert not ApprovalRequest.objects.filter(run_name__in=names.values()).exists()


def test_from_100000_dollars_up_a_manager_decides_and_the_digits_are_shown_to_nobody(office: Office) -> None:
    run_name = file(office, "loan", loan(ssn_last4="1111", loan_amount="100000", phone="+1 555 0199"))
    request = office.request(run_name)
    assert set(request.policy["exclude"]) == {"rita", "Ada Obi"}
    assert request.details["score"] == 780
    kept = str([office.item(request.approval_id)["details"], office.run_item(run_name)])
    page = office.browser("adam").get(f"/requests/{request.approval_id}/").content.decode()
    for secret in ("ssn_last4", "'1111'", "555 0199"):
        assert secret not in kept + page
    assert office.answer("adam", request, "approved", "A good customer.").status_code == 302
    run = office.ended(run_name)
    assert run.result is not None
    assert (run.status, run.result["approved_by"]) == ("succeeded", "adam")
    assert paid(office, run_name) == Decimal(100_000)


def test_a_manager_s_no_ends_the_loan_unpaid(office: Office) -> None:
    run_name = file(office, "loan", loan(ssn_last4="1111", loan_amount="250000"))
    office.answer("anna", office.request(run_name), "rejected", "Too much for a kitchen.")
    assert (office.ended(run_name).status, paid(office, run_name)) == ("denied", None)
    assert "fraud_check" not in steps(office, run_name)


def test_a_fraud_check_that_fails_never_answers_or_clears_nothing_pays_nothing(office: Office) -> None:
    failing, silent, doubtful = any_run("loan"), any_run("loan"), any_run("loan")
    with redeployed(office, "workflow-loan", FRAUD_CHECK_SECONDS="2"):
        office.invoke(silent, application(loan_purpose=SILENT))
        office.until(lambda: "fraud_check" in str(office.run_item(silent)), "the silent check was asked", silent)
    office.invoke(failing, application(loan_purpose=FAILING))
    office.invoke(doubtful, application(loan_amount="90000.00", annual_income="1000.00"))
    ended = {name: office.ended(name) for name in (failing, silent, doubtful)}
    assert [ended[name].status for name in (failing, silent, doubtful)] == ["failed", "failed", "denied"]
    assert "The fraud check failed" in str(ended[failing].error)
    assert "did not answer in time" in str(ended[silent].error)
    assert "did not clear" in str(ended[doubtful].result)
    assert [paid(office, name) for name in ended] == [None, None, None]
