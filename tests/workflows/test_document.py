"""The document workflow as people live it."""

from typing import Any

import pytest

from tests.workflows.cloud import Cloud
from tests.workflows.conftest import Play
from tests.workflows.stage import actions
from workflows.document import handler


def document(**fields: Any) -> dict[str, Any]:
    return {"document_id": "D-7", "document_name": "Lease 2027", "requester": "rita"} | fields


REVISED = {"document_name": "Lease 2027 v2", "changes": "Added clause 4"}


def test_an_approved_document_ends_well(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(document())
    asked = stage.waiting("review")
    assert asked["options"] == ["approved", "rejected", "changes_requested"]
    assert "rita" in asked["policy"]["exclude"]
    stage.decide(asked)

    assert stage.result()["status"] == "succeeded"
    assert stage.result()["revisions"] == 0
    assert len(cloud.notices()) == 1


def test_a_rejected_document_is_denied_with_the_reason(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(document())
    stage.decide(stage.waiting("review"), "rejected", comments="Too long")

    assert (stage.result()["status"], stage.result()["reason"]) == ("denied", "Too long")
    assert cloud.run()["status"] == "denied"


def test_a_document_sent_back_is_revised_by_its_requester_and_reviewed_again(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(document())
    first = stage.waiting("review")
    stage.suspended(1)
    stage.decide(first, "changes_requested", comments="Add clause 4")
    revision = stage.waiting("revision")
    stage.suspended(2)
    assert (revision["kind"], revision["summary"], revision["options"]) == ("revision", "Add clause 4", ["revised"])
    assert (revision["policy"]["users"], revision["policy"]["exclude"]) == (["rita"], [])
    stage.decide(revision, "revised", decided_by="rita", response=REVISED)
    again = stage.waiting("review.2")
    assert (revision["title"], again["title"]) == ("Changes to Lease 2027", "Lease 2027 (version 2)")
    assert (again["details"]["document_name"], again["details"]["changes"]) == ("Lease 2027 v2", "Added clause 4")
    stage.decide(again)

    assert stage.result()["document_name"] == "Lease 2027 v2"
    assert stage.invocations() >= 3
    assert [item["status"] for item in cloud.requests()] == ["rejected", "approved", "approved"]
    assert all(actions(item) == ["opened", "notified", "settled"] for item in cloud.requests())
    assert len(cloud.notices()) == 3
    keys = [line["key"] for line in cloud.run()["progress"] if "key" in line]
    assert len(keys) == len(set(keys)) == 6


def test_the_last_review_offers_no_more_changes(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(document())
    for made in ("", ".2"):
        stage.decide(stage.waiting(f"review{made}"), "changes_requested")
        stage.decide(stage.waiting(f"revision{made}"), "revised", decided_by="rita", response=REVISED)
    last = stage.waiting("review.3")
    assert last["options"] == ["approved", "rejected"]
    stage.decide(last, "changes_requested")

    stage.failure()
    assert cloud.requests()[-1]["status"] == "error"


@pytest.mark.parametrize("response", [None, {}, {"document_name": "", "changes": "x"}, REVISED | {"extra": 1}])
def test_a_revision_without_its_form_is_no_revision(play: Play, cloud: Cloud, response: object) -> None:
    stage = play(handler).start(document())
    stage.decide(stage.waiting("review"), "changes_requested")
    stage.decide(stage.waiting("revision"), "revised", decided_by="rita", response=response)

    stage.failure()
    assert cloud.run()["status"] == "failed"


@pytest.mark.parametrize("waiting_for", ["review", "revision"])
def test_a_document_that_nobody_answers_times_out_and_the_run_ends_normally(
    play: Play, cloud: Cloud, waiting_for: str
) -> None:
    stage = play(handler).start(document(timeout_seconds=1 if waiting_for == "review" else 2))
    if waiting_for == "revision":
        stage.decide(stage.waiting("review"), "changes_requested")

    assert stage.result()["status"] == "timed_out"
    assert cloud.requests()[-1]["status"] == "timeout"
    assert cloud.run()["status"] == "timed_out"


def test_a_requester_may_give_up_instead_of_revising(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(document())
    stage.decide(stage.waiting("review"), "changes_requested")
    stage.withdraw(stage.waiting("revision"))

    assert stage.result()["status"] == "cancelled"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"document_name": " "}, "document_name must not be blank"),
        ({"requester": None}, "requester must be text"),
        ({"extra": 1}, "extra is not a field"),
        ({"timeout_seconds": 604801}, "timeout_seconds must be at most 604800"),
    ],
)
def test_a_bad_document_fails_at_once(play: Play, cloud: Cloud, change: dict[str, Any], sentence: str) -> None:
    assert sentence in (play(handler).start(document() | change).failure().message or "")
    assert cloud.requests() == []
