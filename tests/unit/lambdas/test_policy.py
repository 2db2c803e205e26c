"""A policy under which nobody could answer is refused where it is written."""

from typing import Any

import pytest

from hitl import Policy, PolicyError


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"groups": "managers"},
        {"groups": ("",)},
        {"groups": (7,)},
        {"groups": ("managers",), "required": 0},
        {"groups": ("managers",), "required": True},
        {"users": ("ann",), "required": 2},
        {"users": ("ann",), "exclude": ("ann",)},
    ],
)
def test_a_policy_that_nobody_could_fulfil_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(PolicyError):
        Policy(**wrong)


def test_excluding_adds_names_once_and_passes_over_nobody() -> None:
    assert Policy(groups=("managers",), exclude=("ann",)).excluding("bob", None, "", "ann").exclude == ("ann", "bob")


def test_a_policy_as_the_portal_reads_it() -> None:
    directors, board = Policy(groups=("directors",)), Policy(groups=("board",))

    assert Policy(groups=("managers",), users=("ann",), required=2).as_item((directors, board)) == {
        "groups": ["managers"],
        "users": ["ann"],
        "required": 2,
        "exclude": [],
        "escalates_to": "directors then board",
    }
    assert "escalates_to" not in directors.as_item()
