"""Many at once from the command line: what the pages show, one fault in nobody's way, an exit code that tells."""

import io
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from approvals.actions import bulk as bulk_action
from approvals.actions.decide import Ballot, decide
from approvals.management.cli.shown import mark_of
from approvals.models import ApprovalRequest, AuditEvent, Decision, Vote
from tests.factories import approval_request, person, policy, viewer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _anna_is_a_manager() -> None:
    person("anna", "managers")


def run(*words: str) -> tuple[int, str, str]:
    """The exit code, what was printed, and what the last line on standard error says."""
    out = io.StringIO()
    try:
        call_command("approvals", "bulk", *words, "--as", "anna", stdout=out, stderr=io.StringIO())
    except CommandError as fault:
        return fault.returncode, out.getvalue(), str(fault)
    return 0, out.getvalue(), ""


def data(*words: str) -> tuple[int, Any]:
    code, out, _ = run(*words, "--json")
    return code, json.loads(out)


def marked(*requests: ApprovalRequest) -> list[str]:
    return [f"{one.approval_id}={mark_of(one)}" for one in requests]


def test_those_named_are_answered_each_by_itself() -> None:
    requests = [approval_request() for _ in range(3)]
    code, told = data("approve", *marked(*requests), "--reason", "Within the rules.")
    assert code == 0
    assert [one["state"] for one in told["outcomes"]] == ["settled"] * 3
    assert set(Decision.objects.values_list("choice", "comments", "decided_by__username")) == {
        ("approved", "Within the rules.", "anna")
    }
    line = AuditEvent.objects.get(action="bulk.decided")
    assert (line.summary, line.data["origin"]) == ("approved: 3 of 3", "cli")


def test_one_that_cannot_be_answered_stops_no_other_and_says_why() -> None:
    fine, own, form = (
        approval_request(),
        approval_request(requester="anna"),
        approval_request(options=["publish", "no"]),
    )
    foreign = approval_request(policy=policy("finance"))
    named = [*marked(own, form), f"{foreign.approval_id}=0", "expense-none.manager", *marked(fine)]
    code, told = data("approve", *named)
    assert code == 6
    assert [one["state"] for one in told["outcomes"]] == ["refused"] * 4 + ["settled"]
    said = [one["why"] for one in told["outcomes"]]
    assert "somebody else must decide" in said[0]
    assert "other answers" in said[1]
    assert "There is no request" in said[2]
    assert "There is no request" in said[3]
    assert Decision.objects.get().request == fine


def test_a_fault_of_the_database_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = approval_request(), approval_request()

    def broken(who: Any, approval_id: str, ballot: Any) -> Any:
        if approval_id == first.approval_id:
            raise DatabaseError("away")
        return decide(who, approval_id, ballot)

    monkeypatch.setattr(bulk_action, "decide", broken)
    code, told = data("approve", *marked(first, second))
    assert (code, [one["state"] for one in told["outcomes"]]) == (6, ["refused", "settled"])


def test_when_none_can_be_answered_the_exit_code_says_so() -> None:
    taken = approval_request()
    decide(viewer("ben", "managers"), taken.approval_id, Ballot("approved", "", 1, taken.content_digest))
    code, out, said = run("approve", *marked(taken))
    assert (code, said) == (7, "0 of 1 were answered.")
    assert "A decision is" in " ".join(out.split())


def test_nobody_answers_what_they_did_not_see() -> None:
    unseen, changed, seen = approval_request(), approval_request(), approval_request()
    code, told = data("approve", unseen.approval_id, f"{changed.approval_id}={'0' * 12}", *marked(seen))
    assert code == 6
    assert [one["why"][:10] for one in told["outcomes"]] == ["Look first", "It is not ", ""]
    assert Vote.objects.count() == 1


