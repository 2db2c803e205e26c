"""Until when those asked have time: the policy's own time and the workflow's, whichever of the two changes."""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from approvals.actions.close import close_request
from approvals.actions.deadlines import pass_due, show_anew
from approvals.actions.decide import Ballot, decide
from approvals.actions.errors import Refused
from approvals.actions.handover import add_approver
from approvals.aws.items import raw_item
from approvals.mirror.refresh import Refresher
from approvals.mirror.tables import REQUESTS
from approvals.models import ApprovalRequest, EffectivePolicy
from approvals.models.clock import utc_text
from approvals.models.pages import Order
from approvals.models.terms import AtDeadline, Needed
from tests.factories import approval_request, person, policy, viewer
from tests.policies import opened, policy_of, rule_for, step
from tests.portal_cloud import Item, request_item, settled, wire_item
from tests.unit.models.test_queue import undone

pytestmark = pytest.mark.django_db
FLOOR = policy("managers", "legal", exclude=("rita",))


@pytest.fixture(autouse=True)
def people() -> None:
    """Who works here."""
    for name in ("mia", "anna", "ben"):
        person(name, "managers")
    person("lea", "legal")
    person("rita")


def mirrored(item: Item) -> ApprovalRequest:
    """What a scan of the table makes of the item."""
    Refresher().by_pages(REQUESTS, [[raw_item(wire_item(item))]])
    if connection.vendor == "postgresql":
        # The test's own transaction keeps what each commit would empty.
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE incoming_{REQUESTS.stored_as}")
    return ApprovalRequest.objects.get(approval_id=item["approval_id"])


def hours(many: float) -> datetime:
    return timezone.now() + timedelta(hours=many)


def check(request: ApprovalRequest) -> None:
    """The row, the order and the filters of the queue go by the earlier of the two."""
    request.refresh_from_db()
    own = EffectivePolicy.objects.get(request=request).due_at
    last = min(own, request.expires_at) if own and request.is_pending else request.expires_at
    assert request.answer_by == last
    moment = timedelta(microseconds=1)
    others = [approval_request(expires_at=last + more, policy=FLOOR) for more in (-moment, moment)]
    listed = others[:1] + [request] * request.is_pending + others[1:]
    assert ApprovalRequest.objects.page(Order.DEADLINE).rows == listed
    assert set(ApprovalRequest.objects.due(last)) == set(listed[:-1])
    assert set(ApprovalRequest.objects.due(last, after=last - moment)) == set(listed[1:-1])
    ApprovalRequest.objects.filter(pk__in=[one.pk for one in others]).delete()


def in_turn(item: Item) -> Item:
    """Somebody whose turn it is answers."""
    request = ApprovalRequest.objects.get()
    for name in ("mia", "anna", "ben", "lea"):
        try:
            decide(viewer(name), request.approval_id, Ballot("approved", "", request.version, request.content_digest))
        except Refused:
            continue
        break
    return item


def time_is_over(item: Item) -> Item:
    """The worker finds that the time of the step is over."""
    EffectivePolicy.objects.filter(due_at__isnull=False).update(due_at=hours(-0.1))
    pass_due()
    return item


def one_more(item: Item) -> Item:
    """Somebody is asked as well."""
    with contextlib.suppress(Refused):
        add_approver(viewer("mia"), item["approval_id"], "ben", "Knows the supplier.")
    return item


def given_until(many: float) -> Callable[[Item], Item]:
    """The workflow's deadline changes."""

    def moved(item: Item) -> Item:
        changed = item | {"version": item["version"] + 1, "expires_at": utc_text(hours(many))}
        mirrored(changed)
        return changed

    return moved


def scanned_anew(item: Item) -> Item:
    """The mirror is made anew, as after a table was restored."""
    ApprovalRequest.objects.update(version=0)
    mirrored(item)
    return item


def withdrawn(item: Item) -> Item:
    """The requester takes it back."""
    with contextlib.suppress(Refused):
        close_request(viewer("rita"), item["approval_id"], "Not needed.")
    return item


def ended(item: Item) -> Item:
    """The workflow settles it."""
    changed = settled(item)
    mirrored(changed)
    return changed


EVENTS = [
    in_turn, time_is_over, one_more, given_until(1), given_until(3), given_until(300), scanned_anew, withdrawn, ended,
]  # fmt: skip
own_hours = st.sampled_from([None, 2, 5, 20, 1000])


