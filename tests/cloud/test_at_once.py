"""The same thing at the same moment: sent twice, decided by two, and only one of it counts."""

import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from approvals.models import AuditEvent, Decision, Delivery, Run, Submission, Vote
from tests.office import Office
from tests.unit.web.forms import EXPENSE, expense, line

pytestmark = [pytest.mark.cloud, pytest.mark.database]


@pytest.fixture(scope="module", autouse=True)
def _worker(office: Office) -> None:
    office.hire_worker()


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What the calls give, each begun in a thread of its own at the same moment."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def test_a_form_that_is_sent_twice_starts_one_run(office: Office) -> None:
    browsers = [office.browser("rita"), office.browser("rita")]
    form = expense(line(amount="49.00"))
    answers = at_once([lambda each=browser: each.post(EXPENSE, form) for browser in browsers])
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].url == answers[1].url
    sent = Submission.objects.get(token=form["token"])
    assert office.ended(str(sent.run_name)).status == "succeeded"
    assert Delivery.objects.filter(submission=sent).count() == 1
    assert len(executions(office, str(sent.run_name))) == 1


def test_the_same_start_carried_twice_is_one_run(office: Office) -> None:
    run_name = office.submit("49.00")
    office.ended(run_name)
    delivery = Delivery.objects.get(submission__run_name=run_name)
    again = office.aws("lambda").invoke(
        FunctionName=office.env["EXPENSE_WORKFLOW_ARN"], InvocationType="Event", DurableExecutionName=run_name,
        Payload=delivery.payload,
    )  # fmt: skip
    assert again["DurableExecutionArn"] == delivery.run_arn
    assert len(executions(office, run_name)) == 1
    assert Run.objects.filter(run_name=run_name).count() == 1


def test_of_two_approvers_one_wins_and_the_other_is_told_who(office: Office) -> None:
    run_name = office.submit("240.50", token=uuid.uuid4())
    request = office.request(run_name)
    adam, anna = office.browser("adam"), office.browser("anna")
    shown = {browser: office.shown(browser, request) for browser in (adam, anna)}
    answers = at_once(
        [
            lambda: office.send_answer(adam, request, shown[adam], "approved"),
            lambda: office.send_answer(anna, request, shown[anna], "rejected", "Too much."),
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    decision = Decision.objects.get(request=request)
    loser = next(answer for answer in answers if answer.status_code == 409)
    assert f"{decision.decided_by} was first" in loser.content.decode()
    run = office.ended(run_name)
    assert run.status == ("succeeded" if decision.choice == "approved" else "denied")
    item = office.item(request.approval_id)
    assert item["decision"]["decision_id"] == str(decision.decision_id)
    assert item["decision"]["decided_by"] == decision.decided_by.username


def test_a_double_click_is_one_answer(office: Office) -> None:
    run_name = office.submit("240.50")
    request = office.request(run_name)
    browsers = [office.browser("adam"), office.browser("adam")]
    shown = office.shown(browsers[0], request)
    answers = at_once([lambda each=browser: office.send_answer(each, request, shown) for browser in browsers])
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Vote.objects.filter(request=request).count() == 1
    assert office.ended(run_name).status == "succeeded"
    assert AuditEvent.objects.about(request).filter(action="request.decided").count() == 1


def executions(office: Office, run_name: str) -> list[Any]:
    """What Lambda has under this name."""
    function = office.env["EXPENSE_WORKFLOW_ARN"].rpartition(":")[0]
    found: list[Any] = office.aws("lambda").list_durable_executions_by_function(
        FunctionName=function, Qualifier="live", DurableExecutionName=run_name
    )["DurableExecutions"]
    return found
