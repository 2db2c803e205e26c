"""Money, moments and lengths as each language writes them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone, translation

from approvals.models import User
from approvals.web import formats
from approvals.web.keys import KEYS
from tests.factories import approval_request
from tests.german import CLOSE, OPEN
from tests.unit.i18n.bracketed import brackets
from tests.unit.web.forms import signed_in

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
AMOUNT = Decimal("1234.50")


@pytest.mark.parametrize(
    ("language", "money", "moment", "ahead", "size"),
    [
        ("en", "€1,234.50", "21 Nov 2026, 13:00 CET", "in 2 days", "1.5"),
        ("de", "1.234,50\u00a0€", "21. Nov. 2026, 13:00 CET", "in 2 Tagen", "1,5"),
        ("fr", "1\u202f234,50\u00a0€", "21 nov. 2026, 13:00 CET", "dans 2 jours", "1,5"),
    ],
)
def test_each_language_has_its_own_way(language: str, money: str, moment: str, ahead: str, size: str) -> None:
    with translation.override(language), timezone.override("Europe/Paris"):
        assert formats.money(AMOUNT, "EUR") == money
        assert formats.exact(NOW) == moment
        assert formats.relative(NOW + timedelta(days=2), NOW) == ahead
        assert size in formats.size(3 * 1024 * 512)


@pytest.mark.parametrize(
    ("language", "accepted", "chosen", "locale"),
    [
        ("de", "de-CH,de;q=0.9", "", "de_CH"),
        ("de", "en-US", "de", "de_DE"),
        ("en", "de-DE", "en", "en_GB"),
        ("en", "en-US,de", "", "en_US"),
        ("en", "sv-SE", "", "sv_SE"),
        ("fr", "", "", "fr_FR"),
    ],
)
def test_numbers_follow_the_language_shown_and_its_own_region(
    language: str, accepted: str, chosen: str, locale: str
) -> None:
    request = RequestFactory().get("/", headers={"Accept-Language": accepted})
    request.user = User(username="rita", language=chosen)
    with translation.override(language):
        assert formats.locale_of(request) == locale


@pytest.mark.django_db
def test_a_person_reads_amounts_in_their_own_format_whatever_the_browser_says() -> None:
    approval_request(amount=AMOUNT, currency="EUR")
    client = signed_in("max", "managers")
    User.objects.update(language="fr")
    assert "1\u202f234,50\u00a0€" in client.get("/", headers={"Accept-Language": "en-GB"}).content.decode()


@pytest.mark.parametrize("accepted", ["en-US", "en-GB", "en-AU", ""])
def test_a_currency_has_one_sign_on_every_page_and_in_letters_of_a_language(accepted: str) -> None:
    request = RequestFactory().get("/", headers={"Accept-Language": accepted})
    request.user = User(username="rita")
    shown = [formats.money(Decimal(120), currency, formats.locale_of(request)) for currency in ("USD", "AUD", "CHF")]
    assert shown == ["$120.00", "A$120.00", "CHF\u00a0120.00"]
    assert shown == [formats.money(Decimal(120), currency) for currency in ("USD", "AUD", "CHF")]


@pytest.mark.django_db
def test_what_a_browser_sends_by_itself_is_no_worse_than_nothing(client: Client) -> None:
    assert client.get("/login/", headers={"Accept-Language": "*;;;,," * 50}).status_code == 200


def test_the_keys_of_our_workflows_are_translated_and_those_of_others_left_as_they_are() -> None:
    with brackets("fr"), translation.override("fr"):
        assert formats.words("annual_income") == f"{OPEN}Annual income{CLOSE}"
        assert formats.words("shoeSize") == "Shoe size"


def test_nouns_keep_their_capitals_inside_german_sentences() -> None:
    said = {}
    for language in ("en", "de", "fr"):
        with translation.override(language):
            said[language] = formats.in_sentence("Manager")
    assert said == {"en": "manager", "de": "Manager", "fr": "manager"}


def test_every_key_is_listed_as_it_reads() -> None:
    assert {name: str(said) for name, said in KEYS.items()} == {name: formats.spaced(name) for name in KEYS}


@pytest.mark.parametrize(("spoken", "said"), [("en", "3 Nov 2026"), ("de", "3. Nov. 2026"), ("fr", "3 nov. 2026")])
def test_a_day_has_its_month_in_letters_of_the_language(spoken: str, said: str) -> None:
    with translation.override(spoken):
        assert formats.on_day(date(2026, 11, 3)) == said
