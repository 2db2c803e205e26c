"""Somebody at a browser."""

import re
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response

from tests.factories import PASSWORD, numbers
from tests.unit.web.forms import png
from tests.waiting import PATIENCE_SECONDS

# What a page may answer without the browser calling it an error of the page.
_EXPECTED = re.compile(r"the server responded with a status of (?:403|404|409|410|422) ")


def _token(form: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert found, form
    return found[1]


class Person:
    """A page in a context of its own. `complaints` are what the console said: errors, warnings, CSP, broken parts."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not _EXPECTED.search(message.text):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 500 or (response.status >= 400 and "/static/" in response.url):
            self.complaints.append(f"{response.status} {response.url}")

    def leave(self) -> None:
        """Close the browser."""
        self.context.close()

    def sign_in(self, username: str) -> None:
        """Be signed in, on the first page; what the form looks like is not waited for."""
        asked = self.context.request.get("/login/").text()
        form = {"csrfmiddlewaretoken": _token(asked), "username": username, "password": PASSWORD}
        answer = self.context.request.post("/login/", form=form)
        assert answer.ok, answer.text()
        assert "/login/" not in answer.url, answer.text()
        self.page.goto("/")

    def sign_in_by_form(self, username: str) -> None:
        """Sign in as people do."""
        self.page.goto("/login/")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(re.compile(r"^(?!.*/login/)"))

    def fill_line(self, number: int, description: str, amount: str, category: str = "travel") -> None:
        """Fill in one line of an expense, counted from zero."""
        line = self.page.locator(".expense-line").nth(number)
        # A day of its own: the portal asks about what looks like an expense that was submitted before.
        line.get_by_label("Date").fill(f"{date(2026, 11, 2) - timedelta(days=next(numbers))}")
        line.get_by_label("Category").select_option(category)
        line.get_by_label("Description").fill(description)
        line.get_by_label("Amount").fill(amount)

    def add_receipt(self, number: int, name: str = "taxi.png") -> None:
        """Choose a file for a line."""
        picture = png(name, (40 + next(numbers), 30)).read()
        field = self.page.locator(".expense-line").nth(number).locator("input[type=file]")
        field.set_input_files({"name": name, "mimeType": "image/png", "buffer": picture})

    def submit_expense(self, description: str = "Visit to the supplier", amount: str = "240.50") -> str:
        """Fill in and send the smallest form; the run's name."""
        self.page.goto("/submit/expense/")
        self.page.get_by_label("What was it for?").fill(description)
        self.fill_line(0, "Train", amount)
        self.page.get_by_role("button", name="Submit", exact=True).click()
        return self.run_name()

    def run_name(self) -> str:
        """The name of the run that belongs to the submission on the page."""
        self.page.wait_for_url("**/submissions/**")
        ref = self.page.url.rstrip("/").rpartition("/")[2]
        return ref.replace("EXP", "expense").lower()

    def choose(self, choice: str) -> None:
        """Choose an answer in the decision box."""
        self.page.locator(f"label[data-option={choice}]").click()

    def confirm(self) -> Any:
        """The button that sends the answer."""
        return self.page.locator(".confirm-button")

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Wait until the text is on the page."""
        self.page.get_by_text(text).first.wait_for()

    def focused(self) -> str:
        """What has the focus: id, name or tag."""
        return str(
            self.page.evaluate("(() => { const at = document.activeElement; return at.id || at.name || at.tagName })()")
        )
