"""Groups are called the same wherever they are named, in the reader's language; keys by what they mean there."""

import pytest
from django.utils.translation import override

from approvals.models.groups import group_words, people_words
from approvals.models.sentence import english
from approvals.policy.wording import people_words as step_people
from approvals.web.details import Outline
from approvals.web.item_notes import item_note
from approvals.web.terms import Terms
from approvals.web.waiting_words import waiting_words
from tests.factories import approval_request, policy
from tests.policies import step
from tests.unit.web.conftest import SignIn


@pytest.mark.parametrize(("language", "called"), [("en", "managers"), ("de", "Führungskräfte"), ("fr", "responsables")])
@pytest.mark.django_db
def test_a_group_of_ours_is_called_the_same_wherever_it_is_named(language: str, called: str) -> None:
    request = approval_request(policy={**policy("managers", users=("zoe",)), "escalates_to": "managers, zoe then cleo"})
    with override(language):
        assert group_words("managers") == called
        assert called in step_people(step("managers"))
        assert called in item_note("opened", "Asked managers, zoe.")
        assert called in waiting_words(request, {})
        assert request.asked == f"{called}, zoe"
        assert Terms.of(request).escalates_to.startswith(f"{called}, zoe")
        assert english(request.asked) == "managers, zoe"


def test_any_other_group_keeps_its_own_name() -> None:
    with override("de"):
        assert group_words("EU_Treasury desk") == "EU Treasury desk"
        assert people_words("Friends, zoe") == "Friends, zoe"


@pytest.mark.django_db
def test_the_page_names_the_group_in_the_readers_language(signed_in: SignIn) -> None:
    request = approval_request()
    browser = signed_in("anna", "managers")
    browser.cookies["django_language"] = "de"
    page = browser.get(f"/requests/{request.approval_id}/").text
    assert "die Gruppe <strong>Führungskräfte</strong>" in page


@pytest.mark.django_db
def test_french_sentences_about_groups_need_no_article_and_the_head_no_lone_comma(signed_in: SignIn) -> None:
    request = approval_request(policy={**policy("managers"), "escalates_to": "directors"})
    browser = signed_in("anna", "managers")
    browser.cookies["django_language"] = "fr"
    page = browser.get(f"/requests/{request.approval_id}/").text
    assert "le groupe «\u00a0<strong>responsables</strong>\u00a0»" in page
    assert "Destinataires suivants\u00a0: direction." in page
    assert "</span>, " not in page.partition('id="request-head"')[2].partition("</header>")[0]


def test_a_customers_review_is_no_examination() -> None:
    with override("de"):
        facts = Outline("", []).of({"content_type": "review", "category": "review"})
        assert [drawn.value for _label, drawn in facts.value.pairs] == ["Rezension", "Prüfung"]


def test_the_grade_of_a_loan_is_a_word_of_the_readers_language() -> None:
    with override("fr"):
        facts = Outline("USD", []).of({"grade": "good", "score": 712})
        assert [str(drawn.value) for _label, drawn in facts.value.pairs] == ["Bon", "712"]
