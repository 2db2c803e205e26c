"""The expense workflow as people live it."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.waiting import eventually
from tests.workflows.claims import claim
from tests.workflows.cloud import Cloud
from tests.workflows.conftest import Play
from tests.workflows.stage import actions
from workflows.expense import handler


def steps(cloud: Cloud) -> list[str]:
    return [line["step"] for line in cloud.run()["progress"]]


def test_an_approved_expense_is_reimbursed(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim("100.50", "20"))
    asked = stage.waiting()
    assert cloud.run()["status"] == "waiting"
    decision = stage.decide(asked)

    result = stage.result()

    assert (result["status"], result["total"]) == ("succeeded", "120.50")
    settled, run = cloud.request(), cloud.run()
    assert settled["status"] == "approved"
    assert settled["decision"] == decision
    assert "callback_id" not in settled
    assert actions(settled) == ["opened", "notified", "settled"]
    assert run["status"] == "succeeded"
    assert run["reimbursement"]["reimbursement_id"] == result["reimbursement_id"]
    assert steps(cloud) == ["started", "manager", "manager answered", "reimbursement", "succeeded"]
    assert len(cloud.notices()) == 1


def test_a_request_says_all_that_an_approver_needs(play: Play, cloud: Cloud) -> None:
    receipt = {"id": "r-1", "name": "ticket.pdf", "content_type": "application/pdf", "size": 4096}
    payload = claim("99.90", timeout_seconds=3600)
    payload["lines"][0]["receipts"] = [receipt]
    stage = play(handler).start(payload)

    asked = stage.waiting()

    assert asked["title"] == "Customer visit in Lyon"
    assert asked["policy"] == {
        "groups": ["managers"],
        "users": [],
        "required": 1,
        "exclude": ["requester"],
        "escalates_to": "directors",
    }
    assert (asked["amount"], asked["currency"], asked["requester"]) == (Decimal("99.9"), "EUR", "requester")
    assert asked["attachments"] == [receipt]
    assert asked["details"]["lines"][0] | {"amount": None} == {
        "date": "2026-11-02",
        "category": "travel",
        "description": "Train 1",
        "amount": None,
        "receipts": ["r-1"],
    }
    assert (asked["options"], asked["kind"], asked["stage"]) == (["approved", "rejected"], "approval", "manager")
    assert [event["seq"] for event in asked["events"]] == [1, 2]
    assert asked["version"] == 2


def test_a_small_expense_passes_without_a_person(play: Play, cloud: Cloud) -> None:
    result = play(handler).start(claim("30", "20")).result()

    assert result["status"] == "succeeded"
    assert result["approvals"] == []
    assert cloud.requests() == []
    assert cloud.notices() == []
    assert cloud.run()["reimbursement"]["amount"] == 50


def test_one_cent_over_the_limit_needs_a_person(play: Play, cloud: Cloud) -> None:
    assert play(handler).start(claim("50.01")).waiting()["status"] == "pending"


def test_a_rejection_ends_the_run_with_its_reason(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim())
    stage.decide(stage.waiting(), "rejected", comments="No receipt", decided_by="ann")

    result = stage.result()

    assert (result["status"], result["reason"], result["decided_by"]) == ("denied", "No receipt", "ann")
    run = cloud.run()
    assert run["status"] == "denied"
    assert "reimbursement" not in run
    assert run["progress"][-1]["message"] == "Rejected by ann: No receipt"


def test_a_large_expense_needs_finance_too_and_not_the_same_person(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim("1000.01"))
    stage.decide(stage.waiting("manager"), decided_by="ann")
    finance = stage.waiting("finance")
    assert finance["policy"]["groups"] == ["finance"]
    assert finance["policy"]["exclude"] == ["ann", "requester"]
    stage.decide(finance, decided_by="fin")

    result = stage.result()

    assert [approval["decided_by"] for approval in result["approvals"]] == ["ann", "fin"]
    assert [item["status"] for item in cloud.requests()] == ["approved", "approved"]
    assert len(cloud.notices()) == 2


def test_finance_can_still_say_no(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim("2000"))
    stage.decide(stage.waiting("manager"))
    stage.decide(stage.waiting("finance"), "rejected", comments="Over budget", decided_by="fin")

    assert stage.result()["status"] == "denied"
    assert "reimbursement" not in cloud.run()


def test_exactly_the_finance_limit_stays_with_the_manager(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim("1000"))
    stage.decide(stage.waiting())

    assert stage.result()["status"] == "succeeded"
    assert len(cloud.requests()) == 1


def test_a_named_manager_is_asked_instead_of_the_group(play: Play, cloud: Cloud) -> None:
    asked = play(handler).start(claim(manager="mona")).waiting()

    assert asked["policy"]["groups"] == []
    assert asked["policy"]["users"] == ["mona"]


@pytest.mark.parametrize("recorded", [True, False], ids=["in the item", "by callback alone"])
def test_a_withdrawn_expense_is_cancelled(play: Play, cloud: Cloud, recorded: bool) -> None:
    stage = play(handler).start(claim())
    stage.withdraw(stage.waiting(), recorded=recorded)

    assert stage.result()["status"] == "cancelled"
    assert cloud.request()["status"] == "cancelled"
    assert cloud.request()["decision"]["decision"] == "withdrawn"
    assert cloud.run()["status"] == "cancelled"


def test_an_unanswered_expense_escalates_once_then_expires(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim(timeout_seconds=1))

    result = stage.result()

    first, second = cloud.requests()
    assert result["status"] == "timed_out"
    assert (first["status"], second["status"]) == ("timeout", "timeout")
    assert second["approval_id"] == f"{stage.run_name}.manager.2"
    assert second["policy"]["groups"] == ["directors"]
    assert actions(first) == ["opened", "notified", "settled", "escalated"]
    assert actions(second) == ["opened", "notified", "settled"]
    assert "callback_id" not in first
    assert cloud.run()["status"] == "timed_out"
    told = [line["message"] for line in cloud.run()["progress"]]
    assert told[1:3] == ["Waiting for managers.", "Nobody answered in time; now waiting for directors."]
    assert steps(cloud) == ["started", "manager", "manager", "manager unanswered", "timed_out"]
    assert len(cloud.notices()) == 2


def test_an_escalated_expense_can_be_approved_by_directors(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim("1500", timeout_seconds=2))
    stage.decide(stage.waiting("manager.2"), decided_by="dora")
    finance = stage.waiting("finance")
    assert "dora" in finance["policy"]["exclude"]
    stage.decide(finance, decided_by="fin")

    assert stage.result()["status"] == "succeeded"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"currency": "EURO"}, "currency must be a currency code of ISO 4217"),
        ({"lines": []}, "lines "),
        ({"approved": True}, "approved is not a field of this workflow"),
        ({"manager": "requester"}, "manager must not be the person who submits"),
        ({"timeout_seconds": 604801}, "timeout_seconds must be at most 604800"),
    ],
)
def test_bad_input_fails_the_run_at_once_with_the_reason(
    play: Play, cloud: Cloud, change: dict[str, object], sentence: str
) -> None:
    error = play(handler).start(claim() | change).failure()

    assert sentence in (error.message or "")
    run = cloud.run()
    assert run["status"] == "failed"
    assert sentence in run["error"]["message"]
    assert run["requester"] == "requester"
    assert cloud.requests() == []


@pytest.mark.parametrize("payload", [None, [], "expense", 7, {"submitted_by": 7}])
def test_input_that_is_no_expense_at_all_still_leaves_a_failed_run(play: Play, cloud: Cloud, payload: object) -> None:
    play(handler).start(payload).failure()

    assert cloud.run()["status"] == "failed"
    assert cloud.run()["requester"] == ""


def test_the_human_step_stays_within_eight_operations(play: Play, cloud: Cloud) -> None:
    small = play(handler).start(claim("10"))
    small.result()
    asked = play(handler).start(claim())
    asked.decide(eventually(lambda: next(iter(cloud.requests()), None)))
    asked.result()

    assert operations(asked) - operations(small) <= 8


def operations(stage: object) -> int:
    """Operations that AWS would meter, read from the run's history."""
    from tests.workflows.stage import Stage

    assert isinstance(stage, Stage)
    events = stage.runner.get_execution_history(stage.arn).events
    return len({event.event_id for event in events if event.event_type.endswith("Started")})


