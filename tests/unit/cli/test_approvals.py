"""`manage.py approvals`: the same policy and actions as the pages, for terminals and scripts."""

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from approvals.management.cli.shown import mark_of
from approvals.models import AuditEvent, Decision, Delivery, EffectivePolicy, Submission, Vote
from approvals.models.terms import Needed, Step
from tests.factories import approval_request, person, policy
from tests.policies import opened, step

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("approvals", *words, stdout=out)
    return out.getvalue()


def data(*words: str) -> Any:
    return json.loads(run(*words, "--json"))


def refused(code: int, *words: str) -> str:
    with pytest.raises(CommandError) as fault:
        run(*words)
    assert fault.value.returncode == code
    return str(fault.value)


@pytest.fixture(autouse=True)
def _anna_is_a_manager() -> None:
    person("anna", "managers")


def test_the_list_shows_what_waits_for_the_person_and_nothing_else() -> None:
    mine, others = approval_request(), approval_request(policy=policy("finance"))
    assert [row["approval_id"] for row in data("list", "--as", "anna")] == [mine.approval_id]
    table = run("list", "--as", "anna")
    assert "240.50 EUR" in table
    assert others.approval_id not in table


def test_a_long_title_is_cut_in_the_list_and_whole_where_it_is_shown() -> None:
    request = approval_request(title="Conference " * 18)
    table = run("list", "--as", "anna")
    assert table.count("Conference") == 7
    assert "…" in table
    assert run("show", request.approval_id, "--as", "anna").count("Conference") == 18


def test_all_shows_answered_ones_too_and_a_status_narrows_it() -> None:
    open_one, done = approval_request(), approval_request(status="approved")
    ids = {row["approval_id"] for row in data("list", "--as", "anna", "--all")}
    assert ids == {open_one.approval_id, done.approval_id}
    assert [row["approval_id"] for row in data("list", "--as", "anna", "--status", "approved")] == [done.approval_id]


def test_a_request_of_others_is_not_found_and_the_look_is_on_the_record() -> None:
    request = approval_request(policy=policy("finance"))
    assert "no request" in refused(4, "show", request.approval_id, "--as", "anna")
    event = AuditEvent.objects.get(action="request.view_refused")
    assert (event.actor, event.data["origin"]) == ("anna", "cli")


def test_an_approval_is_recorded_as_the_persons_own_from_the_command_line() -> None:
    request = approval_request()
    seen = data("show", request.approval_id, "--as", "anna")["seen"]
    assert data("approve", request.approval_id, "--as", "anna", "--seen", seen)["settled"] is True
    assert (Decision.objects.get().choice, Decision.objects.get().decided_by.username) == ("approved", "anna")
    assert Delivery.objects.count() == 1
    assert {event.data.get("origin") for event in AuditEvent.objects.about(request)} == {"cli"}


def test_nobody_answers_what_they_did_not_see() -> None:
    request = approval_request()
    assert "Look first" in refused(2, "approve", request.approval_id, "--as", "anna")
    assert "Look again" in refused(5, "approve", request.approval_id, "--as", "anna", "--seen", "0" * 12)
    assert "Look again" in refused(5, "approve", request.approval_id, "--as", "anna", "--seen", mark_of(request)[:1])
    assert not Vote.objects.exists()


def test_the_policy_refuses_here_as_on_the_pages() -> None:
    request = approval_request(requester="anna")
    why = refused(3, "approve", request.approval_id, "--as", "anna", "--seen", mark_of(request))
    assert "somebody else must decide" in why
    assert AuditEvent.objects.get(action="request.vote_refused").data["origin"] == "cli"


def test_a_rejection_needs_a_reason_and_means_the_one_other_option() -> None:
    request = approval_request(options=["publish", "remove"])
    words = ("reject", request.approval_id, "--as", "anna", "--seen", mark_of(request))
    assert "Say why" in refused(5, *words)
    assert data(*words, "--reason", "Spam.")["answer"] == "remove"