def test_a_dry_run_lists_and_answers_nothing_and_its_list_is_answered_later(tmp_path: Path) -> None:
    requests = [approval_request() for _ in range(3)]
    own = approval_request(requester="anna")
    code, out, said = run("reject", "--all-that-match", "--dry-run", "--json")
    listed = json.loads(out)["requests"]
    assert {one["approval_id"] for one in listed if one["state"] == "ready"} == {one.approval_id for one in requests}
    assert (code, said, Vote.objects.count()) == (0, "", 0)
    # Meanwhile one changes, and one is answered by somebody else.
    ApprovalRequest.objects.filter(pk=requests[0].pk).update(content_digest="f" * 64)
    decide(viewer("ben", "managers"), requests[1].approval_id, Ballot("approved", "", 1, requests[1].content_digest))
    file = tmp_path / "list.json"
    file.write_text(out)
    assert run("reject", "--from", str(file))[::2] == (5, "Say why, so that the requesters know what to do next.")
    code, told = data("reject", "--from", str(file), "--reason", "Not this year.")
    states = {one["approval_id"]: one["state"] for one in told["outcomes"]}
    assert code == 6
    assert states == {
        requests[0].approval_id: "refused", requests[1].approval_id: "refused", requests[2].approval_id: "settled",
    }  # fmt: skip
    assert own.approval_id not in states


def test_the_sum_of_each_currency_is_printed() -> None:
    large, small = approval_request(amount=Decimal(3410)), approval_request(amount=Decimal(120), currency="USD")
    bare, own = approval_request(amount=None, currency=""), approval_request(requester="anna")
    words = ("approve", *marked(large, small, bare, own))
    _, out, _ = run(*words, "--dry-run")
    assert "You approve 3 requests: 3,410.00 EUR and 120.00 USD. 1 of them names no amount." in out
    expected = {"requests": 3, "amounts": {"EUR": "3410", "USD": "120"}, "without_amount": 1}
    assert data(*words, "--dry-run")[1]["totals"] == expected
    assert data(*words)[1]["totals"] == expected


def test_the_filters_are_those_of_the_queue() -> None:
    large, small = approval_request(amount=Decimal(900)), approval_request(amount=Decimal(20))
    approval_request(amount=Decimal(950), currency="USD", workflow="loan", stage="officer")
    words = ("approve", "--all-that-match", "--dry-run", "--least", "100", "--currency", "eur", "--workflow", "expense")
    code, told = data(*words)
    assert (code, [one["approval_id"] for one in told["requests"]]) == (0, [large.approval_id])
    assert small.approval_id not in str(told)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--all-that-match", "--least", "much", "--dry-run"), 5, "--least: Enter a number"),
        (("--all-that-match", "--workflow", "lunch", "--dry-run"), 5, "--workflow: "),
        (("--all-that-match",), 2, "Look first"),
        ((), 2, "Name requests"),
        (("expense-a.manager", "--all-that-match"), 2, "Name requests"),
        (("--from", "none.json"), 5, "cannot be read"),
        (tuple(f"expense-{number}.manager" for number in range(201)), 5, "At most 200 at a go"),
    ],
)
def test_what_is_not_clear_answers_nothing(words: tuple[str, ...], code: int, said: str) -> None:
    approval_request()
    told = run("approve", *words)
    assert told[0] == code
    assert said in told[2]
    assert not Vote.objects.exists()


def test_a_list_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "list.json"
    file.write_text('{"requests": "all"}')
    assert run("approve", "--from", str(file))[::2] == (5, f"{file} is not what --dry-run --json prints.")


def test_a_repeat_with_its_token_answers_nothing_twice() -> None:
    request = approval_request()
    words = ("approve", *marked(request), "--token", "0b9a3a54-5b6a-4a0e-8d39-6c1d51a1f0a7")
    assert data(*words) == data(*words)
    assert Vote.objects.count() == 1


@pytest.mark.parametrize(("typed", "answered"), [("y", 2), ("n", 0), ("", 0)])
def test_at_a_terminal_the_list_is_shown_and_asked_about(
    monkeypatch: pytest.MonkeyPatch, typed: str, answered: int
) -> None:
    first, _ = approval_request(title="Train \x1b[2J"), approval_request()
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: typed)
    code, out, _ = run("approve", "--all-that-match")
    assert (code, Vote.objects.count()) == (0 if answered else 1, answered)
    assert mark_of(first) in out.replace("\n", "")
    assert "\x1b" not in out