@pytest.mark.parametrize("amount", [Decimal("80.25"), 80])
def test_a_manager_approves_less_and_no_more_than_that_is_reimbursed(
    play: Play, cloud: Cloud, amount: Decimal | int
) -> None:
    stage = play(handler).start(claim("120.50"))
    asked = stage.waiting()
    stage.decide_with(asked, {"amount": amount})

    result = stage.result()

    assert (result["total"], Decimal(result["reimbursed"])) == ("120.50", amount)
    assert cloud.run()["reimbursement"]["amount"] == amount
    assert cloud.request()["decision"]["response"] == {"amount": amount}


def test_a_plain_yes_stands_for_the_whole_amount(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim("120.50"))
    stage.decide(stage.waiting())
    assert stage.result()["reimbursed"] == "120.50"


def test_finance_is_asked_for_what_the_manager_allowed_and_may_allow_less_again(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim("3000"))
    stage.decide_with(stage.waiting("manager"), {"amount": 2000}, decided_by="ann")
    finance = stage.waiting("finance")
    assert finance["amount"] == 2000
    assert json.loads(finance["response_schema"])["properties"]["amount"]["anyOf"][0]["maximum"] == 2000
    stage.decide_with(finance, {"amount": Decimal("1500.5")}, decided_by="fin")
    assert stage.result()["reimbursed"] == "1500.5"
    assert cloud.run()["reimbursement"]["amount"] == Decimal("1500.5")


def test_what_the_manager_lowers_below_the_limit_needs_no_finance(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim("3000"))
    stage.decide_with(stage.waiting("manager"), {"amount": 1000})
    assert stage.result()["reimbursed"] == "1000"
    assert len(cloud.requests()) == 1


@pytest.mark.parametrize(
    "response",
    [
        {"amount": Decimal("120.51")},
        {"amount": 0},
        {"amount": -5},
        {"amount": Decimal("80.255")},
        {"amount": "80"},
        {"amount": True},
        {"amount": [80]},
        {"amount": 80, "currency": "USD"},
        {"Amount": 80},
    ],
)
def test_any_other_amount_approves_nothing(play: Play, cloud: Cloud, response: dict[str, Any]) -> None:
    stage = play(handler).start(claim("120.50"))
    stage.decide_with(stage.waiting(), response)

    stage.failure()

    assert cloud.request()["status"] == "error"
    assert cloud.run()["status"] == "failed"
    assert "reimbursement" not in cloud.run()
