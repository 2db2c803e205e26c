"""The history of a request tells each event once: who was told of it in one line, and no comment's text again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from approvals.actions.comment import comment
from approvals.actions.edit_comment import edit_comment
from approvals.models import Actor, ApprovalRequest, AuditEvent
from approvals.policy import Viewer
from approvals.web.history import Line, history_of
from tests.factories import approval_request, person, viewer
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db
NOTIFIER = Actor.system("notifier")


def told(request: ApprovalRequest, topic: str, said: str, count: int = 1) -> AuditEvent:
    return AuditEvent.objects.record(NOTIFIER, "request.told", request, said, topic=topic, count=count)


def notices_of(request: ApprovalRequest) -> list[tuple[str, str]]:
    return [(line.action, line.note) for line in lines_of(request) if line.icon == "bell"]


def lines_of(request: ApprovalRequest) -> list[Line]:
    return history_of(request, Viewer.of(person("anna", "managers")))


def test_the_notices_of_one_event_are_one_line_that_names_everybody() -> None:
    person("ben", last_name="Berg")
    request = approval_request()
    told(request, "over", "No longer needed: ben, cara", 2)
    AuditEvent.objects.record(Actor.system("outbox"), "delivery.written", request, "…")
    told(request, "outcome", "Told the outcome: rita")
    assert notices_of(request) == [("told 3 people", "No longer needed: Ben Berg, cara; Told the outcome: rita")]


def test_somebody_told_twice_of_one_event_counts_once_and_those_without_a_name_are_counted() -> None:
    request = approval_request()
    told(request, "comment", "Told of a comment: ben", 1)
    told(request, "comment", "Told of a comment: ben, rita and 3 more", 5)
    assert notices_of(request) == [("told 5 people", "Told of a comment: ben, rita and 3 more")]


def test_what_somebody_does_in_between_is_another_event() -> None:
    request = approval_request()
    told(request, "turn", "Asked: ben")
    AuditEvent.objects.record(Actor("ben"), "request.claimed", request, "")
    told(request, "turn", "Asked: cara")
    assert notices_of(request) == [("told 1 person", "Asked: ben"), ("told 1 person", "Asked: cara")]


def test_reminders_at_different_times_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    request = approval_request()
    told(request, "reminder", "Reminded: ben")
    later = timezone.now() + timedelta(hours=1)
    with monkeypatch.context() as patched:
        patched.setattr("django.utils.timezone.now", lambda: later)
        told(request, "reminder", "Reminded: ben")
    assert notices_of(request) == [("told 1 person", "Reminded: ben")] * 2


def test_a_notice_in_another_form_stands_for_itself() -> None:
    request = approval_request()
    told(request, "news", "Somebody heard of it")
    assert notices_of(request) == [("told people", "Somebody heard of it")]


def test_a_comment_is_a_short_line_that_leads_to_it(signed_in: SignIn) -> None:
    request = approval_request()
    rita = viewer("rita")
    remark = comment(rita, request, "The hotel was the cheapest one.")
    edit_comment(rita, remark, "The hotel was the cheapest in town.")
    assert [(line.action, line.note, line.comment) for line in lines_of(request)] == [
        ("commented", "", remark.pk),
        ("changed a comment", "", remark.pk),
    ]
    page = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/").text
    assert page.count("the cheapest in town") == 1
    assert f'<a href="#comment-{remark.pk}">commented</a>' in page
    assert f'id="comment-{remark.pk}"' in page
