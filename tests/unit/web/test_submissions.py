"""The list of submissions, a submission's page, withdrawing it, starting again."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from approvals.models import ApprovalRequest, AuditEvent, Decision, Delivery, Run, Submission
from tests.factories import approval_request, person, policy, run, submission
from tests.unit.web.forms import EXPENSE, expense, line, png, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _private_files(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rita() -> Client:
    return signed_in("rita")


@pytest.fixture
def sent(rita: Client) -> Submission:
    rita.post(EXPENSE, expense())
    return Submission.objects.get()


def started(sent: Submission, **fields: Any) -> None:
    """Let the outbox have delivered the start, and the run report."""
    Delivery.objects.filter(submission=sent).update(
        state="delivered", attempts=1, accepted_at=timezone.now(), finished_at=timezone.now()
    )
    run(run_name=sent.run_name, requester="rita", **fields)


def asked(sent: Submission, stage: str = "manager", **fields: Any) -> ApprovalRequest:
    return approval_request(run_name=sent.run_name, stage=stage, requester="rita", **fields)


def page_of(client: Client, sent: Submission) -> str:
    return client.get(f"/submissions/{sent.ref}/").content.decode()


# The list


def test_drafts_stand_first_and_the_rest_newest_first_page_by_page(rita: Client) -> None:
    owner = person("rita")
    now = timezone.now()
    for age in range(30):
        one = submission(owner, title=f"Trip {age:02}", state="submitted", run_name=f"expense-{age}", submitted_at=now)
        Submission.objects.filter(pk=one.pk).update(created_at=now - timedelta(hours=age))
    submission(owner, title="Half done")
    first = rita.get("/submissions/").content.decode()
    assert first.index("Half done") < first.index("Trip 00") < first.index("Trip 24")
    assert "Trip 25" not in first
    second = rita.get("/submissions/", {"after": Submission.objects.get(title="Trip 24").ref}).content.decode()
    assert "Trip 25" in second
    assert "Trip 24" not in second
    assert "Half done" not in second


def test_the_list_is_ones_own(rita: Client, sent: Submission) -> None:
    assert "Visit to the supplier" not in signed_in("paul").get("/submissions/").content.decode()
    assert signed_in("paul").get("/submissions/", {"after": sent.ref}).status_code == 404


def test_the_list_costs_the_same_for_one_and_for_many(
    rita: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        name = f"expense-{number}"
        submission(person("rita"), state="submitted", run_name=name, submitted_at=timezone.now())
        run(run_name=name, requester="rita")
        approval_request(run_name=name, requester="rita")
    with django_assert_max_num_queries(12):
        rita.get("/submissions/")


# One submission


def test_it_says_that_it_is_about_to_start(rita: Client, sent: Submission) -> None:
    page = page_of(rita, sent)
    assert "Recorded, about to start" in page
    assert "Train" in page


def test_it_shows_amounts_as_money_however_they_were_typed(rita: Client) -> None:
    rita.post(EXPENSE, expense(line(amount="1 240,5"), files=[png()]))
    page = page_of(rita, Submission.objects.get())
    assert page.count("€1,240.50") == 2  # in the head, and in the line
    assert "<bdi>Travel</bdi>" in page
    assert "taxi.png" in page


def test_it_says_that_aws_does_not_answer_and_that_nothing_is_lost(rita: Client, sent: Submission) -> None:
    Delivery.objects.update(attempts=3, error_kind="retryable", error="timed out")
    page = page_of(rita, sent)
    assert "AWS does not answer" in page
    assert "sent again by itself" in page
    assert "timed out" not in page


def test_it_says_that_it_could_not_be_started(rita: Client, sent: Submission) -> None:
    Delivery.objects.update(state="stuck", error_kind="forbidden", error="AccessDenied for role x")
    page = page_of(rita, sent)
    assert "you need not submit it twice" in page
    assert "withdrawn only once the workflow has answered" in page
    assert "AccessDenied" not in page
    assert "AccessDenied" in page_of(signed_in("adam", "admins"), sent)


def test_it_says_who_has_it_and_until_when(rita: Client, sent: Submission) -> None:
    started(sent)
    asked(sent)
    page = page_of(rita, sent)
    assert "Waiting for managers" in page
    assert "Large amounts go to finance after the manager." in page
    assert f"/runs/{sent.run_name}/" in page


def test_it_calls_the_person_asked_by_name(rita: Client, sent: Submission) -> None:
    person("max", first_name="Max", last_name="Weber")
    started(sent)
    asked(sent, policy=policy(users=("max",)))
    assert "Waiting for Max Weber" in page_of(rita, sent)


def test_it_says_that_a_decision_is_on_its_way(rita: Client, sent: Submission) -> None:
    started(sent)
    request = asked(sent)
    Decision.objects.create(request=request, choice="approved", decided_by=person("max"), decided_at=timezone.now())
    assert "Approved, on its way to the workflow" in page_of(rita, sent)


def test_it_shows_the_reimbursement(rita: Client, sent: Submission) -> None:
    decision = {"decision": "approved", "decided_by": "max", "comments": "Fine."}
    asked(sent, status="approved", decision=decision, settled_at=timezone.now())
    started(sent, status="succeeded", result={"reimbursement_id": "rb-42", "total": "120.50"})
    page = page_of(rita, sent)
    assert "Reimbursed" in page
    assert "rb-42" in page
    assert "Start again" not in page
    assert "hx-get" not in page.split('id="live"')[1].split(">")[0]


def test_it_shows_the_reason_of_a_rejection_and_a_way_on(rita: Client, sent: Submission) -> None:
    decision = {"decision": "rejected", "decided_by": "max", "comments": "Receipt missing."}
    asked(sent, status="rejected", decision=decision, settled_at=timezone.now())
    started(sent, status="denied")
    page = page_of(rita, sent)
    assert "Receipt missing." in page
    assert "Start again from this" in page


def test_it_shows_why_the_run_failed(rita: Client, sent: Submission) -> None:
    started(sent, status="failed", error={"type": "InvalidInput", "message": "lines.1.amount must be text"})
    assert "lines.1.amount must be text" in page_of(rita, sent)


GARBAGE = "An answer came that is not valid: decision_id: Field required; what came: {'yes': True}."


@pytest.mark.parametrize("address", ["/submissions/{ref}/", "/requests/{run}.manager/", "/runs/{run}/"])
def test_an_answer_that_is_not_valid_is_told_plainly_and_in_full_to_the_office(
    rita: Client, sent: Submission, address: str
) -> None:
    settled = {"seq": 3, "at": "2026-11-21T10:00:00.000Z", "actor": "workflow", "action": "settled", "note": GARBAGE}
    asked(sent, status="error", settled_at=timezone.now(), events=[settled])
    at = "2026-11-21T10:00:00.000Z"
    progress = [
        {"at": at, "step": "manager failed", "message": f"Error: {GARBAGE}", "level": "info"},
        {"at": at, "step": "failed", "message": GARBAGE, "level": "error"},
    ]
    started(sent, status="failed", error={"type": "RunFailed", "message": GARBAGE}, progress=progress)
    page = rita.get(address.format(ref=sent.ref, run=sent.run_name)).content.decode()
    assert "The workflow got an answer that is not valid, so nothing was approved. An admin can see why." in page
    assert "Field required" not in page
    for who, group in (("ada", "auditors"), ("adam", "admins")):
        told = signed_in(who, group).get(address.format(ref=sent.ref, run=sent.run_name)).content.decode()
        assert "decision_id: Field required" in told


def test_a_small_amount_says_that_nobody_had_to_be_asked_and_why(rita: Client, sent: Submission) -> None:
    line = {"at": "2026-11-21T10:00:00.000Z", "step": "auto-approval", "level": "info"}
    line["message"] = "40.00 EUR passes without a person <b>."
    started(sent, status="running", progress=[line])
    under_way = page_of(rita, sent)
    assert "40.00 EUR passes without a person &lt;b&gt;." in under_way
    assert "Large amounts" not in under_way
    Run.objects.update(status="succeeded", result={"reimbursement_id": "rb-1"})
    page = page_of(rita, sent)
    assert "Reimbursed; nobody had to be asked" in page
    assert "40.00 EUR passes without a person" in page


@pytest.mark.parametrize(("word", "other"), [("Withdrawn", "Cancelled"), ("Cancelled", "Withdrawn")])
@pytest.mark.parametrize(
    "address", ["/submissions/", "/submissions/{ref}/", "/requests/{run}.manager/", "/runs/{run}/", "/"]
)
def test_a_withdrawal_and_a_cancellation_are_called_so_on_every_page(
    rita: Client, sent: Submission, address: str, word: str, other: str
) -> None:
    decision = {"decision": word.lower(), "decided_by": "rita" if word == "Withdrawn" else "adam", "comments": ""}
    asked(sent, status="cancelled", decision=decision, settled_at=timezone.now())
    started(sent, status="cancelled", result=decision)
    page = rita.get(address.format(ref=sent.ref, run=sent.run_name)).content.decode()
    assert word in page
    assert other not in page
    assert "Closed without an answer" not in page


def test_an_escalated_request_shows_both_levels(rita: Client, sent: Submission) -> None:
    started(sent)
    asked(sent, status="timeout", settled_at=timezone.now())
    asked(sent, approval_id=f"{sent.run_name}.manager.2")
    page = page_of(rita, sent)
    assert "Nobody answered in time." in page
    assert "Manager, next level" in page


def test_asking_again_without_news_sends_nothing(rita: Client, sent: Submission) -> None:
    live = rita.get(f"/submissions/{sent.ref}/live/")
    seen = live.context["place"].digest
    assert rita.get(f"/submissions/{sent.ref}/live/?seen={seen}").status_code == 204
    started(sent)
    assert rita.get(f"/submissions/{sent.ref}/live/?seen={seen}").status_code == 200


def test_strangers_see_nothing_and_auditors_everything(sent: Submission) -> None:
    assert signed_in("mallory", "managers").get(f"/submissions/{sent.ref}/").status_code == 404
    assert AuditEvent.objects.get(action="submission.view_refused").actor == "mallory"
    assert "Visit to the supplier" in page_of(signed_in("ada", "auditors"), sent)


# Withdrawing


def withdraw(client: Client, sent: Submission, reason: str = "") -> str:
    return client.post(f"/submissions/{sent.ref}/withdraw/", {"reason": reason}, follow=True).content.decode()


def test_what_was_not_sent_is_withdrawn_at_once(rita: Client, sent: Submission) -> None:
    assert "Withdraw this request" in page_of(rita, sent)
    assert "Nothing was started." in withdraw(rita, sent)
    sent.refresh_from_db()
    assert sent.state == "withdrawn"
    assert Delivery.objects.get().state == "dropped"


def test_a_waiting_request_is_withdrawn(rita: Client, sent: Submission) -> None:
    started(sent)
    request = asked(sent)
    assert "The workflow is told now" in withdraw(rita, sent, "Wrong month")
    assert Decision.objects.get(request=request).choice == "withdrawn"
    assert json.loads(Delivery.objects.get(kind="decision").payload)["comments"] == "Wrong month"


def test_between_start_and_question_it_says_to_wait(rita: Client, sent: Submission) -> None:
    started(sent, status="running")
    assert "wait until the workflow has got to the next question" in page_of(rita, sent)
    assert "has been started" in withdraw(rita, sent)
    sent.refresh_from_db()
    assert sent.state == "submitted"


def test_what_has_ended_is_not_withdrawn_and_the_page_says_how_it_ended(rita: Client, sent: Submission) -> None:
    started(sent, status="cancelled")
    page = withdraw(rita, sent)
    assert f"There is nothing to withdraw any more. {sent.ref} has ended: Cancelled." in page
    assert "has been started" not in page


def test_what_is_decided_is_not_withdrawn(rita: Client, sent: Submission) -> None:
    started(sent)
    request = asked(sent)
    Decision.objects.create(request=request, choice="approved", decided_by=person("max"), decided_at=timezone.now())
    assert "Withdraw" not in page_of(rita, sent)
    assert "A decision is recorded" in withdraw(rita, sent)


# Starting again


def test_starting_again_copies_text_and_receipts_into_one_new_draft(rita: Client) -> None:
    rita.post(EXPENSE, expense(files=[png()]))
    first = Submission.objects.get()
    started(first, status="denied")
    for _ in range(2):
        answer = rita.post(f"/submissions/{first.ref}/copy/")
    draft = Submission.objects.get(state="draft")
    assert answer.url == f"/submissions/{draft.ref}/edit/"  # type: ignore[attr-defined]
    copied = draft.attachments.get()
    assert draft.form_data["lines"][0]["receipts"][0]["id"] == str(copied.pk)
    assert copied.sha256 == first.attachments.get().sha256
    assert copied.file.name != first.attachments.get().file.name
    rita.post(f"/submissions/{draft.ref}/edit/", expense(line(receipt=str(copied.pk)), token=str(draft.token)))
    assert rita.post(f"/submissions/{first.ref}/copy/").url == f"/submissions/{draft.ref}/"  # type: ignore[attr-defined]


def test_a_draft_is_not_copied(rita: Client) -> None:
    rita.post(EXPENSE, expense(action="save"))
    assert rita.post(f"/submissions/{Submission.objects.get().ref}/copy/").status_code == 403
