"""Only an exact answer is an answer."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from hitl.verdict import InvalidAnswerError, Outcome, Terms, quote

TERMS = Terms(options=("approved", "rejected"), excluded=frozenset({"requester"}))
ANSWER = {
    "decision_id": "d-1",
    "decision": "approved",
    "comments": "",
    "decided_by": "ann",
    "decided_at": "2026-11-21T09:00:00+01:00",
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def sent(**changes: Any) -> Any:
    return TERMS.sent(json.dumps(ANSWER | changes))


def test_an_exact_answer_is_taken_and_its_time_is_utc() -> None:
    answer = sent()

    assert TERMS.outcome_of(answer) is Outcome.APPROVED
    assert answer.decided_at == "2026-11-21T08:00:00.000000Z"


@given(json_values)
def test_no_json_value_is_taken_for_an_answer_by_accident(value: Any) -> None:
    with pytest.raises(InvalidAnswerError):
        TERMS.sent(json.dumps(value))


@given(st.text())
def test_no_text_is_taken_for_an_answer_by_accident(text: str) -> None:
    with pytest.raises(InvalidAnswerError):
        TERMS.sent(text)


@given(st.text().filter(lambda text: text not in TERMS.options))
def test_no_other_word_decides(word: str) -> None:
    with pytest.raises(InvalidAnswerError):
        sent(decision=word)


@given(st.sampled_from(sorted(ANSWER)), json_values.filter(lambda value: not isinstance(value, str)))
def test_no_field_takes_another_type(name: str, value: Any) -> None:
    with pytest.raises(InvalidAnswerError):
        sent(**{name: value})


@given(st.sampled_from(sorted(ANSWER)))
def test_every_field_is_needed(name: str) -> None:
    with pytest.raises(InvalidAnswerError, match=name):
        TERMS.sent(json.dumps({key: value for key, value in ANSWER.items() if key != name}))


@given(json_values)
def test_nothing_recorded_by_accident_approves(value: Any) -> None:
    with pytest.raises(InvalidAnswerError):
        TERMS.recorded(value)


@given(st.text() | st.binary().map(repr))
def test_foreign_text_is_shown_escaped_and_short(text: str) -> None:
    shown = quote(text)

    assert shown.removesuffix("…").isascii()
    assert "\n" not in shown
    assert len(shown) <= 161


def test_a_recorded_answer_may_carry_votes_and_a_sent_one_may_not() -> None:
    assert TERMS.recorded(ANSWER | {"votes": [{"user": "ann"}]}).decision == "approved"
    with pytest.raises(InvalidAnswerError, match="votes"):
        sent(votes=[])


@pytest.mark.parametrize("word", ["withdrawn", "cancelled"])
def test_a_withdrawal_comes_by_item_or_failure_and_may_be_the_requesters(word: str) -> None:
    withdrawal = ANSWER | {"decision": word, "decided_by": "requester"}

    assert TERMS.outcome_of(TERMS.recorded(withdrawal)) is Outcome.CANCELLED
    assert TERMS.outcome_of(TERMS.withdrawal(json.dumps(withdrawal))) is Outcome.CANCELLED
    with pytest.raises(InvalidAnswerError):
        TERMS.sent(json.dumps(withdrawal))


@pytest.mark.parametrize("word", ["approved", "rejected"])
def test_a_failure_can_say_nothing_but_a_withdrawal(word: str) -> None:
    with pytest.raises(InvalidAnswerError):
        TERMS.withdrawal(json.dumps(ANSWER | {"decision": word}))


@pytest.mark.parametrize("spelled", ["requester", "REQUESTER", "requester ", "re\N{ZERO WIDTH SPACE}quester"])
def test_who_is_excluded_decides_neither_way(spelled: str) -> None:
    for word in TERMS.options:
        with pytest.raises(InvalidAnswerError, match="may not decide"):
            sent(decision=word, decided_by=spelled)


def test_numbers_of_an_answer_are_the_same_from_item_and_callback() -> None:
    by_callback = TERMS.sent(json.dumps(ANSWER | {"response": {"n": [1, 2.5, True]}}))
    by_item = TERMS.recorded(ANSWER | {"response": {"n": [Decimal(1), Decimal("2.5"), True]}})

    assert by_callback.response == by_item.response == {"n": [1, Decimal("2.5"), True]}


def test_a_comment_cannot_be_a_book() -> None:
    with pytest.raises(InvalidAnswerError, match="comments"):
        sent(comments="x" * 20_001)


def test_a_structured_answer_may_be_left_out_only_where_nothing_in_it_is_needed() -> None:
    class Optional(BaseModel):
        amount: int | None = None

    class Needed(BaseModel):
        amount: int

    without = json.dumps(ANSWER)
    assert Terms(options=("approved", "rejected"), response_model=Optional).sent(without).response is None
    with pytest.raises(InvalidAnswerError, match="lacks its response"):
        Terms(options=("approved", "rejected"), response_model=Needed).sent(without)


def test_a_vote_that_a_deputy_gave_for_somebody_counts_as_one_of_whoever_gave_it() -> None:
    """The portal writes ``for`` beside ``by`` in a vote; who acted is who is counted and barred."""
    terms = Terms(("approved", "rejected"), required=2)
    votes = [{"by": "ben", "for": "anna", "decision": "approved"}, {"by": "adam", "decision": "approved"}]
    decision = {
        "decision_id": "d1", "decision": "approved", "comments": "", "decided_by": "adam",
        "decided_at": "2026-11-21T12:00:00.000Z", "votes": votes,
    }  # fmt: skip
    assert terms.recorded(decision).decided_by == "adam"
    barred = Terms(("approved", "rejected"), excluded=frozenset({"ben"}), required=2)
    with pytest.raises(InvalidAnswerError, match="2 people who agreed"):
        barred.recorded(decision)
