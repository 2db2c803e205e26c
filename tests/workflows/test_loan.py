"""The loan workflow as people live it."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from aws_durable_execution_sdk_python.lambda_service import ErrorObject
from hypothesis import given
from hypothesis import strategies as st

from tests.waiting import eventually
from tests.workflows.cloud import Cloud
from tests.workflows.conftest import Play
from tests.workflows.stage import Stage, operations_named
from workflows import bureaus, fraud
from workflows.loan import assess, handler
from workflows.loan_input import Loan

STEPS = [
    "started",
    "validating",
    "credit_check",
    "risk_assessment",
    "manager_approval",
    "fraud_check",
    "generating_offer",
    "disbursing",
    "disbursement",
    "complete",
    "succeeded",
]


def loan(**fields: Any) -> dict[str, Any]:
    return {
        "application_id": "L-1",
        "applicant_name": "Ada Obi",
        "ssn_last4": "1111",
        "annual_income": "90000",
        "loan_amount": "20000",
        "loan_purpose": "Kitchen",
    } | fields


class FraudOffice:
    """Stands for Lambda: takes the calls of the fraud check and lets the test answer them."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def invoke(self, *, Payload: str, **_: Any) -> None:  # noqa: N803 - boto3's name
        self.calls.append(json.loads(Payload))

    def called(self) -> dict[str, Any]:
        return eventually(lambda: self.calls[0] if self.calls else None)

    def clear(self, stage: Stage, **changes: Any) -> None:
        call = self.called()
        stage.suspended(1)
        report = {"application_id": call["application_id"], "cleared": True, "reference": "fc-1"} | changes
        stage.runner.send_callback_success(call["callback_id"], json.dumps(report).encode())


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> FraudOffice:
    made = FraudOffice()
    monkeypatch.setattr(fraud, "lambdas", lambda: made)
    return made


def steps(cloud: Cloud) -> list[str]:
    return [line["step"] for line in cloud.run()["progress"]]


def test_a_good_applicant_gets_the_loan_and_is_paid_once(play: Play, cloud: Cloud, office: FraudOffice) -> None:
    stage = play(handler).start(loan())
    office.clear(stage)

    result = stage.result()
    assert (result["status"], result["offered"]) == ("succeeded", "20000.00")
    assert steps(cloud) == STEPS
    assert cloud.run()["disbursement"]["disbursement_id"] == result["disbursement_id"]
    assert stage.invocations() >= 2
    assert len(office.calls) == 1
    assert cloud.requests() == []


def test_a_poor_score_is_denied_and_nobody_is_asked(play: Play, cloud: Cloud, office: FraudOffice) -> None:
    result = play(handler).start(loan(ssn_last4="2222")).result()

    assert result["status"] == cloud.run()["status"] == "denied"
    assert "credit score" in result["reason"]
    assert office.calls == []


def test_fair_credit_is_offered_25000_at_most(play: Play, cloud: Cloud, office: FraudOffice) -> None:
    stage = play(handler).start(loan(ssn_last4="3333", loan_amount="40000"))
    office.clear(stage)

    assert stage.result()["offered"] == "25000.00"
    assert cloud.run()["disbursement"]["amount"] == Decimal(25_000)


def test_from_100000_up_a_manager_decides_before_anything_else(play: Play, cloud: Cloud, office: FraudOffice) -> None:
    stage = play(handler).start(loan(loan_amount="100000", requester="rita"))
    asked = stage.waiting("manager")
    assert asked["amount"] == 100_000
    assert {"rita", "Ada Obi"} <= set(asked["policy"]["exclude"])
    assert cloud.run()["current_step"] == "manager_approval"
    assert cloud.run()["status"] == "waiting"
    assert office.calls == []
    stage.decide(asked, decided_by="mona")
    office.clear(stage)

    assert (stage.result()["offered"], stage.result()["approved_by"]) == ("100000.00", "mona")
    assert steps(cloud)[4:6] == ["manager_approval", "manager_approval"]


@pytest.mark.parametrize(("decision", "ending"), [("rejected", "denied"), ("withdrawn", "cancelled")])
def test_a_manager_s_no_pays_nothing(play: Play, cloud: Cloud, office: FraudOffice, decision: str, ending: str) -> None:
    stage = play(handler).start(loan(loan_amount="250000"))
    asked = stage.waiting("manager")
    if decision == "withdrawn":
        stage.withdraw(asked)
    else:
        stage.decide(asked, decision)

    assert stage.result()["status"] == ending
    assert "disbursement" not in cloud.run()
    assert office.calls == []


