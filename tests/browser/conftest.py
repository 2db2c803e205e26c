"""Chromium at the real portal: a server in this process, a worker beside it, both on the local cloud."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import Browser, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser.person import Person
from tests.office import Office
from tests.office import office as office  # noqa: PLC0414 (a fixture)
from tests.waiting import PATIENCE_SECONDS

# The first is the same browser without its windows, which nobody looks at here: a fifth of the work for each page.
CALLED = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser. No coverage is read there: it doubles the portal's work and tells nothing more."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker("browser")
            item.add_marker("no_cover")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium, without a window. CHROMIUM names it where it is not on the PATH."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CALLED)), None)
    if found is None:
        why = "no Chromium on this machine: install Debian's chromium, or set CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's own loop runs in this thread, which Django takes for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        expect.set_options(timeout=PATIENCE_SECONDS * 1000)
        running = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield running
        running.close()


@dataclass
class Portal:
    """Where people meet: the portal's address, the browser, and the office behind it."""

    url: str
    chromium: Browser
    office: Office
    people: list[Person]

    def visit(self, username: str = "", **context: Any) -> Person:
        """Somebody at a browser of their own, signed in by the form; nobody without a name."""
        visitor = Person(self.chromium.new_context(base_url=self.url, locale="en-GB", **context))
        self.people.append(visitor)
        if username:
            self.office.viewer(username)
            visitor.sign_in(username)
        return visitor


@pytest.fixture(scope="module")
def served(chromium: Browser, office: Office) -> Iterator[str]:
    """The portal's address; it makes the first try of a delivery itself, as in production."""
    with override_settings(PROMPT_DELIVERY=True):
        server = LiveServer("127.0.0.1")
        # Links in e-mails lead here.
        office.hire_worker(PORTAL_URL=server.url)
        yield server.url
        server.stop()


@pytest.fixture
def portal(served: str, chromium: Browser, office: Office) -> Iterator[Portal]:
    """The portal for one test. Afterwards nobody's browser has anything to complain about."""
    opened = Portal(served, chromium, office, [])
    yield opened
    for person in opened.people:
        person.leave()
    assert [complaint for person in opened.people for complaint in person.complaints] == []
