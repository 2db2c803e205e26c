"""The demo's inbox shows what the portal wrote into the folder, and runs nothing of it."""

import re
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest
from django.core.mail import EmailMultiAlternatives, mailers
from pytest_django import Settings

from local.inbox import Inbox, mails


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """An inbox of this folder."""
    inbox = Inbox(0, tmp_path)
    threading.Thread(target=inbox.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{inbox.server_address[1]}"
    inbox.shutdown()
    inbox.server_close()


def send(folder: Path, settings: Settings, *letters: tuple[str, str, str]) -> None:
    """Write messages as the demo's portal does: all of one connection into one file."""
    backend = "django.core.mail.backends.filebased.EmailBackend"
    settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": {"file_path": str(folder)}}}
    connection = mailers.default
    connection.open()
    for to, subject, html in letters:
        message = EmailMultiAlternatives(subject, f"Text of {subject}", "c@example.com", [to])
        message.attach_alternative(html, "text/html")
        connection.send_messages([message])
    connection.close()


def get(address: str) -> tuple[str, str]:
    """A page and its content policy."""
    with urllib.request.urlopen(address) as answer:
        return answer.read().decode(), answer.headers["Content-Security-Policy"]


def test_an_empty_inbox_says_how_to_fill_it(address: str) -> None:
    assert "There is no e-mail yet" in get(address)[0]


def test_letters_are_listed_newest_first_and_by_person(address: str, tmp_path: Path, settings: Settings) -> None:
    send(tmp_path, settings, ("anna@example.com", "Rent", "<p>1</p>"), ("bo@example.com", "Chairs & <b>", "<p>2</p>"))
    everybody, _ = get(address)
    assert everybody.index("Chairs &amp; &lt;b&gt;") < everybody.index("Rent")
    assert "Chairs" not in get(f"{address}/?to=anna@example.com")[0]
    assert re.search(r"To anna@example.com · [0-9]{1,2} [A-Z][a-z]{2} 20[0-9]{2}, [0-9]{2}:[0-9]{2} [A-Z]+<", everybody)


def test_a_letter_is_shown_as_html_in_a_box_and_as_text(address: str, tmp_path: Path, settings: Settings) -> None:
    html = "<html><head></head><body><script>alert(1)</script><a href='http://portal/'>Open</a></body></html>"
    send(tmp_path, settings, ("anna@example.com", "Rent", html))
    [mail] = mails(tmp_path)
    page, policy = get(f"{address}/{mail.key}")
    assert "<iframe" in page
    assert "allow-scripts" not in page
    assert "script-src" not in policy
    inner, inner_policy = get(f"{address}/{mail.key}/html")
    assert '<base target="_top">' in inner
    assert inner_policy.startswith("default-src 'none'")
    assert "Text of Rent" in get(f"{address}/{mail.key}/text")[0]


@pytest.mark.parametrize("path", ["/nowhere", "/../../etc/passwd", "/20261121-100000-1.0", "/20261121-100000-1.0/x"])
def test_what_is_not_there_is_not_found(address: str, path: str) -> None:
    with pytest.raises(HTTPError, match="404"):
        get(f"{address}{path}")
