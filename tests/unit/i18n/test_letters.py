"""Letters and notifications are in the language of whoever reads them."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from approvals.mailing.compose import compose
from approvals.models import Letter, Topic
from approvals.web.tellings import tellings_of
from tests.german import CLOSE, OPEN
from tests.unit.i18n.bracketed import brackets
from tests.unit.mailing.conftest import Write, addressee
from tests.unit.mailing.conftest import letter as letter  # noqa: PLC0414 (a fixture)

pytestmark = pytest.mark.django_db
DUE = datetime(2126, 11, 21, 12, 0, tzinfo=UTC)


def written(letter: Letter) -> tuple[str, str, str]:
    """Subject, text and HTML of a letter."""
    message = compose(letter)
    assert message is not None
    [(html, _)] = message.alternatives
    return message.subject, str(message.body), str(html)


def test_a_letter_is_in_its_readers_language_whoever_caused_it(letter: Write) -> None:
    addressee("anna", language="de", time_zone="Europe/Berlin")
    sent = letter("anna", amount=Decimal("1234.50"), expires_at=DUE)
    # Somebody who reads French acts, and the first try is made in their request.
    with brackets("de"), translation.override("fr"):
        subject, text, html = written(sent)
        assert translation.get_language() == "fr"
    assert subject.startswith(f"{OPEN}{OPEN}Your answer is wanted{CLOSE}: Train")
    assert '<html lang="de"' in html
    for body in (text, html):
        assert "1.234,50\u00a0€" in body
        assert "21. Nov. 2126, 13:00 CET" in body
        assert f"{OPEN}Reference{CLOSE}" in body


def test_the_text_of_a_french_letter_has_its_blanks_before_colons(letter: Write) -> None:
    addressee("anna", language="fr")
    text = written(letter("anna"))[1]
    assert "Votre réponse est attendue\u00a0: Train" in text
    assert re.findall(r"\w:(?=\s).*", text) == []


def test_a_digest_is_in_its_readers_language(letter: Write) -> None:
    addressee("anna", language="fr")
    for topic in (Topic.TURN, Topic.OUTCOME):
        sent = letter("anna", topic=topic, key="digest:1")
    with brackets("fr"):
        subject, text, html = written(sent)
    assert subject == f"{OPEN}Your day in Countersign: 2 notices{CLOSE}{OPEN}, 1 waits for you{CLOSE}"
    assert '<html lang="fr"' in html
    assert text.startswith(f"{OPEN}Your day in Countersign{CLOSE}")


def test_a_letter_to_somebody_who_has_chosen_no_language_is_in_the_portals(letter: Write) -> None:
    with brackets("de"), translation.override("de"):
        subject, _text, html = written(letter("anna"))
    assert subject.startswith("Your answer is wanted: ")
    assert '<html lang="en"' in html


def test_what_was_told_long_ago_is_told_in_the_language_of_whoever_reads_it_now(letter: Write) -> None:
    told = letter("anna").notifications.select_related("occasion", "request", "person")
    said = []
    with brackets("de"):
        for language in ("en", "de"):
            with translation.override(language):
                said += [telling.label for telling in tellings_of(told, "")]
    assert said == ["Your answer is wanted", f"{OPEN}Your answer is wanted{CLOSE}"]
