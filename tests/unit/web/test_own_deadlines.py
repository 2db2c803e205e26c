"""A policy's step may end before the workflow's deadline: people are shown the earlier one everywhere."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals.mailing.compose import compose
from approvals.models import ApprovalRequest, EffectivePolicy, Letter, Notification, Occasion, Topic
from approvals.models.terms import AtDeadline
from approvals.web.formats import exact
from tests.factories import approval_request, person, run
from tests.policies import opened, step
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _anna() -> None:
    person("anna", "managers", email="anna@example.com")


def hurried(**fields: object) -> ApprovalRequest:
    """A request whose step takes an hour; the workflow waits for a week."""
    week = {"expires_at": timezone.now() + timedelta(days=7), "run_name": run().run_name, **fields}
    return opened(step("managers", hours=1), request=week, at_deadline=AtDeadline.EXPIRE)


def ends(request: ApprovalRequest) -> str:
    due = EffectivePolicy.objects.get(request=request).due_at
    assert due
    return exact(due)


@pytest.mark.parametrize("address", ["/queue/", "/queue/?tab=groups", "/queue/?tab=all", "/"])
def test_a_list_says_when_the_step_ends(signed_in: SignIn, address: str) -> None:
    request = hurried()
    page = signed_in("anna", "managers").get(address).text
    assert ends(request) in page
    assert "Due soon" in page
    assert exact(request.expires_at) not in page


def test_a_queue_of_many_such_requests_costs_no_more(signed_in: SignIn) -> None:
    client, asked = signed_in("anna", "managers"), []
    for _ in range(2):
        hurried()
        with CaptureQueriesContext(connection) as made:
            client.get("/queue/")
        asked.append(len(made))
    assert asked[0] == asked[1]


def test_the_decision_and_who_decides_name_the_step_and_the_workflow(signed_in: SignIn) -> None:
    request = hurried()
    page = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/").text
    decision = page.partition('id="decision"')[2].partition("</header>")[0]
    assert ends(request) in decision
    assert "Due soon" in decision
    who = page.partition('id="terms-title"')[2].partition("</dl>")[0]
    assert ends(request) in who
    assert "the workflow itself waits until" in who


def test_the_notification_and_its_mail_name_the_step(signed_in: SignIn) -> None:
    request, anna = hurried(), person("anna", "managers")
    occasion = Occasion.objects.create(
        cause="turn:x", topic=Topic.TURN, subject=request.approval_id, state="told", due_at=timezone.now()
    )
    letter = Letter.objects.create(key="notice:x", person=anna, next_try_at=timezone.now())
    Notification.objects.create(person=anna, occasion=occasion, request=request, letter=letter)
    assert f"Answer by {ends(request)}" in signed_in("anna", "managers").get("/notifications/").text
    mail = compose(letter)
    assert mail
    assert str(mail.body).count(ends(request)) == 2
    assert exact(request.expires_at) not in str(mail.body)


def test_where_the_workflow_ends_first_its_deadline_is_shown() -> None:
    soon = timezone.now() + timedelta(minutes=20)
    assert hurried(expires_at=soon).answer_by == soon
    assert approval_request(expires_at=soon).answer_by == soon


def test_a_step_that_is_over_and_stays_open_has_the_workflows_deadline() -> None:
    request = hurried()
    EffectivePolicy.objects.filter(request=request).update(due_at=None)
    assert ApprovalRequest.objects.get(pk=request.pk).answer_by == request.expires_at


@pytest.mark.parametrize(
    ("options", "safe", "said"),
    [
        (["approved", "rejected"], "rejected", "the portal itself answers: rejected."),
        (["publish", "remove"], "remove", "the portal itself answers: removed."),
        (["release", "hold_back"], "hold_back", "the portal itself answers: hold back."),
        (["approved", "rejected", "changes_requested"], "changes_requested", "the portal itself answers: sent back."),
        (["remove", "publish"], "remove", "no more answers are taken."),
        (["release", "hold_back"], "rejected", "no more answers are taken."),
    ],
)
def test_the_safe_answer_is_called_as_everywhere_and_told_only_where_the_request_takes_it(
    signed_in: SignIn, options: list[str], safe: str, said: str
) -> None:
    late = {"at_deadline": AtDeadline.DEFAULT, "default_option": safe}
    request = opened(step("managers", hours=1), request={"options": options}, **late)
    page = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/").text
    # No apostrophe: it is escaped on the page.
    assert f"time is over, {said}" in page
