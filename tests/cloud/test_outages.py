"""AWS away, deaf or back again: people go on working on the mirror, and nothing they do is lost or done twice."""

from collections.abc import Iterator

import pytest

from approvals.actions.close import withdraw_unsent
from approvals.models import Delivery, Run, Submission
from local.processes import Child
from tests.office import Office
from tests.proxy import Proxy

pytestmark = [pytest.mark.cloud]


@pytest.fixture(scope="module")
def aws_wire(office: Office) -> Iterator[Proxy]:
    """The worker's wire to tables and queues."""
    with Proxy(office.env["AWS_ENDPOINT_URL"]) as wire:
        yield wire


@pytest.fixture(scope="module")
def lambda_wire(office: Office) -> Iterator[Proxy]:
    """The worker's wire to starts and callbacks."""
    with Proxy(office.env["AWS_ENDPOINT_URL_LAMBDA"]) as wire:
        yield wire


@pytest.fixture(scope="module", autouse=True)
def wired_worker(office: Office, aws_wire: Proxy, lambda_wire: Proxy) -> Child:
    """A worker behind both wires."""
    return office.hire_worker(AWS_ENDPOINT_URL=aws_wire.url, AWS_ENDPOINT_URL_LAMBDA=lambda_wire.url)


@pytest.fixture(autouse=True)
def _mended(aws_wire: Proxy, lambda_wire: Proxy) -> Iterator[None]:
    yield
    aws_wire.become("whole")
    lambda_wire.become("whole")


def test_a_decision_waits_for_the_callback_api_and_is_delivered_when_it_is_back(
    office: Office, lambda_wire: Proxy
) -> None:
    run_name = office.submit("240.50")
    request = office.request(run_name)
    lambda_wire.become("cut")
    assert office.answer("adam", request).status_code == 302
    waiting = Delivery.objects.filter(decision__request=request, state=Delivery.State.QUEUED, error_kind="retryable")
    office.until(waiting.first, "a try failed and another is planned", run_name)
    # The item holds the decision already: the first of the two steps went another way.
    assert office.item(request.approval_id)["decision"]["decided_by"] == "adam"
    page = office.browser("adam").get(f"/requests/{request.approval_id}/").content.decode()
    assert "Taken by the workflow" in page
    lambda_wire.become("whole")
    assert office.ended(run_name).status == "succeeded"
    assert office.delivered(run_name).attempts > 1


def test_a_callback_whose_answer_was_lost_is_delivered_once(office: Office, lambda_wire: Proxy) -> None:
    run_name = office.submit("240.50")
    request = office.request(run_name)
    lambda_wire.become("deaf")
    office.answer("adam", request)
    assert office.ended(run_name).status == "succeeded"
    lambda_wire.become("whole")
    delivery = office.delivered(run_name)
    assert (delivery.state, delivery.winner) == (Delivery.State.DELIVERED, None)
    actions = [event["action"] for event in office.item(request.approval_id)["events"]]
    assert actions == ["opened", "notified", "decided", "settled"]


def test_a_start_whose_answer_was_lost_is_one_run(office: Office, lambda_wire: Proxy) -> None:
    lambda_wire.become("deaf")
    run_name = office.submit("49.00")
    sent = Delivery.objects.filter(submission__run_name=run_name)
    office.until(lambda: sent.filter(attempts__gt=0, error_kind="retryable").exists(), "one start is lost", run_name)
    lambda_wire.become("whole")
    assert office.ended(run_name).status == "succeeded"
    office.until(lambda: sent.get().state == Delivery.State.DELIVERED, "the start is believed", run_name)
    assert [line["step"] for line in office.run_item(run_name)["progress"]].count("reimbursement") == 1


def test_people_work_on_while_aws_is_away_and_everything_arrives_later(
    office: Office, aws_wire: Proxy, lambda_wire: Proxy
) -> None:
    run_name = office.submit("240.50")
    request = office.request(run_name)
    office.until(Run.objects.filter(run_name=run_name).exists, "the run is mirrored too", run_name)
    aws_wire.become("cut")
    lambda_wire.become("cut")
    assert office.answer("adam", request).status_code == 302
    later = office.file_expense("45.00")
    browser = office.browser("adam")
    for page in ("/", "/queue/", f"/requests/{request.approval_id}/", f"/runs/{run_name}/"):
        assert browser.get(page).status_code == 200, page
    office.until(
        lambda: "AWS does not answer" in browser.get("/").content.decode(), "the portal says that AWS is away", run_name
    )
    assert "decision" not in office.item(request.approval_id)
    aws_wire.become("whole")
    lambda_wire.become("whole")
    assert office.ended(run_name).status == "succeeded"
    assert office.ended(later).status == "succeeded"
    office.until(
        lambda: "AWS does not answer" not in browser.get("/").content.decode(), "the portal says no more", run_name
    )


def test_what_was_not_sent_yet_is_taken_back_and_never_starts(office: Office, wired_worker: Child) -> None:
    wired_worker.stop()
    try:
        run_name = office.submit("240.50")
        submission = Submission.objects.get(run_name=run_name)
        withdraw_unsent(office.viewer("rita"), submission)
    finally:
        wired_worker.start()
    followed = office.submit("49.00")
    office.ended(followed)
    assert Delivery.objects.get(submission=submission).state == Delivery.State.DROPPED
    assert office.run_item(run_name) == {}
    assert not Run.objects.filter(run_name=run_name).exists()
