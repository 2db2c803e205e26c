"""Comments: a conversation on the request, open to whoever is part of it."""

import pytest

from approvals.actions.comment import comment
from approvals.models import Comment
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


@pytest.mark.parametrize("htmx", [True, False])
def test_an_unusable_comment_is_asked_again_with_what_was_typed(signed_in: SignIn, htmx: bool) -> None:
    request = approval_request()
    again = signed_in("anna", "managers").post(
        f"/requests/{request.approval_id}/comments/",
        {"body": "x" * 4001, "parent": ""},
        headers={"HX-Request": "true"} if htmx else None,
    )
    assert again.status_code == 422
    assert "under 4,000 characters" in again.text
    assert "x" * 4001 in again.text
    assert not Comment.objects.exists()


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
