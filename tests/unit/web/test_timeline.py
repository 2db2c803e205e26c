"""The timeline on the page of a run: for whom it shows what, and what it says when AWS cannot be asked."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from approvals.models import AuditEvent, Run, Timeline
from approvals.timeline import keeping
from approvals.timeline.history import story_of
from approvals.timeline.story import to_json
from tests.factories import approval_request, run
from tests.unit.timeline.histories import event, events_of, many_steps, recorded
from tests.unit.web.forms import signed_in

pytestmark = pytest.mark.django_db
ARN = "arn:aws:lambda:us-east-1:000000000000:function:expense:1/durable-execution/expense-test/0001"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs whose history was asked for; AWS itself is never reached."""
    found: list[str] = []

    def read_into(found_run: Run, **_: Any) -> str:
        found.append(found_run.run_name)
        return ""

    monkeypatch.setattr(keeping, "read_into", read_into)
    return found


def stored(name: str, **fields: Any) -> Run:
    """A run with a recorded history."""
    found = run(**{"run_arn": ARN, "workflow": name.partition("_")[0], **fields})
    story = recorded(name)
    now = timezone.now()
    Timeline.objects.create(
        run_name=found.run_name, story=to_json(story), read_at=now, read_version=found.version,
        kept_at=now if story.has_ended else None, is_whole=story.has_ended,
    )  # fmt: skip
    return found


def page(client: Client, found: Run, query: str = "") -> str:
    answer = client.get(f"/runs/{found.run_name}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_finished_run_shows_its_operations_in_words_with_their_lengths() -> None:
    found = stored("expense", status="succeeded")
    for stage in ("manager", "finance"):
        approval_request(run_name=found.run_name, stage=stage, status="approved")
    shown = text(page(signed_in("rita"), found))
    assert "16 operations · 3 invocations, 2 replays · took 18 s" in shown
    assert "Ask managers approved 2.3 s" in shown
    assert "Reimbursement ID done under 0.1 s" in shown
    assert "Kept just now" in shown


def test_a_kept_timeline_is_shown_without_asking_aws(asked: list[str]) -> None:
    found = stored("expense", status="succeeded")
    html = page(signed_in("rita"), found)
    signed_in("rita").get(f"/runs/{found.run_name}/timeline/", headers=HTMX)
    signed_in("rita").post(f"/runs/{found.run_name}/timeline/", headers=HTMX)
    assert asked == []
    assert "Read again" not in html
    assert 'hx-trigger="run-moved' not in html


def test_the_page_itself_never_waits_for_aws_it_lets_the_timeline_follow(asked: list[str]) -> None:
    found = run(run_arn=ARN)
    html = page(signed_in("rita"), found)
    assert asked == []
    assert f'hx-get="/runs/{found.run_name}/timeline/"' in html
    assert 'hx-trigger="run-moved from:body, load"' in html
    signed_in("rita").get(f"/runs/{found.run_name}/timeline/", headers=HTMX)
    assert asked == [found.run_name]


def test_new_progress_tells_the_timeline_to_read_anew() -> None:
    found = stored("expense_open", version=3)
    answer = signed_in("rita").get(f"/runs/{found.run_name}/live/?seen=0", headers=HTMX)
    assert answer.headers["HX-Trigger"] == '{"run-moved": {}}'


def test_read_again_asks_aws_with_and_without_htmx(asked: list[str]) -> None:
    found = stored("expense_open")
    client = signed_in("rita")
    answer = client.post(f"/runs/{found.run_name}/timeline/")
    assert (answer.status_code, answer["Location"]) == (302, f"/runs/{found.run_name}/#timeline")
    Timeline.objects.update(claimed_at=None)
    fragment = client.post(f"/runs/{found.run_name}/timeline/", headers=HTMX)
    assert "Read again" in fragment.content.decode()
    assert asked == [found.run_name] * 2


def test_asking_by_the_address_reads_nothing_while_nothing_has_moved(asked: list[str]) -> None:
    found = stored("expense_open")
    signed_in("rita").get(f"/runs/{found.run_name}/timeline/", headers=HTMX)
    assert asked == []


def test_only_who_may_see_the_run_may_have_it_read(asked: list[str]) -> None:
    found = run(run_arn=ARN)
    client = signed_in("zoe")
    assert client.get(f"/runs/{found.run_name}/timeline/", headers=HTMX).status_code == 404
    assert client.post(f"/runs/{found.run_name}/timeline/").status_code == 404
    assert client.post("/runs/nothing/timeline/").status_code == 404
    assert asked == []
    assert AuditEvent.objects.filter(action="run.view_refused").count() == 2


def test_what_steps_gave_back_is_for_the_office() -> None:
    found = stored("expense", status="succeeded")
    assert "RB-MH2XVJTPH1" in page(signed_in("ivo", "auditors"), found)
    assert "RB-MH2XVJTPH1" not in page(signed_in("rita"), found)


def test_a_faulty_answer_is_read_by_the_office_alone() -> None:
    found = stored("loan", status="failed")
    approval_request(run_name=found.run_name, status="error")
    assert "meridian did not answer in time" in page(signed_in("ivo", "auditors"), found)
    assert "meridian did not answer in time" not in page(signed_in("rita"), found)


def test_a_retried_branch_says_so_and_shows_each_attempt() -> None:
    shown = text(page(signed_in("ivo", "auditors"), stored("loan", status="succeeded")))
    assert "Meridian done, 2 attempts" in shown
    assert "Attempt 1 under 0.1 s: meridian did not answer in time Tried again after 2 s." in shown


def test_an_undone_trip_has_its_map_above_everything() -> None:
    found = stored("trip_undone", workflow="travel", status="denied")
    html = page(signed_in("rita"), found)
    shown = text(html[html.index('id="saga"') : html.index('id="run"')])
    assert "Flight Undone" in shown
    assert "Hotel Undone" in shown
    assert "Car Failed, nothing left of it" in shown
    assert "Reserve car refused 8.0 s" in text(html)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("unreachable", "AWS cannot be reached at the moment."),
        ("busy", "more than AWS allows at once"),
        ("refused", "AWS does not let the portal read this history."),
        ("forgotten", "AWS no longer keeps this run's history."),
        ("odd", "AWS does not know this run"),
    ],
)
def test_when_aws_does_not_tell_the_page_says_so_and_shows_what_the_portal_knows(fault: str, words: str) -> None:
    progress = [{"seq": 1, "at": "2026-11-21T09:00:00Z", "step": "started", "message": "Started."}]
    found = run(run_arn=ARN, progress=progress, version=1)
    approval_request(run_name=found.run_name)
    Timeline.objects.create(run_name=found.run_name, read_version=1, fault=fault, fault_text="Read: 429: details")
    shown = text(page(signed_in("rita"), found).replace("&#x27;", "'"))
    assert words in shown
    assert "Below is what the portal itself knows." in shown
    assert "Ask managers waiting 2 h" in shown
    assert "429: details" not in shown
    assert "429: details" in page(signed_in("ivo", "auditors"), found)