def test_of_several_objections_one_must_be_named() -> None:
    request = approval_request(options=["retry", "done_by_hand", "waive"])
    words = ("reject", request.approval_id, "--as", "anna", "--seen", mark_of(request), "--reason", "Called them.")
    assert "done_by_hand, waive" in refused(5, *words)
    assert data(*words, "--answer", "waive")["answer"] == "waive"


def test_the_requester_withdraws_and_others_do_not() -> None:
    person("rita")
    request = approval_request()
    refused(3, "withdraw", request.approval_id, "--as", "anna")
    assert data("withdraw", request.approval_id, "--as", "rita")["closed"] == "withdrawn"


def test_a_start_submits_as_the_person_and_a_repeat_with_its_token_is_the_same(tmp_path: Path) -> None:
    file = tmp_path / "input.json"
    file.write_text(json.dumps({"description": "Train", "currency": "EUR", "lines": []}))
    words = ("start", "expense", "--as", "anna", "--input", str(file))
    words = (*words, "--token", "0b9a3a54-5b6a-4a0e-8d39-6c1d51a1f0a7")
    first, second = data(*words), data(*words)
    assert first == second
    payload = json.loads(Delivery.objects.get().payload)
    assert (payload["submitted_by"], payload["expense_id"]) == ("anna", first["ref"])
    assert Submission.objects.get().run_name == first["run_name"]
    assert run("withdraw", first["ref"], "--as", "anna").strip() == f"{first['ref']}: withdrawn."


@pytest.mark.parametrize(
    ("content", "code", "sentence"),
    [
        ("[]", 5, "JSON object"),
        ("{", 5, "not JSON"),
        ('{"submitted_by": "rita"}', 3, "somebody else"),
        ('{"expense_id": "EXP-1"}', 5, "Leave out"),
    ],
)
def test_a_wrong_input_starts_nothing(tmp_path: Path, content: str, code: int, sentence: str) -> None:
    file = tmp_path / "input.json"
    file.write_text(content)
    assert sentence in refused(code, "start", "expense", "--as", "anna", "--input", str(file))
    assert not Submission.objects.exists()


def test_unknown_people_workflows_and_files_are_named() -> None:
    assert "nobody" in refused(4, "list", "--as", "nobody")
    assert "expense" in refused(5, "start", "lunch", "--as", "anna", "--input", "none.json")
    assert "cannot be read" in refused(5, "start", "expense", "--as", "anna", "--input", "none.json")


def test_somebody_who_left_does_nothing() -> None:
    person("old", is_active=False)
    assert "not active" in refused(3, "list", "--as", "old")


def test_foreign_text_cannot_steer_the_terminal() -> None:
    request = approval_request(title="Train [bold]\x1b[2J\u202e", summary="\x1b]0;owned\x07")
    for page in (run("list", "--as", "anna"), run("show", request.approval_id, "--as", "anna")):
        assert "\x1b" not in page
        assert "\u202e" not in page
    assert "[bold]" in run("list", "--as", "anna")


def test_explain_says_check_by_check_why_somebody_may_not() -> None:
    person("fay", "finance")
    request = opened(step("managers"), step("finance"), request={"policy": policy("managers", "finance")}, name="Two")
    told = data("explain", request.approval_id, "--as", "fay")
    assert (told["may_decide"], told["refined_by"]["version"]) == (False, 1)
    assert [check["code"] for check in told["checks"] if not check["passed"]] == ["not_yet"]
    table = run("explain", request.approval_id, "--as", "fay")
    assert table.startswith(f"fay may not decide {request.approval_id}: Your turn comes later")
    assert "It is their turn: step 1 of 2" in table
    assert "There is no request" in refused(4, "explain", "expense-none.manager", "--as", "fay")


def test_show_names_the_policy_and_an_answer_moves_its_steps() -> None:
    person("fay", "finance")
    request = opened(step("managers"), step("finance"), request={"policy": policy("managers", "finance")}, name="Two")
    seen = data("show", request.approval_id, "--as", "anna")["seen"]
    assert data("show", request.approval_id, "--as", "anna")["refined_by"]["step"] == 1
    assert data("approve", request.approval_id, "--as", "anna", "--seen", seen)["settled"] is False
    assert [row["approval_id"] for row in data("list", "--as", "fay")] == [request.approval_id]
    assert data("approve", request.approval_id, "--as", "fay", "--seen", seen)["settled"] is True


