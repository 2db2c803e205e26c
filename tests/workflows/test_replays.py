"""Every way of every workflow, in sandboxes that die at random: each run is replayed many times and doubles nothing."""

import contextlib
import json
from collections import Counter
from typing import Any

import pytest
from aws_durable_execution_sdk_python.lambda_service import ErrorObject
from aws_durable_execution_sdk_python_testing.exceptions import ResourceNotFoundException

from tests.workflows.cloud import Cloud
from tests.workflows.conftest import Play
from tests.workflows.paths import PATHS, Path
from tests.workflows.sabotage import Mortality
from tests.workflows.stage import Stage
from tests.workflows.trips import open_desk
from workflows import expense, fraud

ONCE = ("reimbursement", "moderation", "disbursement", "compensation")


class FraudOffice:
    """Stands for the fraud check, which may be called twice and answers each call."""

    def __init__(self, stage: Stage, says: str) -> None:
        self._runner, self._says = stage.runner, says

    def invoke(self, *, Payload: str, **_: Any) -> None:  # noqa: N803 - boto3's name
        call = json.loads(Payload)
        with contextlib.suppress(ResourceNotFoundException):
            if self._says == "failed":
                error = ErrorObject(message="no register today", type="Down", data=None, stack_trace=None)
                self._runner.send_callback_failure(call["callback_id"], error)
            elif self._says:
                report = {"cleared": self._says == "cleared", "reference": "fc-1"}
                report["application_id"] = call["application_id"]
                self._runner.send_callback_success(call["callback_id"], json.dumps(report).encode())


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_whatever_is_replayed_the_record_is_as_of_one_run(
    play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    for name, value in path.env.items():
        monkeypatch.setenv(name, value)
    expense.limits.cache_clear()
    desk = open_desk(cloud, monkeypatch)
    desk.before, desk.after = dict(path.broken), dict(path.lost)
    stage = desk.serve(play(path.handler))
    mortality = Mortality(seed=PATHS.index(path))
    mortality.install(monkeypatch)
    fraud_office = FraudOffice(stage, path.fraud)
    fraud_office.invoke = mortality.mortal(fraud_office.invoke)  # type: ignore[method-assign]
    monkeypatch.setattr(fraud, "lambdas", lambda: fraud_office)

    path.play(stage)

    assert mortality.deaths > 0
    run = cloud.run()
    assert run["status"] == path.ending, run
    assert [(stage_of(item), item["status"]) for item in cloud.requests()] == list(path.requests)
    for item in cloud.requests():
        told = Counter(event["action"] for event in item["events"])
        assert set(told.values()) == {1}, item["events"]
        assert [event["seq"] for event in item["events"]] == list(range(1, len(item["events"]) + 1))
        assert "callback_id" not in item
    notices = Counter(notice["MessageAttributes"]["approval_id"]["Value"] for notice in cloud.notices())
    assert set(notices.values()) <= {1}
    keys = [line["key"] for line in run["progress"] if "key" in line]
    assert len(keys) == len(set(keys))
    assert [line["seq"] for line in run["progress"]] == list(range(1, len(run["progress"]) + 1))
    assert {name for name in ONCE if name in run} == set(path.facts)
    assert [line["step"] for line in run["progress"]].count(path.ending) == 1
    assert desk.rows() == path.bookings


def stage_of(item: dict[str, Any]) -> str:
    """`review.2`."""
    return str(item["approval_id"]).partition(".")[2]
