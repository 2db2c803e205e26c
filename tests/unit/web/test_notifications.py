"""The bell, the list and what was read; and what people choose to be told."""

import re
from datetime import time

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from approvals.models import (
    AuditEvent,
    Notification,
    NotificationPreferences,
    Occasion,
    Pulse,
    Topic,
    User,
)
from tests.factories import approval_request, person
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db
CHOICES = "/account/notifications/"


def tell(username: str, times: int = 1, topic: Topic = Topic.TURN, **fields: object) -> list[Notification]:
    """Tell somebody of so many requests."""
    told = []
    for _ in range(times):
        request = approval_request(**fields)
        occasion = Occasion.objects.create(
            cause=f"{topic}:{request.approval_id}", topic=topic, subject=request.approval_id, state="told",
            due_at=timezone.now(),
        )  # fmt: skip
        told.append(Notification.objects.create(person=person(username), occasion=occasion, request=request))
    return told


def bell(client: Client) -> str:
    """What the bell says."""
    Pulse.objects.get_or_create(name="mirror", defaults={"at": timezone.now()})
    found = re.search(r'class="bell"[^>]*aria-label="([^"]*)"', client.get("/").text)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("times", "says"), [(0, "Notifications"), (3, "Notifications: 3 unread"), (9, "9 unread"), (12, "9+ unread")]
)
def test_the_bell_counts_what_is_unread_and_no_further_than_nine(signed_in: SignIn, times: int, says: str) -> None:
    client = signed_in("anna", "managers")
    tell("anna", times)
    tell("bo", 2)
    assert bell(client).endswith(says)


def test_what_is_read_over_or_only_mailed_does_not_count(signed_in: SignIn) -> None:
    client = signed_in("anna", "managers")
    read, over, mailed, unread = tell("anna", 4)
    Notification.objects.filter(pk=read.pk).update(read_at=timezone.now())
    Notification.objects.filter(pk=over.pk).update(over_at=timezone.now())
    Notification.objects.filter(pk=mailed.pk).update(in_app=False)
    assert bell(client) == "Notifications: 1 unread"
    page = client.get("/notifications/").text
    assert f"/notifications/{unread.pk}/" in page
    assert f"/notifications/{mailed.pk}/" not in page
    assert page.count("No longer needed") == 1


def test_the_list_shows_ones_own_newest_first_a_page_at_a_time(signed_in: SignIn) -> None:
    client = signed_in("anna", "managers")
    mine = tell("anna", 35)
    tell("bo")
    first = shown(client, "/notifications/")
    assert first == [one.pk for one in reversed(mine)][:30]
    assert shown(client, f"/notifications/?after={first[-1]}") == [one.pk for one in reversed(mine)][30:]


def shown(client: Client, address: str) -> list[int]:
    """The notifications on a page."""
    return [int(key) for key in re.findall(r'href="/notifications/(\d+)/"', client.get(address).text)]


def test_the_list_costs_the_same_however_much_it_shows(
    signed_in: SignIn, django_assert_max_num_queries: object
) -> None:
    client = signed_in("anna", "managers")
    for topic in (Topic.TURN, Topic.OVER, Topic.OUTCOME):
        tell("anna", 10, topic, status="approved", decision={"decision": "approved", "decided_by": "bo"})
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        client.get("/notifications/")


def test_opening_one_leads_to_what_it_is_about_and_counts_as_reading(signed_in: SignIn) -> None:
    client = signed_in("anna", "managers")
    [one] = tell("anna")
    assert one.request is not None
    answer = client.get(f"/notifications/{one.pk}/")
    assert answer["Location"] == f"/requests/{one.request.approval_id}/"
    assert bell(client) == "Notifications"
    assert signed_in("bo", "managers").get(f"/notifications/{one.pk}/").status_code == 404


def test_one_or_all_are_marked_as_read_and_what_came_meanwhile_is_not(signed_in: SignIn) -> None:
    client = signed_in("anna", "managers")
    first, second, third = tell("anna", 3)
    [others] = tell("bo")
    client.post("/notifications/read/", {"key": first.pk})
    assert bell(client) == "Notifications: 2 unread"
    client.post("/notifications/read/", {"key": others.pk})
    client.post("/notifications/read/", {"newest": second.pk})
    assert bell(client) == "Notifications: 1 unread"
    others.refresh_from_db()
    third.refresh_from_db()
    assert (others.read_at, third.read_at) == (None, None)


def test_what_was_marked_as_read_leads_on_to_the_next(signed_in: SignIn) -> None:
    client = signed_in("anna", "managers")
    first, second, third = tell("anna", 3)

    def leads_to(**form: object) -> str:
        return str(client.post("/notifications/read/", form)["Location"])

    assert leads_to(key=third.pk, show="unread") == f"/notifications/?show=unread#told-{second.pk}"
    assert leads_to(key=second.pk, after=third.pk) == f"/notifications/?after={third.pk}#told-{second.pk}"
    assert leads_to(key=first.pk, show="unread") == "/notifications/?show=unread#told-title"
    assert leads_to(newest=third.pk) == "/notifications/#told-title"


