"""What people chose to be told: where, by which pace, or not at all."""

from datetime import timedelta

import pytest
from django.utils import timezone

from approvals.models import Letter, Notification, NotificationPreferences
from tests.factories import person, policy
from tests.unit.notifying.conftest import asked, reachable, tell_all, told

pytestmark = pytest.mark.django_db


def test_topics_that_are_off_are_not_told_there() -> None:
    only_mail, only_portal, nothing = (reachable(name, "managers") for name in ("anna", "adam", "bo"))
    NotificationPreferences.objects.create(person=only_mail, not_in_app=["turn"])
    NotificationPreferences.objects.create(person=only_portal, not_by_email=["turn"])
    NotificationPreferences.objects.create(person=nothing, not_in_app=["turn"], not_by_email=["turn"])
    asked()
    tell_all()
    assert told() == ["adam", "anna"]
    assert list(Notification.objects.filter(in_app=True).values_list("person__username", flat=True)) == ["adam"]
    assert list(Letter.objects.values_list("person__username", flat=True)) == ["anna"]


def test_without_an_address_or_a_mail_server_the_portal_tells(settings: object) -> None:
    person("anna", "managers")
    asked()
    tell_all()
    settings.SENDS_EMAIL = False  # type: ignore[attr-defined]
    reachable("fiona", "finance")
    asked(policy=policy("finance"))
    tell_all()
    assert told() == ["anna", "fiona"]
    assert not Letter.objects.exists()


def test_a_day_of_notices_is_one_digest_and_the_urgent_one_comes_at_once() -> None:
    anna = reachable("anna", "managers")
    NotificationPreferences.objects.create(person=anna, pace="daily", digest_hour=8)
    far = timezone.now() + timedelta(days=5)
    asked(expires_at=far)
    asked(expires_at=far)
    asked(expires_at=timezone.now() + timedelta(minutes=10))
    tell_all()
    digest = Letter.objects.get(is_digest=True)
    assert digest.notifications.count() == 2
    assert digest.next_try_at.hour == 8
    assert Letter.objects.get(is_digest=False).notifications.count() == 1


def test_a_digest_that_is_being_sent_takes_no_more() -> None:
    anna = reachable("anna", "managers")
    NotificationPreferences.objects.create(person=anna, pace="daily", digest_hour=8)
    far = timezone.now() + timedelta(days=5)
    asked(expires_at=far)
    tell_all()
    Letter.objects.update(attempts=1)
    asked(expires_at=far)
    tell_all()
    first, second = Letter.objects.order_by("pk")
    assert (first.notifications.count(), second.notifications.count()) == (1, 1)
    assert second.next_try_at > first.next_try_at
