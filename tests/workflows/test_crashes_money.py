"""A crash or an outage between any two lines of a loan pays it once and loses nothing."""

import json
from itertools import product
from typing import Any

import pytest

from tests.workflows.cloud import Cloud
from tests.workflows.conftest import Play
from tests.workflows.sabotage import How, Sabotage, When
from workflows import fraud
from workflows.loan import handler

LOAN = {
    "application_id": "L-1",
    "applicant_name": "Ada Obi",
    "ssn_last4": "1111",
    "annual_income": "90000",
    "loan_amount": "20000",
    "loan_purpose": "Kitchen",
}
CALLS = 21  # put the run; eight progress lines, the payment and the ending, each a read and a write
AROUND_THE_PAYMENT = range(15, 19)  # test_replays.py has the rest


@pytest.mark.parametrize(("when", "how"), list(product(["before", "after"], ["fault", "death"])))
@pytest.mark.parametrize("victim", AROUND_THE_PAYMENT)
def test_26_a_loan_is_paid_once_whatever_breaks(
    play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, victim: int, *, when: When, how: How
) -> None:
    sabotage = Sabotage(victim, when, how)
    sabotage.install(monkeypatch)
    stage = play(handler)

    class Office:
        def invoke(self, *, Payload: str, **_: Any) -> None:  # noqa: N803 - boto3's name
            call = json.loads(Payload)
            report = {"application_id": call["application_id"], "cleared": True, "reference": "fc-1"}
            stage.runner.send_callback_success(call["callback_id"], json.dumps(report).encode())

    monkeypatch.setattr(fraud, "lambdas", Office)
    result = stage.start(LOAN).result()

    run = cloud.run()
    assert len(sabotage.calls) > CALLS
    assert run["disbursement"]["disbursement_id"] == result["disbursement_id"]
    steps = [line["step"] for line in run["progress"]]
    assert len(steps) == len(set(steps)) == 11
    assert [line["seq"] for line in run["progress"]] == list(range(1, 12))
