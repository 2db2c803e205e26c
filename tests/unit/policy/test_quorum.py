"""When the answers of a step are enough, held to a model that tries every assignment."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from approvals.models.terms import Needed, Step
from approvals.policy.quorum import ESCALATION, is_met, missing, seats_filled

GROUPS = ("finance", "legal", "board")
SEATS = tuple(f"group:{name}" for name in GROUPS)
people = st.dictionaries(st.sampled_from(["ann", "ben", "cleo", "dan"]), st.frozensets(st.sampled_from(SEATS)))


def filled_by_trying(holders: dict[str, frozenset[str]]) -> int:
    """The most seats that any order of taking seats fills."""
    names, best = list(holders), 0
    for order in permutations([*SEATS, *[""] * len(names)], len(names)):
        best = max(best, sum(seat in holders[name] for name, seat in zip(names, order, strict=True)))
    return best


@given(holders=people)
def test_as_many_seats_are_filled_as_the_best_assignment_fills(holders: dict[str, frozenset[str]]) -> None:
    assert seats_filled(holders) == filled_by_trying(holders)


def test_a_person_counts_for_one_role_whoever_answered_first() -> None:
    step = Step("Both", groups=("finance", "legal"), needed=Needed.EACH)
    both, finance = frozenset({"group:finance", "group:legal"}), frozenset({"group:finance"})
    assert not is_met(step, {"ann": both}, set())
    assert is_met(step, {"ann": both, "ben": finance}, set())
    assert is_met(step, {"ben": finance, "ann": both}, set())
    assert not is_met(step, {"ben": finance, "cleo": finance}, set())


@given(
    needed=st.sampled_from(Needed), count=st.integers(1, 3), agreed=people, others=people, extra=st.sampled_from(SEATS)
)
def test_one_more_yes_never_undoes_a_step(
    needed: Needed, count: int, agreed: dict[str, frozenset[str]], others: dict[str, frozenset[str]], extra: str
) -> None:
    step = Step("Step", groups=GROUPS, needed=needed, count=count)
    able = {*agreed, *others}
    if is_met(step, agreed, able):
        assert is_met(step, {**agreed, "eva": frozenset({extra})}, able)


@given(needed=st.sampled_from(Needed), count=st.integers(1, 4), able=people)
def test_what_is_missing_is_what_keeps_everybody_together_from_passing(
    needed: Needed, count: int, able: dict[str, frozenset[str]]
) -> None:
    step = Step("Step", groups=GROUPS, needed=needed, count=count)
    assert (missing(step, {}, able) == 0) is is_met(step, able, able.keys())


def test_whoever_is_asked_because_time_is_over_answers_for_the_step() -> None:
    step = Step("All", groups=("finance",), needed=Needed.ALL)
    assert is_met(step, {"dora": frozenset({ESCALATION})}, {"ann", "ben"})
    assert not is_met(step, {"ann": frozenset({"group:finance"})}, {"ann", "ben"})
