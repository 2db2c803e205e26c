"""The first page for each role, and the page of a run."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from approvals.models import AuditEvent, Decision, Delivery, Letter, Occasion, Pulse
from tests.factories import approval_request, person, policy, run, submission
from tests.unit.web.forms import signed_in

pytestmark = pytest.mark.django_db


def home(client: Client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_newcomer_is_shown_the_way_to_the_first_submission() -> None:
    page = home(signed_in("rita"))
    assert "Nothing submitted yet" in page
    assert 'href="/submit/"' in page


def test_an_approver_sees_what_waits_nearest_deadline_first() -> None:
    now = timezone.now()
    later = approval_request(title="Later", expires_at=now + timedelta(days=3))
    approval_request(title="Sooner", expires_at=now + timedelta(hours=3))
    approval_request(title="Own", requester="max")
    approval_request(title="Barred", policy=policy("managers", exclude=("max",)))
    approval_request(title="Others", policy=policy("finance"))
    approval_request(title="Over", expires_at=now - timedelta(hours=1))
    page = home(signed_in("max", "managers"))
    assert page.index("Sooner") < page.index("Later")
    assert f"/requests/{later.approval_id}/" in page
    assert not [title for title in ("Own", "Barred", "Others", "Over") if f"<bdi>{title}</bdi>" in page]


def test_an_approver_with_nothing_to_do_is_told_so() -> None:
    assert "All answered." in home(signed_in("max", "managers"))


def test_a_requester_sees_where_their_things_are() -> None:
    sent = submission(
        person("rita"), title="Lyon", state="submitted", run_name="expense-1", submitted_at=timezone.now()
    )
    run(run_name="expense-1", requester="rita")
    approval_request(run_name="expense-1", requester="rita")
    page = home(signed_in("rita"))
    assert f"/submissions/{sent.ref}/" in page
    assert "Waiting for managers" in page


@pytest.mark.parametrize("group", ["auditors", "admins"])
def test_the_office_sees_what_is_stuck_what_fails_and_what_was_decided(group: str) -> None:
    now = timezone.now()
    Delivery.objects.create(
        key="start:expense-9", kind="start", payload="{}", state="stuck", next_try_at=now, error="No such function."
    )
    run(title="Broken run", status="failed", error={"message": "Table is gone."})
    Pulse.objects.create(name="mirror", at=now, failing_since=now, fault="The queue does not answer.")
    Decision.objects.create(
        request=approval_request(title="Decided trip"), choice="approved", decided_by=person("max"), decided_at=now
    )
    page = home(signed_in("ada", group))
    for sentence in ("No such function.", "Table is gone.", "The queue does not answer.", "Decided trip"):
        assert sentence in page


def test_nobody_else_sees_the_office() -> None:
    Delivery.objects.create(
        key="start:expense-9", kind="start", payload="{}", state="stuck", next_try_at=timezone.now(), error="Secret."
    )
    assert "Secret." not in home(signed_in("max", "managers"))


def test_an_empty_portal_is_no_dead_page_for_the_office() -> None:
    page = home(signed_in("adam", "admins"))
    assert "Nothing is stuck" in page
    assert "No worker has run yet" in page


def test_the_office_sees_stuck_letters_and_notifications_and_others_do_not() -> None:
    letter = Letter.objects.create(
        key="notice:1:1", person=person("rita"), state="stuck", next_try_at=timezone.now(), finished_at=timezone.now(),
        error="The mail server answered 550: no <such> user",
    )  # fmt: skip
    broken = Occasion.objects.create(cause="turn:expense-a.manager", topic="turn", state="stuck", due_at=timezone.now())
    for name, group in (("adam", "admins"), ("ivo", "auditors")):
        page = home(signed_in(name, group))
        assert f"/admin/approvals/letter/{letter.pk}/change/" in page
        assert "E-mail to Rita" in page
        assert "550: no &lt;such&gt; user" in page
        assert f"/admin/approvals/occasion/{broken.pk}/change/" in page
    assert "550" not in home(signed_in("rita"))


@pytest.mark.parametrize("groups", [(), ("managers",), ("auditors",), ("admins", "directors")])
def test_home_costs_the_same_for_few_and_for_many(
    groups: tuple[str, ...], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rita = person("rita")
    for number in range(12):
        name = f"expense-{number}"
        submission(rita, state="submitted", run_name=name, submitted_at=timezone.now())
        run(run_name=name, requester="rita", status="failed")
        request = approval_request(run_name=name)
        Decision.objects.create(request=request, choice="approved", decided_by=rita, decided_at=timezone.now())
        approval_request()
    client = signed_in("rita", *groups)
    with django_assert_max_num_queries(20):
        client.get("/")


# Runs


def test_a_run_shows_progress_requests_input_and_result() -> None:
    progress = [
        {"seq": 1, "at": "2026-11-21T09:00:00.000Z", "step": "started", "message": "Started.", "level": "info"},
        {"seq": 2, "at": "2026-11-21T10:00:00.000Z", "step": "manager", "message": "Asked managers.", "level": "info"},
    ]
    receipt = {"id": "a1", "name": "taxi.png", "content_type": "image/png", "size": 900}
    lines = [{"date": "2026-11-02", "category": "travel", "description": "Train", "amount": "120.50",
              "receipts": [receipt]}]  # fmt: skip
    found = run(progress=progress, input={"currency": "EUR", "lines": lines}, result={"reimbursement_id": "rb-1"})
    approval_request(run_name=found.run_name)
    page = signed_in("rita").get(f"/runs/{found.run_name}/").content.decode()
    for text in ("Asked managers.", "Train", "€120.50", "taxi.png", "rb-1", f"/requests/{found.run_name}.manager/"):
        assert text in page


def test_a_failed_run_says_why() -> None:
    found = run(status="failed", error={"type": "InvalidInput", "message": "currency must be a code"})
    page = signed_in("rita").get(f"/runs/{found.run_name}/").content.decode()
    assert "currency must be a code" in page
    assert "hx-get" not in page.split('id="run"')[1].split(">")[0]


def test_a_run_is_for_its_people_alone() -> None:
    found = run()
    approval_request(run_name=found.run_name)
    assert signed_in("max", "managers").get(f"/runs/{found.run_name}/").status_code == 200
    assert signed_in("ada", "auditors").get(f"/runs/{found.run_name}/").status_code == 200
    assert signed_in("mallory", "finance").get(f"/runs/{found.run_name}/").status_code == 404
    assert signed_in("mallory", "finance").get(f"/runs/{found.run_name}/live/").status_code == 404
    assert AuditEvent.objects.filter(action="run.view_refused", actor="mallory").count() == 2


def test_a_run_that_has_not_reported_leads_to_its_submission() -> None:
    sent = submission(person("rita"), state="submitted", run_name="expense-new")
    assert signed_in("rita").get("/runs/expense-new/").url == f"/submissions/{sent.ref}/"  # type: ignore[attr-defined]
    assert signed_in("mallory").get("/runs/expense-new/").status_code == 404


def test_a_run_without_news_sends_nothing() -> None:
    found = run()
    rita = signed_in("rita")
    seen = rita.get(f"/runs/{found.run_name}/live/").context["seen"]
    assert rita.get(f"/runs/{found.run_name}/live/?seen={seen}").status_code == 204


def test_malformed_items_do_not_break_a_runs_page() -> None:
    found = run(progress=["odd", {"message": None}, {"at": "yesterday"}], error={"message": ["odd"]}, input={"a": [1]})
    assert signed_in("rita").get(f"/runs/{found.run_name}/").status_code == 200
