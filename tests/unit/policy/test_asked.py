"""Whose turn it is, a batch at a time: exactly those who may decide."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvals.models import Absence, User, Vote
from approvals.policy import Viewer, acting_for, may_decide, people_asked, people_of_the_office, whose_turn
from tests.factories import absence, approval_request, person, policy

pytestmark = pytest.mark.django_db
NAMES = ["anna", "bo", "cora", "Rita", "dan"]
GROUPS = ["managers", "finance"]
names = st.lists(st.sampled_from([*NAMES, "nobody"]), unique=True, max_size=3)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    groups=st.lists(st.sampled_from([*GROUPS, "unknown"]), unique=True),
    users=names,
    excluded=names,
    requester=st.sampled_from([*NAMES, "rita"]),
    kind=st.sampled_from(["approval", "revision"]),
    most=st.integers(1, 4),
    away=st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda pair: pair[0] != pair[1]), max_size=2
    ),
)
def test_the_batches_hold_exactly_those_who_may_decide(
    *,
    people: None,
    groups: list[str],
    users: list[str],
    excluded: list[str],
    requester: str,
    kind: str,
    most: int,
    away: list[tuple[str, str]],
) -> None:
    Absence.objects.all().delete()
    for one, deputy in away:
        absence(one, deputy)
    terms = policy(*groups, users=tuple(users), exclude=tuple(excluded))
    request = approval_request(policy=terms, requester=requester, kind=kind)
    found: list[str] = []
    after: int | None = 0
    while after is not None:
        batch = people_asked(request, after, most)
        found += [one.username for one in batch.people]
        after = batch.reached
    able = [one for one in User.objects.all() if may_decide(Viewer.of(one), request)]
    assert sorted(found) == sorted(one.username for one in able)
    own = [one for one in able if acting_for(Viewer.of(one), request) is None]
    assert sorted(own, key=lambda one: one.pk) == list(whose_turn(request).order_by("pk"))


@pytest.fixture
def people(db: None) -> None:
    """Everybody in another set of groups."""
    for number, name in enumerate(NAMES):
        person(name, *(group for bit, group in enumerate(GROUPS) if number >> bit & 1))
    User.objects.filter(username="dan").update(is_active=False)


def test_who_has_voted_is_not_asked_again(people: None) -> None:
    request = approval_request(policy=policy("managers", required=2), requester="zoe")
    bo = User.objects.get(username="bo")
    Vote.objects.create(request=request, voter=bo, choice="approved", policy={}, shown_version=1, content_digest="")
    assert [one.username for one in people_asked(request).people] == ["Rita"]


def test_asking_costs_few_queries_for_those_who_are_barred(people: None, django_assert_max_num_queries: object) -> None:
    request = approval_request(policy=policy("managers", "finance", exclude=tuple(NAMES)))
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        assert people_asked(request).people == []


def test_the_office_is_the_admins(people: None) -> None:
    person("olaf", "admins")
    person("ivo", "auditors")
    person("sue", is_superuser=True)
    person("gone", "admins", is_active=False)
    assert [one.username for one in people_of_the_office().people] == ["olaf", "sue"]