def test_a_flagged_application_is_denied(play: Play, cloud: Cloud, office: FraudOffice) -> None:
    stage = play(handler).start(loan())
    office.clear(stage, cleared=False)

    assert stage.result()["status"] == "denied"
    assert "disbursement" not in cloud.run()


def test_a_failed_fraud_check_fails_the_run_and_pays_nothing(play: Play, cloud: Cloud, office: FraudOffice) -> None:
    stage = play(handler).start(loan())
    error = ErrorObject(message="no register today", type="Down", data=None, stack_trace=None)
    stage.runner.send_callback_failure(office.called()["callback_id"], error)

    assert "no register today" in (stage.failure().message or "")
    assert cloud.run()["status"] == "failed"
    assert "disbursement" not in cloud.run()


def test_a_fraud_check_that_never_answers_fails_the_run_in_time(
    play: Play, cloud: Cloud, office: FraudOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRAUD_CHECK_SECONDS", "1")

    assert "did not answer in time" in (play(handler).start(loan()).failure().message or "")
    assert "disbursement" not in cloud.run()


@pytest.mark.parametrize("changes", [{"cleared": "false"}, {"cleared": 1}, {"application_id": "L-2"}, {"extra": 1}])
def test_22_a_truthy_or_foreign_report_clears_nothing(
    play: Play, cloud: Cloud, office: FraudOffice, changes: dict[str, Any]
) -> None:
    stage = play(handler).start(loan())
    office.clear(stage, **changes)

    stage.failure()
    assert "disbursement" not in cloud.run()


def breaking(*broken: str) -> Callable[..., int]:
    real = bureaus.report

    def report(bureau: str, *rest: Any) -> int:
        if bureau in broken:
            raise bureaus.BureauUnavailableError(bureau)
        return real(bureau, *rest)

    return report


def test_two_of_three_bureaus_are_enough(
    play: Play, cloud: Cloud, office: FraudOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bureaus, "report", breaking("harbour"))
    stage = play(handler).start(loan())
    office.clear(stage)

    assert stage.result()["status"] == "succeeded"
    assert any("harbour" in line["message"] for line in cloud.run()["progress"])


def test_one_bureau_is_not_enough(
    play: Play, cloud: Cloud, office: FraudOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bureaus, "report", breaking("harbour", "northern"))

    assert "Only 1 of 3" in (play(handler).start(loan()).failure().message or "")
    assert office.calls == []


def test_the_slow_bureau_is_asked_again_and_the_branches_have_names(
    play: Play, cloud: Cloud, office: FraudOffice
) -> None:
    stage = play(handler).start(loan())
    office.clear(stage)
    stage.result()

    assert {"northern", "harbour", "meridian"} <= operations_named(stage)
    events = stage.runner.get_execution_history(stage.arn).events
    assert [event.name for event in events if event.event_type == "StepFailed"] == ["report"]


def test_24_digits_address_and_telephone_are_kept_nowhere(
    play: Play, cloud: Cloud, office: FraudOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = play(handler).start(loan(address="7 Elm Row", phone="555-0199", loan_amount="100000"))
    stage.waiting("manager")
    written = json.dumps([*cloud.requests(), cloud.run()], default=str)
    output = capsys.readouterr().out
    for secret in ("7 Elm Row", "555-0199", "ssn", '"1111"'):
        assert secret not in written
        assert secret not in output


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ssn_last4": "11"}, "ssn_last4"),
        ({"loan_amount": 1.5}, "loan_amount must be text"),
        ({"loan_amount": "0"}, "loan_amount must be more than zero"),
        ({"annual_income": "1.234"}, "annual_income must have at most 2 decimals"),
        ({"approved": True}, "approved is not a field"),
    ],
)
def test_a_bad_application_fails_at_once(play: Play, cloud: Cloud, change: dict[str, Any], sentence: str) -> None:
    assert sentence in (play(handler).start(loan() | change).failure().message or "")


@given(st.from_regex(r"[0-9]{4}", fullmatch=True), st.text(min_size=1, max_size=20), st.sampled_from(bureaus.BUREAUS))
def test_every_bureau_knows_everybody_and_says_the_same_again(digits: str, name: str, bureau: str) -> None:
    first, again = (bureaus.report(bureau, digits, name, attempt) for attempt in (2, 3))

    assert first == again
    assert bureaus.LOWEST <= first <= bureaus.HIGHEST


@given(st.lists(st.integers(300, 850), min_size=2, max_size=3), st.integers(1, 10**9))
def test_nobody_is_offered_anything_on_poor_credit(found: list[int], amount: int) -> None:
    risk = assess(Loan.model_validate(loan(loan_amount=amount)), found)

    assert min(found) <= risk.score <= max(found)
    assert (risk.ceiling == 0) == (risk.score < 580)
