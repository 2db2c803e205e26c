"""MAIL_URL: what a server's address becomes, and what is said of one that cannot be read."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.filebased import EmailBackend as Folder
from django.core.mail.backends.smtp import EmailBackend as Server
from django.core.mail.handler import MailersHandler
from django.test import override_settings

from portal.environment import mailers


def backend(url: str) -> object:
    with override_settings(MAILERS=mailers(url)):
        return MailersHandler()["default"]


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl", "password"),
    [
        ("smtp+tls://user:p%40ss@mail.example.com:2525", 2525, True, False, "p@ss"),
        ("smtp+tls://mail.example.com", 587, True, False, None),
        ("smtp+ssl://user:pw@mail.example.com", 465, False, True, "pw"),
        ("smtp://mail.example.com", 25, False, False, None),
    ],
)
def test_a_server_is_reached_as_its_address_says(
    url: str, port: int, tls: bool, ssl: bool, password: str | None
) -> None:
    server = backend(url)
    assert isinstance(server, Server)
    assert (server.host, server.port, server.use_tls, server.use_ssl, server.password) == (
        "mail.example.com", port, tls, ssl, password,
    )  # fmt: skip
    assert server.timeout == 20


def test_a_folder_can_take_the_place_of_a_server(tmp_path: object) -> None:
    folder = backend(f"file://{tmp_path}")
    assert isinstance(folder, Folder)
    assert folder.file_path == str(tmp_path)


@pytest.mark.parametrize("url", ["mail.example.com", "http://x", "smtp://", "smtp+tls://u:secret@host:many", "file:"])
def test_an_address_that_cannot_be_read_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="MAIL_URL") as fault:
        mailers(url)
    assert "secret" not in str(fault.value)
