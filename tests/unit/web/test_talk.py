"""Naming people, changing a remark, files with it, and the preview."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import Settings

from approvals.actions.comment import comment
from approvals.actions.edit_comment import edit_comment
from approvals.actions.errors import Invalid, Refused
from approvals.models import AuditEvent, Comment, CommentFile, CommentVersion, Occasion, Topic
from tests.factories import approval_request, person, policy, viewer
from tests.unit.notifying.conftest import tell_all
from tests.unit.web.conftest import SignIn
from tests.unit.web.forms import pdf, png

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _private_files(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.MAX_RECEIPT_BYTES = 200_000


def told() -> list[list[str]]:
    """Whom each remark that names people told."""
    tell_all()
    rows = Occasion.objects.filter(topic=Topic.COMMENT, data__has_key="mentions").order_by("id")
    return [sorted(one.person.username for one in row.notifications.all()) for row in rows]


def test_a_named_person_is_told_once_and_shown_by_name(signed_in: SignIn) -> None:
    request = approval_request()
    person("adam", "managers", last_name="Zeman")
    client = signed_in("anna", "managers")
    client.post(f"/requests/{request.approval_id}/comments/", {"body": "@Adam, @adam. Look!", "parent": ""})
    assert told() == [["adam"]]
    assert (
        '<span class="mention" title="adam">@Adam Zeman</span>' in client.get(f"/requests/{request.approval_id}/").text
    )


def test_everybody_who_is_named_for_the_first_time_is_told_but_not_the_author() -> None:
    request = approval_request()
    person("rita")
    person("adam", "managers")
    remark = comment(viewer("anna", "managers"), request, "@rita and @anna")
    edit_comment(viewer("anna", "managers"), remark, "@rita and @adam")
    assert told() == [["rita"], ["adam"]]
    assert {one.username for one in remark.mentions.all()} == {"rita", "adam"}


@pytest.mark.parametrize("name", ["nobody", "bruno", "gone"])
def test_naming_somebody_who_cannot_read_it_is_refused_with_one_sentence_for_all(signed_in: SignIn, name: str) -> None:
    request = approval_request()
    person("bruno", "finance")
    person("gone", "managers", is_active=False)
    body = f"Ask @{name}."
    again = signed_in("anna", "managers").post(f"/requests/{request.approval_id}/comments/", {"body": body})
    assert again.status_code == 422
    assert f"@{name} is nobody who can see this request." in again.text
    assert body in again.text
    assert not Comment.objects.exists()
    assert told() == []
    assert AuditEvent.objects.latest("id").action == "request.comment_refused"


def test_the_list_of_people_offers_those_who_may_see_the_request_and_nobody_else(signed_in: SignIn) -> None:
    request = approval_request(policy=policy("managers", users=("carla",)))
    approval_request(run_name=request.run_name, stage="finance", policy=policy("finance"))
    for name, group in [("adam", "managers"), ("bruno", "finance"), ("dora", "directors"), ("ada", "admins")]:
        person(name, group)
    person("carla")
    person("rita", last_name="Adler")
    client = signed_in("anna", "managers")

    def offered(begun: str) -> list[str]:
        page = client.get(f"/requests/{request.approval_id}/people/", {"q": begun, "list": "0"})
        return [one.username for one in page.context["people"]]

    assert offered("") == ["ada", "adam", "bruno", "carla", "rita"]
    assert offered("AD") == ["ada", "adam", "rita"]
    assert offered("rita ad") == ["rita"]
    assert offered("do") == []
    assert 'role="option"' in client.get(f"/requests/{request.approval_id}/people/?q=ad").text


def test_strangers_learn_no_names(signed_in: SignIn) -> None:
    request = approval_request()
    assert signed_in("bruno", "finance").get(f"/requests/{request.approval_id}/people/").status_code == 404


def test_an_edit_keeps_what_was_said_before_and_everybody_can_read_it(signed_in: SignIn) -> None:
    request = approval_request()
    client = signed_in("anna", "managers")
    remark = comment(viewer("anna", "managers"), request, "Pay 500")
    client.post(f"/requests/{request.approval_id}/comments/{remark.pk}/edit/", {"body": "Pay 5000"})
    client.post(f"/requests/{request.approval_id}/comments/{remark.pk}/edit/", {"body": "Pay **50**"})
    page = signed_in("rita").get(f"/requests/{request.approval_id}/").text
    assert "Pay <strong>50</strong>" in page
    assert "Edited" in page
    assert [version.body for version in CommentVersion.objects.all()] == ["Pay 500", "Pay 5000"]
    assert "Pay 500<" in page
    assert "Pay 5000<" in page
    lines = AuditEvent.objects.filter(action="request.comment_edited").order_by("id").values_list("actor", "summary")
    assert list(lines) == [("anna", "Pay 5000"), ("anna", "Pay **50**")]


def test_the_same_text_again_is_no_edit() -> None:
    remark = comment(viewer("anna", "managers"), approval_request(), "Pay 500")
    edit_comment(viewer("anna", "managers"), remark, " Pay 500 ")
    assert not CommentVersion.objects.exists()
    assert not AuditEvent.objects.filter(action="request.comment_edited").exists()


def test_after_five_minutes_a_comment_stands(signed_in: SignIn) -> None:
    request = approval_request()
    remark = comment(viewer("anna", "managers"), request, "Pay 500")
    client = signed_in("anna", "managers")
    address = f"/requests/{request.approval_id}/comments/{remark.pk}/edit/"
    assert address in client.get(f"/requests/{request.approval_id}/").text
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        assert address not in client.get(f"/requests/{request.approval_id}/").text
        late = client.post(address, {"body": "Pay 5"})
    assert late.status_code == 422
    assert "for five minutes after it was written" in late.text
    assert "Pay 5</textarea>" in late.text
    remark.refresh_from_db()
    assert remark.body == "Pay 500"


def test_only_its_author_changes_a_comment(signed_in: SignIn) -> None:
    request = approval_request()
    remark = comment(viewer("anna", "managers"), request, "Pay 500")
    with pytest.raises(Refused, match="Only its author"):
        edit_comment(viewer("ada", "admins"), remark, "Pay 5")
    assert AuditEvent.objects.latest("id").action == "request.comment_edit_refused"
    other = approval_request()
    page = f"/requests/{other.approval_id}/comments/{remark.pk}/edit/"
    assert signed_in("anna", "managers").post(page, {"body": "Pay 5"}).status_code == 404


@pytest.mark.parametrize("body", [" ", "x" * 4001, "@nobody"])
def test_an_edit_is_held_to_what_a_comment_is(body: str) -> None:
    remark = comment(viewer("anna", "managers"), approval_request(), "Pay 500")
    with pytest.raises(Invalid):
        edit_comment(viewer("anna", "managers"), remark, body)
    assert not CommentVersion.objects.exists()


def test_an_edit_reaches_a_page_that_is_open(signed_in: SignIn) -> None:
    request = approval_request()
    remark = comment(viewer("anna", "managers"), request, "Pay 500")
    client = signed_in("adam", "managers")
    seen = {"seen": request.content_digest, "heard": str(remark.pk), "edits": "0"}
    edit_comment(viewer("anna", "managers"), remark, "Pay 50")
    news = client.get(f"/requests/{request.approval_id}/live/", seen)
    assert f'id="remark-text-{remark.pk}" dir="auto" hx-swap-oob="true"' in news.text
    assert 'name="edits" value="1"' in news.text
    again = client.get(f"/requests/{request.approval_id}/live/", seen | {"edits": "1"})
    assert again.status_code == 204


def test_files_go_along_and_open_for_whoever_sees_the_request(signed_in: SignIn) -> None:
    request = approval_request()
    client = signed_in("anna", "managers")
    body = {"body": "The offers", "parent": "", "files": [png("a.png"), pdf("b.pdf")]}
    client.post(f"/requests/{request.approval_id}/comments/", body)
    first, second = CommentFile.objects.order_by("name")
    assert (first.name, first.content_type, second.content_type) == ("a.png", "image/png", "application/pdf")
    assert first.sha256 == hashlib.sha256(png("a.png").read()).hexdigest()
    assert AuditEvent.objects.get(action="request.commented").data["files"][0]["sha256"] == first.sha256
    opened = signed_in("rita").get(f"/comments/files/{first.pk}/")
    assert opened.status_code == 200
    assert "sandbox" in opened["Content-Security-Policy"]
    assert signed_in("bruno", "finance").get(f"/comments/files/{first.pk}/").status_code == 404
    assert AuditEvent.objects.latest("id").action == "attachment.refused"
    assert "b.pdf" in client.get(f"/requests/{request.approval_id}/").text


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([SimpleUploadedFile("a.png", b"MZ not a picture")], "not a picture or PDF"),
        ([SimpleUploadedFile("a.pdf", b"")], "is empty"),
        ([SimpleUploadedFile("a.png", b"x" * 200_001)], "larger than"),
        ([png(f"{number}.png") for number in range(6)], "at most 5 files"),
    ],
)
def test_a_file_that_is_not_taken_takes_the_comment_with_it_and_the_text_is_kept(
    signed_in: SignIn, tmp_path: Path, files: list[SimpleUploadedFile], sentence: str
) -> None:
    request = approval_request()
    again = signed_in("anna", "managers").post(
        f"/requests/{request.approval_id}/comments/", {"body": "The offers", "parent": "", "files": files}
    )
    assert again.status_code == 422
    assert sentence in again.text
    assert "The offers</textarea>" in again.text
    assert not Comment.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_refused_comment_leaves_no_file_behind(tmp_path: Path) -> None:
    request = approval_request()
    with pytest.raises(Invalid):
        comment(viewer("anna", "managers"), request, "@nobody", files=[(png(), "image/png")])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_preview_shows_the_text_as_it_will_look_and_stores_nothing(signed_in: SignIn) -> None:
    request = approval_request()
    person("adam", "managers")
    client = signed_in("anna", "managers")
    page = f"/requests/{request.approval_id}/comments/preview/"
    assert "<strong>now</strong>" in client.post(page, {"body": "**now** @adam"}).text
    assert "nobody who can see this request" in client.post(page, {"body": "@nobody"}).text
    assert "Nothing is written yet" in client.post(page, {"body": " "}).text
    assert signed_in("aurel", "auditors").post(page, {"body": "x"}).status_code == 403
    assert not Comment.objects.exists()