def test_a_request_is_shown_as_a_person_reads_it() -> None:
    details = {"lines": [{"description": "Flight", "amount": "263.1"}], "note": ""}
    request = approval_request(details=details, amount=Decimal("263.1"), currency="EUR")
    shown = run("show", request.approval_id, "--as", "anna")
    assert "263.10 EUR" in shown
    assert "description: Flight" in shown
    assert "managers; 1 needed" in shown
    assert f"--seen {mark_of(request)}" in shown
    assert "note" not in shown


def test_show_tells_what_a_decider_is_shown_of_a_policy() -> None:
    for name in ("fay", "ben"):
        person(name, "finance")
    both = Step("Money", ("finance",), needed=Needed.ALL, hours=1)
    request = opened(both, request={"policy": policy("managers", "finance", required=2)}, name="Two")
    seen = data("show", request.approval_id, "--as", "fay")["seen"]
    run("approve", request.approval_id, "--as", "fay", "--seen", seen)
    run("claim", request.approval_id, "--as", "ben", "--reason", "Reading the lines.")
    shown = " ".join(run("show", request.approval_id, "--as", "ben").split())
    due = EffectivePolicy.objects.get(request=request).due_at
    assert due
    assert f"{due:%Y-%m-%d %H:%M} UTC, the policy's; the workflow itself waits until" in shown
    assert "Two, version 1" in shown
    assert "step 1 of 1, Money: the group finance; all of them must agree" in shown
    assert "the workflow asks managers, finance; 2 needed" in shown
    assert "Fay: approved" in shown
    assert "Ben is on it until" in shown
    assert "Reading the lines." in shown
    told = data("show", request.approval_id, "--as", "ben")
    assert [(one["username"], one["choice"]) for one in told["answers"]] == [("fay", "approved")]
    assert told["claim"]["holder"] == "ben"
    assert told["answer_by"] < told["expires_at"]
    assert f"{due:%Y-%m-%d %H:%M}" in run("list", "--as", "ben")


def test_the_list_calls_an_outcome_by_its_own_word() -> None:
    options = ["approved", "rejected", "changes_requested"]
    approval_request(status="rejected", options=options, decision={"decision": "changes_requested"})
    approval_request(status="approved", options=["revised"], decision={"decision": "revised"})
    approval_request()
    table = run("list", "--as", "anna", "--all")
    for word in ("sent back", "revised", "pending"):
        assert word in table
    assert "rejected" not in table
    assert "approved" not in table


def test_an_empty_list_says_what_there_is_nothing_of() -> None:
    person("new")
    assert "Nothing waits for new." in run("list", "--as", "new")
    assert "new sees no such request." in run("list", "--as", "new", "--status", "error")


def test_claim_and_release() -> None:
    request = approval_request()
    assert data("claim", request.approval_id, "--as", "anna", "--reason", "Asking")["until"].endswith("Z")
    person("ben", "managers")
    assert "Anna is on it already" in refused(3, "claim", request.approval_id, "--as", "ben")
    assert "nobody is on it" in run("release", request.approval_id, "--as", "anna")


def test_reassign_and_add() -> None:
    person("ben", "managers")
    person("cleo", "managers")
    request = approval_request()
    assert data("reassign", request.approval_id, "--as", "anna", "--to", "ben", "--reason", "He knows.")["to"] == "ben"
    assert "is asked as well" in run("add", request.approval_id, "--as", "ben", "--to", "cleo", "--reason", "She pays.")
    assert "Say why" in refused(5, "add", request.approval_id, "--as", "ben", "--to", "anna", "--reason", " ")


def test_the_requester_reminds_from_here_too_and_is_refused_for_the_same_reasons() -> None:
    person("rita")
    request = approval_request()
    assert data("remind", request.approval_id, "--as", "rita")["approval_id"] == request.approval_id
    assert AuditEvent.objects.get(action="request.nudged").data["origin"] == "cli"
    stuck = approval_request(policy=policy("finance"))
    assert "A reminder changes nothing" in refused(3, "remind", stuck.approval_id, "--as", "rita")
