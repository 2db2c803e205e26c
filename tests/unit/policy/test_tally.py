"""When votes settle a request."""

from hypothesis import given
from hypothesis import strategies as st

from approvals.policy import tally

CHOICES = st.sampled_from(["approved", "rejected", "needs_changes"])


def test_nothing_is_settled_without_votes() -> None:
    assert tally(1, [], "approved") is None


@given(required=st.integers(1, 5), choices=st.lists(CHOICES, max_size=8))
def test_it_passes_only_with_enough_approvals_and_no_objection(required: int, choices: list[str]) -> None:
    objections = [choice for choice in choices if choice != "approved"]
    settled = tally(required, choices, "approved")
    if objections:
        assert settled == objections[0]
    else:
        assert settled == ("approved" if len(choices) >= required else None)


def test_the_first_option_of_a_request_is_its_yes_whatever_it_is_called() -> None:
    assert tally(2, ["publish"], "publish") is None
    assert tally(2, ["publish", "publish"], "publish") == "publish"
    assert tally(2, ["approved"], "publish") == "approved"
