"""A policy's step may end before the workflow's deadline: the earlier one is shown, and sorted and filtered by."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals.actions.deadlines import show_anew
from approvals.mailing.compose import compose
from approvals.models import ApprovalRequest, EffectivePolicy, Letter, Notification, Occasion, Topic
from approvals.models.terms import AtDeadline
from approvals.policy.wording import SAFE_ANSWERS
from approvals.web.formats import exact, in_sentence
from approvals.web.requests import next_waiting
from approvals.web.terms import outcome_label
from tests.factories import approval_request, person, run, viewer
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
    EffectivePolicy.objects.get(request=request).stay_open()
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


def titles(client: Client, address: str) -> list[str]:
    return [row.title for row in client.get(address).context["page"].rows]


def three() -> list[ApprovalRequest]:
    """Requests in the order in which they must be answered, which is not the order of the workflows' deadlines."""
    now = timezone.now()
    return [
        approval_request(title="First", expires_at=now + timedelta(minutes=30)),
        hurried(title="Step", expires_at=now + timedelta(days=7)),
        approval_request(title="Last", expires_at=now + timedelta(days=3)),
    ]


@pytest.mark.parametrize("address", ["/queue/?", "/queue/?tab=groups", "/queue/?tab=all&sort=deadline"])
@pytest.mark.parametrize("groups", [("managers",), ("managers", "auditors")])
def test_the_queue_is_sorted_by_what_must_be_kept(signed_in: SignIn, address: str, groups: tuple[str, ...]) -> None:
    three()
    client = signed_in("anna", *groups)
    assert titles(client, address) == ["First", "Step", "Last"]
    assert titles(client, f"{address}&q=step+train+first+last&due=soon") == []


@pytest.mark.parametrize("address", ["/queue/?", "/queue/?tab=groups", "/queue/?tab=all&sort=deadline"])
def test_due_soon_and_overdue_go_by_what_must_be_kept(signed_in: SignIn, address: str) -> None:
    _, step_, _ = three()
    client = signed_in("anna", "managers")
    assert titles(client, f"{address}&due=soon") == ["First", "Step"]
    assert titles(client, f"{address}&due=overdue") == []
    moved = timezone.now() - timedelta(minutes=1)
    EffectivePolicy.objects.filter(request=step_).update(due_at=moved)
    show_anew()
    assert titles(client, f"{address}&due=soon") == ["First"]
    assert titles(client, f"{address}&due=overdue") == ["Step"]


def test_counts_of_kept_views_go_by_it_too(signed_in: SignIn) -> None:
    three()
    client = signed_in("anna", "managers")
    client.post("/queue/views/", {"query": "tab=mine&due=soon", "name": "Today"})
    assert "2" in client.get("/queue/counts/").context["counts"].values()


def test_one_goes_on_to_the_next_by_it(signed_in: SignIn) -> None:
    first, step_, last = three()
    client = signed_in("anna", "managers")
    place = client.get(f"/requests/{step_.approval_id}/?pile=tab%3Dmine").context["place"]
    assert (place.before, place.after) == (first, last)
    assert [row.title for row in client.get("/").context["waiting"]] == ["First", "Step", "Last"]
    assert next_waiting(viewer("anna"), first) == step_


def test_pages_follow_each_other_through_steps_and_workflows(signed_in: SignIn) -> None:
    now = timezone.now()
    opened(step("managers", hours=500), request={"title": "No. 0", "expires_at": now + timedelta(hours=1)})
    for number in range(1, 60):
        fields = {"title": f"No. {number}", "expires_at": now + timedelta(days=90)}
        if number % 2:
            fields["expires_at"] = now + timedelta(hours=number + 1)
            approval_request(**fields)
        else:
            EffectivePolicy.objects.pin([approval_request(**fields)], now - timedelta(hours=499 - number))
    client, seen, address = signed_in("anna", "managers"), [], "tab=mine"
    while address:
        answer = client.get(f"/queue/?{address}")
        seen += [row.title for row in answer.context["page"].rows]
        address = answer.context["next"]
    assert seen == [f"No. {number}" for number in range(60)]


def test_a_row_whose_step_is_over_says_so_before_it_leaves(signed_in: SignIn) -> None:
    request = hurried(title="Step")
    client = signed_in("anna", "managers")
    before = client.get("/queue/", headers={"HX-Request": "true"}).context
    EffectivePolicy.objects.get(request=request).expire()
    poll = client.get(f"/queue/?seen={before['digest']}&rows={before['shown']}", headers={"HX-Request": "true"})
    assert poll.context["said"] == "Step: The deadline has passed."


@pytest.mark.parametrize("choice", SAFE_ANSWERS)
def test_a_safe_answer_is_called_by_policies_as_by_pages(choice: str) -> None:
    assert str(SAFE_ANSWERS[choice]) == in_sentence(outcome_label(choice))
