"""No text that people see is left out of translation: in the source of templates, and on the pages of each role."""

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from tests.unit.i18n.bracketed import WORD, brackets, unmarked
from tests.unit.i18n.pages import ROLES, furnished, shown_to
from tests.unit.web.more_forms import ARNS
from tests.unmarked import in_f_strings, in_templates

# The brand, the people of the test, and what no language translates.
NAMES = {
    "Countersign",
    *(name.title() for name in ROLES),
    *ROLES,
    *(group for groups in ROLES.values() for group in groups),
    "EUR",
    "UTC",
    "AWS",
    "Django",
}
NAMES |= {name for _, name in settings.LANGUAGES}


# Help of the record that lists keys alone.
KEYS = {"start:", ", decision:", ", heartbeat:", "retryable, closed, lost, forbidden, misconfigured."}


def left(html: str) -> list[str]:
    """What is unmarked, without names, keys and references."""
    return [text for text in unmarked(html) if text not in KEYS and set(words(text)) - NAMES]


def words(text: str) -> list[str]:
    """The words of a text that are neither references (with digits) nor addresses."""
    parts = [part.strip(".,:;()…·") for part in text.split() if not any(mark in part for mark in "0123456789@/_")]
    return [part for part in parts if WORD.search(part)]


def test_every_text_of_every_template_is_marked() -> None:
    found = [f"{path.name}: {text}" for path, text in in_templates()]
    assert not found, "\n".join(found)


def test_no_mark_stands_where_xgettext_does_not_see_it() -> None:
    assert not list(in_f_strings())


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_every_text_that_a_role_sees_can_be_translated(role: str, settings: Settings) -> None:
    settings.WORKFLOW_ARNS = ARNS
    found = furnished()
    with brackets():
        missing = {address: texts for address, html in shown_to(role, found).items() if (texts := left(html))}
    where: dict[str, str] = {}
    for address, texts in missing.items():
        for text in texts:
            where.setdefault(text, address)
    assert not where, "\n".join(f"{address}: {text}" for text, address in where.items())


@pytest.mark.django_db
def test_every_text_before_the_sign_in_can_be_translated(client: Client) -> None:
    with brackets():
        pages = [client.get("/login/"), client.post("/login/", {"username": "x", "password": "y"})]
        assert [left(page.content.decode()) for page in pages] == [[], []]
