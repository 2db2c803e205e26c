"""A workflow with wrong limits does not start; the message names the variable."""

from collections.abc import Iterator

import pytest

from hitl import MissingSettingError
from workflows.expense import limits

RIGHT = {
    "AUTO_APPROVE_LIMIT": "50",
    "FINANCE_LIMIT": "1000",
    "APPROVAL_TIMEOUT_SECONDS": "60",
    "MAX_TIMEOUT_SECONDS": "3600",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in RIGHT.items():
        monkeypatch.setenv(name, value)
    limits.cache_clear()
    yield
    limits.cache_clear()


def test_right_limits_are_read() -> None:
    assert (limits().auto_approve, limits().finance, limits().wait) == (50, 1000, 60)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUTO_APPROVE_LIMIT", ""),
        ("AUTO_APPROVE_LIMIT", "fifty"),
        ("AUTO_APPROVE_LIMIT", "Infinity"),
        ("FINANCE_LIMIT", "-1"),
        ("APPROVAL_TIMEOUT_SECONDS", "0"),
        ("APPROVAL_TIMEOUT_SECONDS", "3601"),
    ],
)
def test_wrong_limits_are_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(MissingSettingError, match=name):
        limits()