@settings(max_examples=25, deadline=None)
@given(
    first=st.sampled_from([2, 5, 20, 1000]),
    second=own_hours,
    at_deadline=st.sampled_from([AtDeadline.REMIND, AtDeadline.ESCALATE, AtDeadline.EXPIRE]),
    escalate_hours=own_hours,
    events=st.lists(st.sampled_from(EVENTS), max_size=6),
)
@example(2, 5, AtDeadline.REMIND, None, [time_is_over])
@example(2, 5, AtDeadline.REMIND, None, [in_turn, in_turn, time_is_over])
@example(2, 5, AtDeadline.EXPIRE, None, [given_until(1), one_more, given_until(300), time_is_over])
@example(2, 5, AtDeadline.ESCALATE, 20, [time_is_over, scanned_anew, in_turn, time_is_over, ended])
@example(2, 5, AtDeadline.ESCALATE, None, [withdrawn, time_is_over, given_until(1)])
def test_whatever_happens_the_queue_goes_by_the_earlier_end(
    first: int,
    second: int | None,
    at_deadline: AtDeadline,
    escalate_hours: int | None,
    events: list[Callable[[Item], Item]],
) -> None:
    with undone():
        steps = step(users=("mia", "anna"), hours=first, needed=Needed.ALL), step(users=("ben",), hours=second)
        more: dict[str, Any] = {"escalate_groups": ("legal",), "escalate_hours": escalate_hours}
        terms = more if at_deadline == AtDeadline.ESCALATE else {}
        rule_for(policy_of(*steps, at_deadline=at_deadline, remind=(), **terms))
        item = request_item(policy=FLOOR)
        check(mirrored(item))
        for event in events:
            item = event(item)
            check(ApprovalRequest.objects.get(approval_id=item["approval_id"]))


def test_each_step_has_its_own_end_and_the_last_word_is_the_workflows() -> None:
    request = opened(
        step(users=("mia",), hours=2), step(users=("anna",), hours=30), step(users=("ben",)),
        request={"policy": FLOOR, "expires_at": hours(20)},
    )  # fmt: skip
    assert hours(1.9) < request.answer_by < hours(2)
    for name in ("mia", "anna"):
        decide(viewer(name), request.approval_id, Ballot("approved", "", request.version, request.content_digest))
        request.refresh_from_db()
        assert request.answer_by == request.expires_at


def test_an_escalation_has_its_own_end() -> None:
    request = opened(
        step(users=("mia",), hours=2), request={"policy": FLOOR, "expires_at": hours(90)},
        at_deadline=AtDeadline.ESCALATE, escalate_groups=("legal",), escalate_hours=7,
    )  # fmt: skip
    time_is_over({})
    request.refresh_from_db()
    assert hours(6.9) < request.answer_by < hours(7)
    time_is_over({})
    request.refresh_from_db()
    assert request.answer_by == request.expires_at


def test_the_workflows_deadline_may_move_before_the_steps_and_behind_it_again() -> None:
    rule_for(policy_of(step(users=("mia",), hours=2)))
    item = request_item(policy=FLOOR)
    own = mirrored(item).answer_by
    assert own < hours(2)
    item = given_until(1)(item)
    request = ApprovalRequest.objects.get()
    assert request.answer_by == request.expires_at < own
    given_until(300)(item)
    assert ApprovalRequest.objects.get().answer_by == own


@pytest.mark.parametrize("shown", [None, 5])
@pytest.mark.parametrize("due", [None, 3])
def test_a_reconcile_puts_right_what_a_portal_of_a_former_version_left(shown: float | None, due: float | None) -> None:
    request = opened(step(users=("mia",), hours=2), request={"policy": FLOOR})
    right = opened(step(users=("mia",), hours=2), request={"policy": FLOOR})
    ApprovalRequest.objects.filter(pk=request.pk).update(waits_until=shown and hours(shown))
    EffectivePolicy.objects.filter(request=request).update(due_at=due and hours(due))
    assert show_anew() == (0 if shown == due else 1)
    assert show_anew() == 0
    request.refresh_from_db()
    assert request.waits_until == EffectivePolicy.objects.get(request=request).due_at
    before = right.waits_until
    right.refresh_from_db()
    assert right.waits_until == before
