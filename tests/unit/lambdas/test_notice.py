"""The notice for people: readable, harmless, and without the callback id."""

from decimal import Decimal
from typing import Any

import pytest

from hitl import MissingSettingError, settings
from hitl.notify import notice


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "APPROVALS_TABLE_NAME": "a",
        "RUNS_TABLE_NAME": "r",
        "NOTIFICATIONS_TOPIC_ARN": "arn:topic",
        "PORTAL_URL": "https://portal.example/",
    }.items():
        monkeypatch.setenv(name, value)
    settings.settings.cache_clear()


def item(**changes: Any) -> dict[str, Any]:
    return {
        "approval_id": "expense-7k3m9q.manager",
        "callback_id": "bearer-secret",
        "workflow": "expense",
        "stage": "manager",
        "requester": "requester",
        "title": "Customer visit",
        "summary": "Train and hotel",
        "amount": Decimal("120.50"),
        "currency": "EUR",
        "expires_at": "2026-11-24T08:00:00Z",
    } | changes


def test_a_notice_links_to_the_request_and_can_be_filtered() -> None:
    sent = notice(item())

    assert "https://portal.example/requests/expense-7k3m9q.manager/\n" in sent["Message"]
    assert "Amount: 120.50 EUR\nAnswer by: 24 November 2026, 08:00 UTC\n" in sent["Message"]
    assert {name: value["StringValue"] for name, value in sent["MessageAttributes"].items()} == {
        "workflow": "expense",
        "stage": "manager",
        "approval_id": "expense-7k3m9q.manager",
        "requester": "requester",
    }


def test_a_notice_never_carries_the_callback_id() -> None:
    assert "bearer-secret" not in repr(notice(item()))


def test_a_subject_is_one_short_ascii_line() -> None:
    subject = notice(item(title="Déjeuner\r\nBcc: all\u202e " + "x" * 200))["Subject"]

    assert subject.startswith("Approval needed: Dejeuner Bcc: all x")
    assert subject.isascii()
    assert subject.isprintable()
    assert len(subject) < 100


def test_direction_marks_cannot_turn_the_text_round() -> None:
    assert "\u202e" not in notice(item(summary="pay \u202e5.00"))["Message"]


def test_without_amount_or_requester_neither_is_mentioned() -> None:
    sent = notice({key: value for key, value in item(requester="", summary="").items() if key != "amount"})

    assert "From:" not in sent["Message"]
    assert "Amount:" not in sent["Message"]
    assert "requester" not in sent["MessageAttributes"]


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNS_TABLE_NAME")
    settings.settings.cache_clear()

    with pytest.raises(MissingSettingError, match="RUNS_TABLE_NAME"):
        settings.settings()
    settings.settings.cache_clear()
