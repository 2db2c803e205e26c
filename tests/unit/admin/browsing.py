"""Forms as a browser sends them: exactly the fields that the rendered page holds."""

from html.parser import HTMLParser
from typing import Any, override

from django.test import Client

UNSENT = frozenset({"submit", "button", "reset", "file", "image"})


class _Fields(HTMLParser):
    """Reads the successful controls of one form."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id = form_id
        self.inside = False
        self.values: dict[str, list[str]] = {}
        self.select = self.textarea = ""
        self.first_option: str | None = None

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("id") == self.form_id
        if not self.inside or "disabled" in given:
            return
        name = given.get("name", "")
        if tag == "input" and name and given.get("type") not in UNSENT:
            ticked = given.get("type") in {"checkbox", "radio"}
            if not ticked or "checked" in given:
                self.values.setdefault(name, []).append(given.get("value", "on" if ticked else ""))
        elif tag == "select":
            self.select, self.first_option = ("" if "multiple" in given else name), None
        elif tag == "option" and self.select:
            self.first_option = given.get("value", "") if self.first_option is None else self.first_option
            if "selected" in given:
                self.values[self.select] = [given.get("value", "")]
        elif tag == "textarea":
            self.textarea = name
            self.values[name] = [""]

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select" and self.select:
            self.values.setdefault(self.select, [self.first_option or ""])
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""

    @override
    def handle_data(self, data: str) -> None:
        if self.textarea:
            # The first line break after the tag is not part of the value.
            self.values[self.textarea][0] += data.removeprefix("\n")


def fields_of(text: str, form_id: str) -> dict[str, Any]:
    """Return what a browser would send if the form on this page were submitted as it is."""
    reading = _Fields(form_id)
    reading.feed(text)
    assert reading.values, f"no form {form_id} on the page"
    return reading.values


def send(client: Client, address: str, form_id: str, **changes: Any) -> Any:
    """Open the page, change these fields of its form, save, and return the answer."""
    values = fields_of(client.get(address).text, form_id)
    return client.post(address, {**values, **changes, "_save": "Save"})
