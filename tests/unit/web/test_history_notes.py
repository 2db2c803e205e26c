"""Notes of the history: the product's own sentences are read in one's language, everybody else's as they are."""

from typing import Any

import pytest

from approvals.models import Actor, ApprovalRequest, AuditEvent
from approvals.policy import Viewer
from approvals.policy.wording import title_called
from approvals.web.history import history_of
from tests.factories import approval_request, person
from tests.german import german

pytestmark = pytest.mark.django_db
NOW = "2026-11-21T08:00:00Z"


def noted(action: str, note: str, actor: str = "workflow") -> str:
    line = {"at": NOW, "actor": actor, "action": action, "note": note}
    return notes_of(approval_request(events=[line]))[0]


def notes_of(request: ApprovalRequest) -> list[str]:
    with german():
        return [line.note for line in history_of(request, Viewer.of(person("anna")))]


@pytest.mark.parametrize(
    ("action", "note", "shown"),
    [
        ("opened", "Asked managers, zoe.", "⟦Asked ⟦Managers⟧, zoe.⟧"),
        ("notified", "Notice to managers.", "⟦Notice to ⟦Managers⟧.⟧"),
        ("settled", "Changes_requested by anna.", "⟦⟦Sent back⟧ by Anna.⟧"),
        (
            "settled",
            "Approved by anna. The answer came with the callback.",
            "⟦⟦Approved⟧ by Anna.⟧ ⟦The answer came with the callback.⟧",
        ),
        ("escalated", "To directors as expense-1.manager.2.", "⟦To ⟦Directors⟧ as expense-1.manager.2.⟧"),
    ],
)
def test_what_the_workflow_noted_is_shown_in_the_readers_language(action: str, note: str, shown: str) -> None:
    assert noted(action, note) == shown


def test_a_deadline_that_passed_is_told_in_the_readers_zone_and_words() -> None:
    assert noted("settled", "Nobody answered by 21 November 2026, 08:00 UTC.").startswith("⟦Nobody answered by 21. ")


@pytest.mark.parametrize("note", ["Two thumbs up by anna and ben.", "Nobody answered by noon.", "", "Asked"])
def test_another_form_is_shown_as_it_is(note: str) -> None:
    assert noted("settled", note) == note
    assert noted("opened", note) == note


def test_what_a_person_wrote_is_never_taken_for_the_workflows() -> None:
    assert noted("opened", "Asked managers.", actor="zoe") == "Asked managers."


def test_policies_and_deliveries_are_noted_in_the_readers_language() -> None:
    request: Any = approval_request(events=[])
    for action, summary in (
        ("request.policy_fixed", "Two, version 3 (expense, CHF)"),
        ("delivery.written", "The decision stands in the request's item."),
    ):
        AuditEvent.objects.record(Actor("system:outbox"), action, request, summary)
    assert notes_of(request) == [
        "⟦Two, version 3 (⟦Expense⟧, CHF)⟧",
        "⟦The decision stands in the request's item.⟧",
    ]


def test_a_step_that_nobody_named_is_called_so_in_the_readers_language() -> None:
    with german():
        assert title_called("Step 2") == "⟦Step 2⟧"
        assert title_called("Step by step") == "Step by step"


@pytest.mark.parametrize(
    ("action", "note", "shown"),
    [
        ("opened", "Asked managers, priya.", "Asked managers, Priya Shah."),
        ("settled", "Approved by priya.", "Approved by Priya Shah."),
        ("escalated", "To zoe then priya as expense-1.manager.2.", "To zoe then Priya Shah as expense-1.manager.2."),
        ("decided", "approved for priya: Fine.", "Approved, for Priya Shah: Fine."),
    ],
)
def test_people_in_the_workflows_notes_are_called_by_their_full_names(action: str, note: str, shown: str) -> None:
    person("priya", first_name="Priya", last_name="Shah")
    line = {"at": NOW, "actor": "workflow", "action": action, "note": note}
    request = approval_request(events=[line])
    assert [line.note for line in history_of(request, Viewer.of(person("anna")))] == [shown]


@pytest.mark.parametrize(
    ("action", "summary", "data", "shown"),
    [
        ("request.reassigned", "to priya: y", {"to": "priya"}, "to Priya Shah: y"),
        ("request.released", "priya is no longer on it", {"holder": "priya"}, "Priya Shah is no longer on it"),
        ("request.nudged", "reminded priya, zoe", {"people": ["priya", "zoe"]}, "reminded Priya Shah, zoe"),
        ("request.step_escalated", "x", {"seats": ["user:priya"]}, "Also asked now: Priya Shah"),
    ],
)
def test_so_are_people_in_the_portals_own(action: str, summary: str, data: dict[str, Any], shown: str) -> None:
    person("priya", first_name="Priya", last_name="Shah")
    request = approval_request(events=[])
    AuditEvent.objects.record(Actor("anna"), action, request, summary, **data)
    assert [line.note for line in history_of(request, Viewer.of(person("anna")))] == [shown]
