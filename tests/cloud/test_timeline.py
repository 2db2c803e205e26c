"""Timelines on the real local cloud: from the form, or an Invoke, to the history that the portal keeps."""

import json
import uuid
from typing import Any

import pytest

from approvals.models import Timeline
from approvals.timeline.keeping import refresh
from approvals.timeline.story import Kind, State, Story, from_json
from tests.factories import run
from tests.office import Office

pytestmark = pytest.mark.cloud


@pytest.fixture(scope="module", autouse=True)
def _worker(office: Office) -> None:
    office.hire_worker()


def kept(office: Office, run_name: str) -> tuple[Timeline, Story]:
    """The timeline of a run, once a worker has kept it."""
    rows = Timeline.objects.filter(run_name=run_name, is_whole=True)
    found: Timeline = office.until(rows.first, f"the timeline of {run_name} is kept", run_name)
    assert found.story is not None
    return found, from_json(found.story)


def history(office: Office, run_arn: str) -> list[dict[str, Any]]:
    """What AWS itself tells."""
    pages = office.aws("lambda").get_paginator("get_durable_execution_history")
    found = pages.paginate(DurableExecutionArn=run_arn, IncludeExecutionData=True)
    return [event for page in found for event in page["Events"]]


def callback_ids(events: list[dict[str, Any]]) -> list[str]:
    return [one["CallbackStartedDetails"]["CallbackId"] for one in events if one["EventType"] == "CallbackStarted"]


def fragment(office: Office, username: str, run_name: str) -> str:
    """The timeline as a page fetches it."""
    answer = office.browser(username).get(f"/runs/{run_name}/timeline/", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_expense_shows_its_operations_while_it_waits_and_keeps_all_of_them_when_it_has_ended(office: Office) -> None:
    run_name = office.file_expense("1000.01")
    request = office.request(run_name)
    waiting = fragment(office, "rita", run_name)
    assert "Ask managers" in waiting
    assert "waiting" in waiting
    assert Timeline.objects.get(run_name=run_name).kept_at is None

    office.answer("adam", request)
    office.answer("fiona", office.request(run_name, "finance"))
    ended = office.ended(run_name)
    timeline, story = kept(office, run_name)
    events = history(office, ended.run_arn)
    assert (
        len(story.operations) == len({event["Id"] for event in events if event.get("Id")}) - 1
    )  # the execution itself
    assert (story.state, story.replays) == (
        State.DONE,
        len([1 for e in events if e["EventType"] == "InvocationCompleted"]) - 1,
    )
    assert all(one.ended for one in story.operations)
    stored = json.dumps(timeline.story)
    assert len(callback_ids(events)) == 2
    assert not [one for one in callback_ids(events) if one in stored]
    assert "Ask finance" in fragment(office, "rita", run_name)


def test_an_invoked_trip_whose_car_fails_is_kept_with_every_booking_and_its_undo(office: Office) -> None:
    run_name = f"travel-{uuid.uuid4().hex[:8]}"
    trip = {"passengerName": "Ada Obi", "departure": "Oslo", "destination": "Lyon", "failBookCar": True}
    prices = {"flightPrice": "500", "hotelPrice": "90", "carPrice": "40"}
    office.aws("lambda").invoke(
        FunctionName=office.env["TRAVEL_WORKFLOW_ARN"], InvocationType="Event", DurableExecutionName=run_name,
        Payload=json.dumps(trip | prices | {"requester": "rita"}),
    )  # fmt: skip
    office.answer("adam", office.request(run_name, "approval"))
    assert office.ended(run_name).status == "denied"
    _, story = kept(office, run_name)
    calls = {one.name: one.outcome for one in story.operations if one.kind is Kind.INVOKE}
    assert calls == {
        "reserve flight": "reserved", "reserve hotel": "reserved", "reserve car": "refused",
        "cancel car": "cancelled", "cancel hotel": "cancelled", "cancel flight": "cancelled",
    }  # fmt: skip
    page = office.browser("rita").get(f"/runs/{run_name}/").content.decode()
    assert page.count("Undone") >= 2
    assert "Failed, nothing left of it" in page


def test_a_run_that_aws_does_not_know_is_told_kindly(office: Office) -> None:
    run_name = office.file_expense("240.50")
    office.answer("adam", office.request(run_name))
    known = office.ended(run_name)
    gone = run(run_arn=f"{known.run_arn[:-8]}00000000", status="failed", requester="rita")
    timeline = refresh(gone)
    assert timeline is not None
    assert (timeline.fault, timeline.kept_at) == ("odd", None)
    assert "AWS does not know this run" in fragment(office, "rita", gone.run_name)
