"""A sentence reads in the language of whoever it was made for, and knows its English."""

from collections.abc import Iterator

import pytest
from django.utils.translation import gettext as eager
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from approvals.models import Actor, AuditEvent
from approvals.models.sentence import Sentence, english, grouped, translated
from tests.german import german


@pytest.fixture(autouse=True)
def _german() -> Iterator[None]:
    with german():
        yield


def test_it_is_a_text_in_the_active_language_and_knows_its_english() -> None:
    said = Sentence(_("Keep it under {most} characters."), most=200)
    assert (said, said.english) == ("⟦Keep it under 200 characters.⟧", "Keep it under 200 characters.")
    assert isinstance(said, str)


def test_values_that_are_sentences_or_lazy_are_in_english_too() -> None:
    said = Sentence(_("It goes to {people}."), people=Sentence(_("nobody")))
    assert (said, english(said)) == ("⟦It goes to ⟦nobody⟧.⟧", "It goes to nobody.")
    assert english(Sentence(_("It goes to {people}."), people=_("nobody"))) == "It goes to nobody."


def test_it_takes_the_form_that_the_number_asks_for() -> None:
    wording = ngettext_lazy("{count} file", "{count} files", "count")
    assert (Sentence(wording, count=1), Sentence(wording, count=2).english) == ("⟦1 file⟧", "2 files")


def test_several_are_one_text() -> None:
    both = Sentence.joined([Sentence(_("nobody")), Sentence(_("done")), "{anna}"])
    assert (both, both.english) == ("⟦nobody⟧ ⟦done⟧ {anna}", "nobody done {anna}")


def test_what_knows_only_the_active_language_is_asked_again() -> None:
    said = Sentence.told(lambda: eager("nobody"))
    assert (said, said.english) == ("⟦nobody⟧", "nobody")


def test_braces_that_somebody_typed_are_left_alone() -> None:
    assert Sentence("{0} {name}") == "{0} {name}"
    assert english(Sentence(_("You have a view called {name} already."), name="{x}")) == (
        "You have a view called {x} already."
    )


def test_numbers_are_grouped_as_the_language_does() -> None:
    said = Sentence(_("Keep the reason under {most} characters."), most=grouped(4000))
    assert (said, said.english) == (
        "⟦Keep the reason under 4.000 characters.⟧",
        "Keep the reason under 4,000 characters.",
    )


def test_a_recorded_sentence_is_shown_in_the_readers_language() -> None:
    assert translated("It is not there any more.") == "⟦It is not there any more.⟧"
    assert translated("") == ""


@pytest.mark.django_db
def test_the_record_is_in_english() -> None:
    AuditEvent.objects.record(Actor.system("portal"), "test.said", "page:x", Sentence(_("nobody")))
    assert AuditEvent.objects.get().summary == "nobody"