@pytest.mark.parametrize("junk", [{}, {"key": "x"}, {"key": "9" * 40}, {"newest": "-1"}, {"key": "٣"}])
def test_junk_marks_nothing(signed_in: SignIn, junk: dict[str, str]) -> None:
    client = signed_in("anna", "managers")
    tell("anna")
    assert client.post("/notifications/read/", junk).status_code == 302
    assert client.get("/notifications/read/").status_code == 405
    assert client.get(f"/notifications/?after={junk.get('key', '')}").status_code == 200
    assert bell(client) == "Notifications: 1 unread"


def test_nothing_to_tell_is_said_kindly(signed_in: SignIn) -> None:
    client = signed_in("anna", "managers")
    assert "Nothing was told to you yet" in client.get("/notifications/").text
    assert "You have read everything" in client.get("/notifications/?show=unread").text


def test_what_others_wrote_stays_text_in_the_list(signed_in: SignIn) -> None:
    client = signed_in("anna", "managers")
    tell("anna", title="<script>alert(1)</script>\u202egpj")
    page = client.get("/notifications/").text
    assert "<script>alert" not in page
    assert "\u202e" not in page


# What people choose


def wishes(**changes: object) -> dict[str, object]:
    """The form with everything switched on."""
    boxes = {f"{topic}-{place}": "on" for topic in Topic for place in ("app", "email")}
    return {**boxes, "pace": "now", "digest_hour": "8", "quiet_from": "", "quiet_until": "", **changes}


def test_without_a_choice_everything_is_on(signed_in: SignIn) -> None:
    page = signed_in("anna").get(CHOICES).text
    boxes = re.findall(r'type="checkbox" name="[a-z]+-(?:app|email)"[^>]*>', page)
    assert len(boxes) == 12
    assert all("checked" in box for box in boxes)


def test_choices_are_kept_and_on_the_record(signed_in: SignIn) -> None:
    client = signed_in("anna")
    form = wishes(pace="daily", digest_hour="17", quiet_from="22:00", quiet_until="07:30")
    del form["comment-email"], form["over-app"]
    assert client.post(CHOICES, form)["Location"] == CHOICES
    kept = NotificationPreferences.of(User.objects.get(username="anna"))
    assert (kept.not_by_email, kept.not_in_app) == (["comment"], ["over"])
    assert (kept.pace, kept.digest_hour, kept.quiet_from, kept.quiet_until) == ("daily", 17, time(22), time(7, 30))
    line = AuditEvent.objects.get(action="user.notifications_changed")
    assert line.data["after"]["quiet_from"] == "22:00:00"
    page = client.get(CHOICES).text
    assert 'value="22:00"' in page
    assert re.search(r'name="comment-email"(?! checked)', page)


def test_saving_the_same_again_leaves_no_line(signed_in: SignIn) -> None:
    client = signed_in("anna")
    for _ in range(2):
        client.post(CHOICES, wishes(pace="daily"))
    assert AuditEvent.objects.filter(action="user.notifications_changed").count() == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"quiet_from": "22:00"}, "need a beginning and an end"),
        ({"quiet_until": "07:00"}, "need a beginning and an end"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "no time at all"),
        ({"quiet_from": "late", "quiet_until": "07:00"}, "Enter a valid time"),
        ({"pace": "hourly"}, "not one of the available choices"),
        ({"digest_hour": "24"}, "not one of the available choices"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    signed_in: SignIn, changes: dict[str, object], says: str
) -> None:
    answer = signed_in("anna").post(CHOICES, wishes(**changes))
    assert answer.status_code == 422
    assert says in answer.text
    assert "Nothing was saved yet." in answer.text
    assert not NotificationPreferences.objects.exists()


def test_only_admins_choose_about_what_is_stuck(signed_in: SignIn) -> None:
    assert 'name="office-app"' in signed_in("olaf", "admins").get(CHOICES).text
    anna = signed_in("anna")
    assert 'name="office-app"' not in anna.get(CHOICES).text
    NotificationPreferences.objects.create(person=person("anna"), not_by_email=["office"])
    anna.post(CHOICES, wishes(pace="daily"))
    assert NotificationPreferences.objects.get().not_by_email == ["office"]


def test_the_page_says_where_mail_goes_or_why_none_does(signed_in: SignIn, settings: Settings) -> None:
    client = signed_in("anna")
    assert "This portal sends no e-mail" in client.get(CHOICES).text
    settings.SENDS_EMAIL = True
    assert "has no e-mail address" in client.get(CHOICES).text
    User.objects.update(email="anna@example.com")
    assert "anna@example.com" in client.get(CHOICES).text
