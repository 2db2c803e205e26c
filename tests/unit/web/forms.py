"""Filling in forms and making files, as a browser would."""

import io
import re
import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.factories import PASSWORD, person

EXPENSE = "/submit/expense/"


def signed_in(username: str, *groups: str) -> Client:
    """A browser in which the person is signed in."""
    client = Client()
    client.force_login(person(username, *groups), backend="django.contrib.auth.backends.ModelBackend")
    return client


def has_word(text: str, word: str) -> bool:
    """Whether the text says the word by itself: a random token may hold the same few characters by chance."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def line(key: int = 0, **changes: Any) -> dict[str, Any]:
    """One line of an expense as a browser sends it."""
    values = {"date": "2026-11-02", "category": "travel", "description": "Train", "amount": "120.50"} | changes
    return {f"lines-{key}-{name}": value for name, value in values.items()}


def expense(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An expense as a browser sends it; ``files`` puts receipts on the first line."""
    sent = lines or (line(),)
    form: dict[str, Any] = {
        "token": str(uuid.uuid4()),
        "description": "Visit to the supplier",
        "currency": "EUR",
        "manager": "",
        "action": "submit",
        "line": [str(number) for number in range(len(sent))],
    }
    for one in sent:
        form |= one
    if files := changes.pop("files", None):
        form["lines-0-files"] = files
    return form | changes


def png(name: str = "taxi.png", size: tuple[int, int] = (40, 30)) -> SimpleUploadedFile:
    """A picture."""
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def pdf(name: str = "hotel.pdf") -> SimpleUploadedFile:
    """A document."""
    body = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
    return SimpleUploadedFile(name, body, "application/pdf")


__all__ = ["EXPENSE", "PASSWORD", "expense", "has_word", "line", "pdf", "png", "signed_in"]
