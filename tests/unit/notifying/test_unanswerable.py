"""A request that nobody can answer is noticed by the worker: its page says so, and admins are told once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from approvals.actions.decide import Ballot, decide
from approvals.actions.handover import reassign
from approvals.models import ApprovalRequest, AuditEvent, Notification, Occasion, Submission, Topic
from approvals.models.terms import Needed, Step
from approvals.policy.answerable import advice_on, why_nobody_can
from approvals.policy.remedy import Helps, what_helps
from approvals.web.tellings import tellings_of
from approvals.web.whereabouts import whereabouts
from tests.factories import policy, run, submission, viewer
from tests.policies import opened, step
from tests.unit.notifying.conftest import asked, closed, reachable, side_by_side, tell_all, told
from tests.unit.web.forms import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = "Nobody can answer this request. It is put to moderators; who asked for it"


@pytest.fixture(autouse=True)
def people() -> None:
    """An admin, and the author of what is moderated, who is the only moderator."""
    reachable("olaf", "admins")
    reachable("mo", "moderators")


def page_of(request: ApprovalRequest, name: str = "mo") -> str:
    return " ".join(signed_in(name).get(f"/requests/{request.approval_id}/").text.split())


def test_where_the_only_moderator_is_the_author_admins_are_told_once_and_the_page_says_so() -> None:
    request = asked(policy=policy("moderators"), requester="mo", workflow="moderation")
    tell_all()
    Occasion.objects.leave(Topic.REMINDER, request.approval_id)
    side_by_side(tell_all, tell_all)
    assert (told("turn"), told("reminder"), told("office")) == ([], [], ["olaf"])
    line = AuditEvent.objects.get(action="request.unanswerable")
    assert (line.object_id, line.actor) == (request.approval_id, "system:notifier")
    [telling] = tellings_of(Notification.objects.select_related("occasion", "request", "person"), "en_GB")
    assert (telling.label, telling.address) == ("Nobody can answer", f"/requests/{request.approval_id}/")
    for name in ("mo", "olaf"):
        assert NOBODY in page_of(request, name)
        assert "The admins know:" in page_of(request, name)


def test_once_somebody_can_answer_the_page_no_longer_says_so() -> None:
    request = asked(policy=policy("moderators"), requester="mo")
    tell_all()
    reachable("mia", "moderators")
    assert "The admins know:" not in page_of(request)
    assert "Approve" in page_of(request, "mia")


def test_an_empty_group_and_accounts_that_are_not_active_are_nobody() -> None:
    Group.objects.create(name="ethics")
    reachable("ines", "legal", is_active=False)
    for group in ("ethics", "legal", "unknown"):
        request = asked(policy=policy(group))
        tell_all()
        assert f"It is put to {group}" in AuditEvent.objects.about(request).get(action="request.unanswerable").summary
    assert told("office") == ["olaf"] * 3


def test_fewer_people_than_answers_are_noticed_too() -> None:
    reachable("mia", "moderators")
    request = asked(policy=policy("moderators", required=3), requester="rita")
    tell_all()
    assert told("turn") == ["mia", "mo"]
    assert told("office") == ["olaf"]
    said = "This request needs 3 more answers, and only 2 of those it is put to may give one."
    assert AuditEvent.objects.get(action="request.unanswerable").summary == said
    decide(viewer("mia"), request.approval_id, Ballot("approved", "", 1, request.content_digest))
    assert why_nobody_can(request, list(request.votes.all())).startswith(
        "This request needs 2 more answers, and only 1"
    )


def test_nothing_is_noticed_where_enough_people_are_asked() -> None:
    reachable("mia", "moderators")
    asked(policy=policy("moderators", required=2), requester="rita")
    asked(policy=policy(users=("rita",)), requester="rita", kind="revision")
    reachable("rita")
    tell_all()
    assert told("office") == []


def test_a_group_that_is_left_later_is_noticed_by_the_next_reminder() -> None:
    request = asked(policy=policy("moderators"), requester="rita", created_at=timezone.now() - timedelta(hours=1))
    tell_all()
    assert told("office") == []
    Group.objects.get(name="moderators").user_set.clear()
    Occasion.objects.leave(Topic.REMINDER, request.approval_id)
    tell_all()
    assert told("office") == ["olaf"]


def test_a_step_of_a_policy_that_nobody_can_pass_is_told_too() -> None:
    reachable("anna", "managers")
    reachable("fay", "finance")
    request = opened(step("managers"), step("finance"), request={"policy": policy("managers", "finance")})
    Occasion.objects.leave(Topic.TURN, request.approval_id)
    tell_all()
    assert told("office") == []
    Group.objects.get(name="finance").user_set.clear()
    decide(viewer("anna"), request.approval_id, Ballot("approved", "", 1, request.content_digest))
    tell_all()
    assert told("office") == ["adam", "olaf"]
    assert "Nobody can answer step 2" in page_of(request, "olaf")


def test_where_too_few_are_left_everybody_is_told_so_alike() -> None:
    for name in ("anna", "ben", "rita"):
        reachable(name, "managers")
    three = step("managers", needed=Needed.COUNT, count=3)
    request = opened(three, request={"policy": policy("managers"), "requester": "rita"})
    Occasion.objects.leave(Topic.TURN, request.approval_id)
    tell_all()
    lacks = "Step 1 needs 1 more than there are people who may answer."
    notices = Notification.objects.filter(occasion__topic="office").select_related("occasion", "request", "person")
    telling = tellings_of(notices, "en_GB")[0]
    assert telling.sentence == f"{lacks} Add somebody to the group that it asks, or cancel it."
    shown = page_of(request, "rita")
    assert f"This request cannot be answered as it stands. {lacks}" in shown
    assert "The admins know:" in shown
    assert "Remind them" not in shown
    assert "As a rule" not in shown
    for address in ("/", "/admin/"):
        home = signed_in("olaf").get(address).text
        assert "Nothing is stuck" not in home
        assert lacks in home
        assert f"/requests/{request.approval_id}/" in home
    reachable("mia", "managers")
    assert "Remind them" in page_of(request, "rita")
    assert "Nothing is stuck" in signed_in("olaf").get("/").text


def test_where_a_manager_is_asked_whom_the_account_does_not_name_every_page_says_so_and_what_helps() -> None:
    rita = reachable("rita")
    reachable("anna", "managers")
    request = opened(Step("Manager", manager=True), request={"run_name": "expense-abc1234"})
    sent = submission(rita, state=Submission.State.SUBMITTED, run_name="expense-abc1234", ref="EXP-ABC1234")
    run(run_name="expense-abc1234")
    as_it_stands = "This request cannot be answered as it stands"
    assert whereabouts([sent])[0].sentence == as_it_stands
    Occasion.objects.leave(Topic.TURN, request.approval_id)
    tell_all()
    shown = " ".join(signed_in("rita").get("/submissions/EXP-ABC1234/").text.split())
    assert f"{as_it_stands}</strong>" in shown
    assert "Step 1 cannot be passed: it asks the requester&#x27;s manager, and their account named none" in shown
    assert "they can put it to somebody else whom the workflow asks, or cancel it. Before the next one is sent" in shown
    assert "Otherwise the workflow goes on by itself at its deadline" in shown
    assert [wrong for wrong in ("Nobody may answer", "add somebody", "Until ") if wrong in shown] == []
    told_admins = advice_on(ApprovalRequest.objects.get())
    assert "Put it to somebody else whom the workflow asks, or cancel it. Before the next" in told_admins
    reassign(viewer("olaf"), request.approval_id, "anna", "No manager is named.")
    assert whereabouts([sent])[0].sentence == "Waiting for Anna"


def test_what_helps_depends_on_whom_it_asks() -> None:
    each_of = Step("Both", groups=("managers",), manager=True, needed=Needed.EACH)
    reachable("anna", "managers")
    reachable("ines", "legal", is_active=False)
    assert what_helps(opened(each_of)) == Helps.CANCEL
    assert what_helps(asked(policy=policy("legal"))) == Helps.ADD
    assert what_helps(asked(policy=policy(users=("ines",)))) == Helps.CANCEL


def test_of_a_request_that_was_closed_meanwhile_nobody_is_told() -> None:
    request = asked(policy=policy("moderators"), requester="mo")
    tell_all()
    Notification.objects.all().delete()
    Occasion.objects.filter(topic="office", data__has_key="unanswerable").update(state="waiting", due_at=timezone.now())
    closed(request, "cancelled")
    tell_all()
    assert told("office") == []
