"""The mail server and the sender from the environment; a fault names the variable."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.environment import mail_address, mail_server


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("smtp://mail.example.com", {"host": "mail.example.com", "use_tls": False, "use_ssl": False, "timeout": 10}),
        ("smtp+tls://anna:s%40fe@mail.example.com:587", {"port": 587, "use_tls": True, "password": "s@fe"}),
        ("smtp+ssl://mail.example.com:465", {"port": 465, "use_ssl": True, "username": None}),
        ("filemail:////srv/mail", {"file_path": "/srv/mail"}),
    ],
)
def test_an_address_names_server_and_safety(
    monkeypatch: pytest.MonkeyPatch, url: str, options: dict[str, object]
) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    found = mail_server("EMAIL_URL")
    assert found is not None
    given = found["OPTIONS"]
    assert isinstance(given, dict)
    assert options.items() <= given.items()


def test_without_an_address_there_is_no_mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", " ")
    assert mail_server("EMAIL_URL") is None


@pytest.mark.parametrize("url", ["mail.example.com", "smtp://", "pigeon://roof"])
def test_an_address_that_cannot_be_read_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL cannot be read"):
        mail_server("EMAIL_URL")


@pytest.mark.parametrize("sender", ["nobody", "<anna>", "anna rita@example.com", "a@b\nBcc: c@d"])
def test_a_sender_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, sender: str) -> None:
    monkeypatch.setenv("DEFAULT_FROM_EMAIL", sender)
    with pytest.raises(ImproperlyConfigured, match="DEFAULT_FROM_EMAIL"):
        mail_address("DEFAULT_FROM_EMAIL", default="")
