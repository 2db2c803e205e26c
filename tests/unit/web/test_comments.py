"""Comments: a conversation on the request, open to whoever is part of it."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from approvals.actions.comment import comment
from approvals.models import ApprovalRequest, Comment
from tests.factories import approval_request, viewer
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def test_a_comment_shows_on_the_request(signed_in: SignIn) -> None:
    request = approval_request()
    client = signed_in("anna", "managers")
    done = client.post(f"/requests/{request.approval_id}/comments/", {"body": "Was it needed?", "parent": ""})
    remark = Comment.objects.get()
    assert done["Location"] == f"/requests/{request.approval_id}/#comment-{remark.pk}"
    assert "Was it needed?" in client.get(f"/requests/{request.approval_id}/").text


def test_an_answer_stands_below_what_it_answers(signed_in: SignIn) -> None:
    request = approval_request()
    first = comment(viewer("anna", "managers"), request, "First")
    comment(viewer("anna", "managers"), request, "Second")
    client = signed_in("rita")
    client.post(f"/requests/{request.approval_id}/comments/", {"body": "Answer to first", "parent": first.pk})
    remarks = client.get(f"/requests/{request.approval_id}/").context["remarks"]
    assert [(one.comment.body, one.depth) for one in remarks] == [
        ("First", 0),
        ("Answer to first", 1),
        ("Second", 0),
    ]


def test_htmx_gets_the_conversation_alone(signed_in: SignIn) -> None:
    request = approval_request()
    client = signed_in("anna", "managers")
    part = client.post(
        f"/requests/{request.approval_id}/comments/", {"body": "Hello", "parent": ""}, headers={"HX-Request": "true"}
    )
    assert part.status_code == 200
    assert "<html" not in part.text
    assert "Hello" in part.text
    assert "Your comment was added." in part.text


def test_the_history_of_an_open_page_tells_of_the_comment_at_once(signed_in: SignIn) -> None:
    request = approval_request()
    anna, ben = signed_in("anna", "managers"), signed_in("ben", "managers")
    comments, part = f"/requests/{request.approval_id}/comments/", {"HX-Request": "true"}
    told = anna.post(comments, {"body": "Hello"}, headers=part)
    remark = Comment.objects.get()
    changed = anna.post(f"{comments}{remark.pk}/edit/", {"body": "Hello!"}, headers=part)
    for answer in (told, news(ben, request, remark.pk - 1), changed):
        history = answer.text.partition('id="history"')[2]
        assert 'hx-swap-oob="true"' in history
        assert f'<a href="#comment-{remark.pk}">commented</a>' in history


def test_an_unusable_comment_is_asked_again_with_what_was_typed(signed_in: SignIn) -> None:
    request = approval_request()
    again = signed_in("anna", "managers").post(
        f"/requests/{request.approval_id}/comments/", {"body": "x" * 4001, "parent": ""}
    )
    assert again.status_code == 422
    assert "under 4,000 characters; this one has 4,001" in again.text
    assert "x" * 4001 in again.text
    assert not Comment.objects.exists()


def test_in_an_open_page_only_the_sentence_is_put_below_the_text_so_that_text_and_files_stay(signed_in: SignIn) -> None:
    request = approval_request()
    again = signed_in("anna", "managers").post(
        f"/requests/{request.approval_id}/comments/",
        {"body": "x" * 4001, "parent": ""},
        headers={"HX-Request": "true"},
    )
    assert again.status_code == 422
    assert (again["HX-Retarget"], again["HX-Reswap"]) == ("#comment-problem-0", "innerHTML")
    assert "under 4,000 characters" in again.text
    assert "<textarea" not in again.text


def test_a_new_comment_is_put_in_its_place_and_other_half_typed_answers_stay(signed_in: SignIn) -> None:
    request = approval_request()
    first = comment(viewer("rita"), request, "First")
    told = signed_in("anna", "managers").post(
        f"/requests/{request.approval_id}/comments/",
        {"body": "To the first", "parent": first.pk, "heard": first.pk, "edits": "0"},
        headers={"HX-Request": "true"},
    )
    assert f'hx-swap-oob="afterend:#comment-{first.pk}"' in told.text
    answer = Comment.objects.latest("pk")
    forms = re.findall(r'<textarea[^>]*id="([^"]+)"', told.text)
    assert forms == [f"comment-body-{first.pk}", f"comment-body-{answer.pk}", f"comment-body-e{answer.pk}"]


def test_auditors_read_and_leave_no_remarks(signed_in: SignIn) -> None:
    request = approval_request()
    client = signed_in("aurel", "auditors")
    refused = client.post(f"/requests/{request.approval_id}/comments/", {"body": "Hm.", "parent": ""})
    assert refused.status_code == 403
    assert "Auditors read and leave no remarks." in refused.text


@pytest.mark.parametrize("parent", ["x", "-1", "99999999"])
def test_an_answer_to_nothing_is_refused(signed_in: SignIn, parent: str) -> None:
    request = approval_request()
    refused = signed_in("anna", "managers").post(
        f"/requests/{request.approval_id}/comments/", {"body": "Hm.", "parent": parent}
    )
    assert refused.status_code in {400, 422}
    assert not Comment.objects.exists()


def news(client: Client, request: ApprovalRequest, heard: object) -> HttpResponse:
    """What the open page is told when it asks."""
    seen = {"seen": request.content_digest, "heard": str(heard), "edits": "0"}
    return client.get(f"/requests/{request.approval_id}/live/", seen, headers={"HX-Request": "true"})


def heard_on(client: Client, request: ApprovalRequest) -> int:
    """The newest comment that the page shows, as its hidden field carries it along."""
    found = re.search(r'name="heard" value="(\d+)"', client.get(f"/requests/{request.approval_id}/").text)
    assert found
    return int(found[1])


def test_a_comment_that_comes_in_while_the_page_is_open_is_told_and_shown_once(signed_in: SignIn) -> None:
    request = approval_request()
    client = signed_in("anna", "managers")
    heard = heard_on(client, request)
    assert news(client, request, heard).status_code == 204
    remark = comment(viewer("rita"), request, "Wait: the amount is <wrong>")
    told = news(client, request, heard).text
    assert "<bdi>Rita</bdi> commented while you had this open." in told
    assert f'href="#comment-{remark.pk}"' in told
    assert "the amount is &lt;wrong&gt;" in told
    assert 'hx-swap-oob="afterbegin:#remarks"' in told
    assert f'name="heard" value="{remark.pk}"' in told
    assert news(client, request, remark.pk).status_code == 204
    assert heard_on(client, request) == remark.pk


def test_a_new_answer_is_put_behind_what_it_answers_and_no_field_is_sent_that_may_be_in_use(signed_in: SignIn) -> None:
    request = approval_request()
    first = comment(viewer("anna", "managers"), request, "First")
    second = comment(viewer("anna", "managers"), request, "Second")
    answer = comment(viewer("rita"), request, "Answer to first", first.pk)
    told = news(signed_in("anna", "managers"), request, second.pk).text
    assert f'hx-swap-oob="afterend:#comment-{first.pk}"' in told
    assert re.findall(r'<textarea[^>]*id="([^"]+)"', told) == [f"comment-body-{answer.pk}"]
    assert "Second" not in told


def test_ones_own_comment_of_another_window_is_shown_without_a_notice(signed_in: SignIn) -> None:
    request = approval_request()
    comment(viewer("anna", "managers"), request, "Mine")
    told = news(signed_in("anna", "managers"), request, 0).text
    assert "Mine" in told
    assert "while you had this open" not in told


@pytest.mark.parametrize("heard", ["", "-1", "x", "\u0663", "9" * 40])
def test_a_page_that_does_not_say_what_it_shows_is_told_nothing(signed_in: SignIn, heard: str) -> None:
    request = approval_request()
    comment(viewer("rita"), request, "Hello")
    assert news(signed_in("anna", "managers"), request, heard).status_code == 204
