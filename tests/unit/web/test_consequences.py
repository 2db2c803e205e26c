"""What follows each answer, as finished runs of the same version taught: for every one, in figures that add up."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from approvals.models import ApprovalRequest, Run
from approvals.web.consequences import consequences_of, version_of
from tests.factories import approval_request, run
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db
FINANCE = ("manager", "manager answered", "finance", "finance answered", "reimbursement", "succeeded")
PAID = ("manager", "manager answered", "reimbursement", "succeeded")
ENDED = ("manager", "manager answered", "denied")


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


def arn(version: str) -> str:
    return f"arn:aws:lambda:eu-west-1:123456789012:function:expense:{version}/durable-execution/expense-1/0f"


def finished(
    steps: tuple[str, ...], decision: str = "approved", version: str = "7", amount: str = "240.50", **fields: Any
) -> None:
    """A run that ended, its request of the manager answered after the first step."""
    start = timezone.now() - timedelta(days=1)
    at = [start + timedelta(minutes=number) for number in range(len(steps))]
    progress = [{"step": step, "at": moment.isoformat()} for step, moment in zip(steps, at, strict=True)]
    ended = {"status": steps[-1], "progress": progress} | fields
    one = run(run_arn=arn(version), **ended)
    settled = start + timedelta(seconds=30)
    approval_request(
        run_name=one.run_name, run_arn=arn(version), status="approved" if decision == "approved" else "rejected",
        decision={"decision": decision},
        settled_at=settled, amount=Decimal(amount),
    )  # fmt: skip


def told(request: ApprovalRequest) -> dict[str, tuple[int, list[tuple[str, int]]]]:
    return {
        one.label: (one.runs, [(" → ".join(way.steps), way.runs) for way in one.ways])
        for one in consequences_of(request).answers
    }


def test_each_answer_shows_what_followed_it_and_from_how_many_runs(signed_in: SignIn) -> None:
    request = approval_request(run_arn=arn("7"))
    for _ in range(4):
        finished(FINANCE)
    for _ in range(6):
        finished(PAID)
    for _ in range(5):
        finished(ENDED, "rejected")
    assert told(request) == {
        "Approve": (10, [("Reimbursement", 6), ("Finance → Reimbursement", 4)]),
        "Reject": (5, [("Rejected", 5)]),
    }
    page = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/").text
    assert "What followed before" in page
    assert "10 finished runs" in page
    assert "6 of 10" in page


def test_an_answer_that_no_finished_run_took_says_so_beside_those_that_were_taken(signed_in: SignIn) -> None:
    request = approval_request(run_arn=arn("7"))
    finished(PAID)
    assert told(request) == {"Approve": (1, [("Reimbursement", 1)]), "Reject": (0, [])}
    page = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/").text
    assert "1 finished run" in page
    assert page.count("No finished run of this version has taken this answer yet.") == 1


def test_with_no_finished_run_at_all_it_is_said_once_that_nothing_is_known(signed_in: SignIn) -> None:
    request = approval_request(run_arn=arn("7"))
    page = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/").text
    assert "Not known yet: no run of this version has finished after an answer here." in page
    assert "has taken this answer yet" not in page


def test_where_only_the_newest_were_read_nothing_is_said_about_all(
    signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("approvals.web.consequences.MOST", 2)
    request = approval_request(run_arn=arn("7"))
    finished(ENDED, "rejected")
    for _ in range(2):
        finished(PAID)
    page = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/").text
    assert "No recent finished run of this version has taken this answer." in page


def test_rarer_ways_are_counted_together_so_that_the_figures_add_up(signed_in: SignIn) -> None:
    request = approval_request(run_arn=arn("7"))
    ways = [PAID] * 4 + [FINANCE] * 3 + [(*PAID[:2], "audit", "succeeded")] * 2 + [(*PAID[:2], "bank", "failed")]
    for way in ways:
        finished(way)
    assert told(request)["Approve"] == (10, [("Reimbursement", 4), ("Finance → Reimbursement", 3)])
    page = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/").text
    assert "Another way" in page
    assert [part in page for part in ("4 of 10", "3 of 10")] == [True, True]
    assert page.count("3 of 10") == 2


def test_only_runs_of_a_similar_amount_teach_and_the_nearest_first(signed_in: SignIn) -> None:
    taxi = approval_request(run_arn=arn("7"), amount=Decimal("64.20"))
    dollars = approval_request(run_arn=arn("7"), amount=Decimal("64.20"), currency="USD")
    finished(FINANCE, amount="2400")
    finished(PAID, amount="80")
    for _ in range(20):
        finished(PAID, amount="60")
    finished(("manager", "audit", "succeeded"), amount="25")
    finished(ENDED, "rejected", amount="2400")
    assert told(taxi) == {"Approve": (20, [("Reimbursement", 20)]), "Reject": (0, [])}
    assert told(dollars) == {"Approve": (0, []), "Reject": (0, [])}
    page = signed_in("anna", "managers").get(f"/requests/{taxi.approval_id}/").text
    assert "What followed before, for amounts like this" in page
    assert "20 finished runs" in page
    assert "Taken so far only by runs of quite another amount or currency." in page


def test_runs_on_the_other_side_of_a_limit_teach_nothing_and_far_beyond_all_runs_nothing_is_known() -> None:
    for amount in ("690", "700", "950"):
        finished(PAID, amount=amount)
    above = approval_request(run_arn=arn("7"), amount=Decimal(1600))
    assert told(above)["Approve"] == (0, [])
    finished(FINANCE, amount="1500")
    cache.clear()
    assert told(above)["Approve"] == (1, [("Finance → Reimbursement", 1)])
    assert told(approval_request(run_arn=arn("7"), amount=Decimal(800)))["Approve"][1][0] == ("Reimbursement", 3)
    assert told(approval_request(run_arn=arn("7"), amount=Decimal(700)))["Approve"] == (3, [("Reimbursement", 3)])


def test_moderation_says_what_happens_to_the_content_and_not_who_was_asked() -> None:
    start = timezone.now() - timedelta(days=1)
    progress = [
        {"step": "moderation", "at": start.isoformat(), "key": "moderation"},
        {"step": "moderation answered", "at": (start + timedelta(minutes=1)).isoformat()},
        {"step": "moderation", "at": (start + timedelta(minutes=2)).isoformat(), "message": "Remove: c-1."},
        {"step": "succeeded", "at": (start + timedelta(minutes=3)).isoformat()},
    ]
    one = run(
        run_arn=arn("7"), workflow="moderation", status="succeeded", progress=progress, result={"action": "remove"}
    )
    asked: dict[str, Any] = {"workflow": "moderation", "stage": "moderation", "amount": None, "currency": ""}
    asked |= {"options": ["publish", "remove"], "run_arn": arn("7")}
    approval_request(
        run_name=one.run_name, status="rejected", decision={"decision": "remove"},
        settled_at=start + timedelta(seconds=90), **asked,
    )  # fmt: skip
    assert told(approval_request(**asked))["Remove"] == (1, [("Removed", 1)])


def test_one_rarer_way_alone_is_named() -> None:
    request = approval_request(run_arn=arn("7"))
    for way in (PAID, PAID, FINANCE, (*PAID[:2], "audit", "succeeded")):
        finished(way)
    assert len(told(request)["Approve"][1]) == 3


def test_a_run_that_took_an_answer_twice_counts_once_for_it() -> None:
    request = approval_request(run_arn=arn("7"))
    finished(PAID)
    twice = Run.objects.get()
    first = approval_request(
        run_name=twice.run_name, run_arn=arn("7"), approval_id=f"{twice.run_name}.manager.2", status="approved",
        decision={"decision": "approved"}, settled_at=twice.created_at - timedelta(days=2),
    )  # fmt: skip
    assert first.status == "approved"
    assert told(request)["Approve"] == (1, [("Reimbursement", 1)])


@pytest.mark.parametrize(
    "other",
    [{"version": "6"}, {"status": "waiting"}, {"decision": "changes_requested"}],
)
def test_other_versions_unfinished_runs_and_other_answers_teach_nothing(other: dict[str, Any]) -> None:
    request = approval_request(run_arn=arn("7"))
    for _ in range(8):
        finished(PAID, **{"decision": "approved", **other})
    assert told(request) == {"Approve": (0, []), "Reject": (0, [])}


def test_a_run_that_does_not_say_its_version_learns_nothing_from_those_that_do() -> None:
    request = approval_request(run_arn="")
    assert version_of("") == version_of("arn:aws:lambda:eu-west-1:1:function:expense") == ""
    for _ in range(5):
        finished(PAID, version="7")
    assert not consequences_of(request).are_known


def test_a_long_way_is_cut_and_a_hostile_step_is_only_text(signed_in: SignIn) -> None:
    request = approval_request(run_arn=arn("7"))
    for _ in range(5):
        finished(("manager", "<script>", "b", "c", "d", "e", "succeeded"))
    assert told(request)["Approve"][1] == [("<script> → B → C → D → …", 5)]
    assert "<script>" not in signed_in("anna", "managers").get(f"/requests/{request.approval_id}/").text.replace(
        "<script src", ""
    )


@pytest.mark.parametrize("progress", [None, [None, 1, {"step": 3}, {"at": "x", "step": "y"}], [{}]])
def test_a_run_whose_progress_cannot_be_read_tells_its_end_alone(progress: Any) -> None:
    request = approval_request(run_arn=arn("7"))
    for _ in range(5):
        finished(PAID, progress=progress or [])
    assert told(request)["Approve"][1] == [("Reimbursed", 5)]


def test_it_costs_two_questions_whatever_the_size_of_the_table_and_is_remembered(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    request = approval_request(run_arn=arn("7"))
    for _ in range(12):
        finished(PAID)
    with django_assert_num_queries(2) as asked:
        consequences_of(request)
    assert "LIMIT 200" in asked.captured_queries[0]["sql"]
    with django_assert_num_queries(0):
        consequences_of(request)