def test_a_thousand_operations_are_folded_and_can_all_be_had() -> None:
    found = run(run_arn=ARN)
    story = story_of([event("ExecutionStarted", 0), *many_steps(1000), event("ExecutionSucceeded", 1002)])
    Timeline.objects.create(run_name=found.run_name, story=to_json(story), kept_at=timezone.now(), is_whole=True)
    few, whole = page(signed_in("rita"), found), page(signed_in("rita"), found, "?all=1")
    assert "Show all 1000 operations" in few
    assert few.count('class="op"') == 150
    assert whole.count('class="op"') == 1000


def test_the_page_asks_the_database_the_same_whatever_the_length(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    found = stored("loan", status="succeeded")
    client = signed_in("rita")
    with django_assert_max_num_queries(14):
        page(client, found)


def test_markup_and_hidden_marks_in_names_and_errors_are_shown_not_obeyed() -> None:
    found = run(run_arn=ARN)
    bad = {"key": "a", "name": "<b>x</b>\u202e", "parent": ""}
    story = story_of([event("StepStarted", 1, **bad), event("StepSucceeded", 1, **bad), event("ExecutionSucceeded", 2)])
    Timeline.objects.create(run_name=found.run_name, story=to_json(story), kept_at=timezone.now())
    html = page(signed_in("rita"), found)
    assert "<b>x</b>" not in html
    assert "\u202e" not in html


def test_no_callback_id_of_a_history_is_on_the_page() -> None:
    ids = [one["CallbackStartedDetails"]["CallbackId"] for one in events_of("loan") if "CallbackStartedDetails" in one]
    html = page(signed_in("olaf", "admins"), stored("loan", status="succeeded"))
    assert ids
    assert not [one for one in ids if one in html or one[:40] in html]
