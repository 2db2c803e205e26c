"""Nothing that could answer for anybody, and no personal number, gets from a history into the database."""

import json
import string
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.timeline.history import story_of
from approvals.timeline.redact import HIDDEN, Redactor
from approvals.timeline.story import to_json
from tests.unit.timeline.histories import error, event, events_of, result

CALLBACK_IDS = st.text(string.ascii_letters + string.digits + "+/", min_size=12, max_size=400).map(
    lambda text: text + "=="
)
WORDS = st.text(string.ascii_letters + " :,.{}[]\"'\\-", max_size=60)


def stored(*events: Any) -> str:
    return json.dumps(to_json(story_of(events)))


@given(CALLBACK_IDS, WORDS, WORDS)
def test_no_callback_id_passes_wherever_the_history_repeats_it(callback_id: str, before: str, after: str) -> None:
    text = f"{before}{callback_id}{after}"
    retry = {"NextAttemptDelaySeconds": 1}
    nested = {"note": text, callback_id: [text, {"deep": json.dumps({"x": text})}]}
    told = stored(
        event("CallbackStarted", 1, "c", f"wait {callback_id}", CallbackId=callback_id),
        event("StepStarted", 2, "a", text),
        event("StepFailed", 3, "a", text, Error=error(text, f"lib.{callback_id}"), RetryDetails=retry),
        event("StepStarted", 4, "a", text),
        event("StepSucceeded", 5, "a", text, Result=result(text)),
        event("StepStarted", 5, "b"),
        event("StepSucceeded", 6, "b", Result=result(nested)),
        event("ChainedInvokeStarted", 6, "i", FunctionName=f"f-{callback_id}"),
        event("ChainedInvokeFailed", 7, "i", Error=error(quote(text, safe=""))),
        event("ExecutionFailed", 8, Error=error(text)),
    )  # fmt: skip
    for shape in (callback_id, callback_id.rstrip("="), quote(callback_id, safe=""), callback_id.replace("/", "\\/")):
        assert shape not in told


@pytest.mark.parametrize("name", ["expense", "expense_open", "loan", "trip_undone"])
def test_no_callback_id_of_a_recorded_run_passes(name: str) -> None:
    ids = [one["CallbackStartedDetails"]["CallbackId"] for one in events_of(name) if "CallbackStartedDetails" in one]
    told = stored(*events_of(name))
    assert ids
    assert not [one for one in ids if one in told]


def test_a_callback_id_of_another_run_is_taken_for_what_it_looks_like() -> None:
    told = Redactor().text(
        "sent with eyJhcm4iOiIyZTk4N2Q0My05NjUzLTRlYTUtOWE1MS04YzMzMzU5MmI1NzkvOGEzMWU0ZTM= today", 400
    )
    assert told == f"sent with {HIDDEN} today"


def test_the_input_of_a_run_and_of_the_functions_it_calls_is_not_kept_at_all() -> None:
    told = stored(*events_of("loan"))
    assert "ssn_last4" not in told
    assert "annual_income" not in told
    assert 'Ada Obi\\", \\"from' not in stored(*events_of("trip_undone"))


@pytest.mark.parametrize(
    "key",
    ["ssn_last4", "SSN", "callback_id", "CallbackId", "api-key", "accessToken", "password", "phone", "address", "pin"],
)
def test_values_under_telling_names_are_hidden_at_any_depth(key: str) -> None:
    shown = Redactor().payload(
        json.dumps({"ok": 1, "list": [{"inner": {key: "9876"}}], "nested": json.dumps({key: "9876"})}), 500
    )
    assert "9876" not in shown
    assert '"ok": 1' in shown
    assert "9876" not in Redactor().text(f'refused: {key}=9876, {key!r}: \'9876\' and "{key}": "9876"', 500)


@pytest.mark.parametrize(
    "text",
    [
        "flight-240cce7d133442579f345ab20991abb4 reserved",
        "Approved by anna.",
        "arn:aws:lambda:us-east-1:000000000000:function:expense:1/durable-execution/expense-abc1234/0001",
        "key=value at 10:30, total: 240.50 EUR",
    ],
)
def test_ordinary_words_ids_and_amounts_stay(text: str) -> None:
    assert Redactor().text(text, 400) == text


def test_a_secret_at_the_edge_of_what_is_kept_is_not_cut_in_two() -> None:
    redactor = Redactor()
    redactor.learn("SECRETSECRETSECRET")
    assert "SECRET" not in redactor.text("x" * 90 + " SECRETSECRETSECRET", 100)


def test_an_id_with_unprintable_marks_in_it_is_known_all_the_same() -> None:
    redactor = Redactor()
    redactor.learn("SECRETSECRETSECRET")
    assert redactor.text("SECRET\x00SECRET\x07SECRET", 100) == HIDDEN


def test_long_results_are_shortened() -> None:
    assert len(Redactor().payload(json.dumps(["word "] * 10_000), 500)) == 500
