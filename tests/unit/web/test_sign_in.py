"""Signing in and out, and the account page."""

import pytest
from django.test import Client
from pytest_django import Settings

from approvals.models import AuditEvent, User
from tests.factories import PASSWORD, person
from tests.unit.web.forms import signed_in

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "seven wet otters"


def sign_in(client: Client, username: str, password: str = PASSWORD, **more: str) -> object:
    return client.post("/login/", {"username": username, "password": password, **more})


def recorded(action: str) -> list[tuple[str, str | None]]:
    return list(AuditEvent.objects.filter(action=action).order_by("id").values_list("actor", "address"))


def test_signing_in_and_out_is_on_the_record(client: Client) -> None:
    person("rita")
    assert sign_in(client, "rita").url == "/"  # type: ignore[attr-defined]
    client.post("/logout/")
    assert recorded("user.signed_in") == [("rita", "127.0.0.1")]
    assert recorded("user.signed_out") == [("rita", "127.0.0.1")]
    assert client.get("/").url == "/login/?next=/"  # type: ignore[attr-defined]


def test_a_failed_sign_in_says_so_and_is_recorded_without_what_was_typed(client: Client) -> None:
    person("rita")
    assert "not right" in sign_in(client, "rita", "wrong").content.decode()  # type: ignore[attr-defined]
    sign_in(client, "correct horse battery", "rita")
    assert recorded("user.sign_in_failed") == [("rita", "127.0.0.1"), ("system:sign-in", "127.0.0.1")]
    assert not AuditEvent.objects.filter(object_id__contains="horse").exists()
    assert not AuditEvent.objects.filter(summary__contains="horse").exists()


def test_guessing_is_stopped_for_one_address_and_the_page_says_when_to_try_again(
    client: Client, settings: Settings
) -> None:
    person("rita")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = sign_in(client, "rita", "wrong")
    assert answer.status_code == 429  # type: ignore[attr-defined]
    page = sign_in(client, "rita")
    assert "Try again in 15 minutes" in page.content.decode()  # type: ignore[attr-defined]
    assert page.headers["Retry-After"] == "900"  # type: ignore[attr-defined]
    assert recorded("user.locked_out")[0] == ("rita", "127.0.0.1")
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert sign_in(elsewhere, "rita").status_code == 302  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/queue/", "/queue/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_the_way_back_stays_in_the_portal(client: Client, wanted: str, reached: str) -> None:
    person("rita")
    assert sign_in(client, "rita", next=wanted).url == reached  # type: ignore[attr-defined]


def test_the_browsers_time_zone_is_taken_once(client: Client) -> None:
    rita = person("rita")
    sign_in(client, "rita", time_zone="Europe/Lisbon")
    rita.refresh_from_db()
    assert rita.time_zone == "Europe/Lisbon"
    sign_in(Client(), "rita", time_zone="Asia/Tokyo")
    rita.refresh_from_db()
    assert rita.time_zone == "Europe/Lisbon"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd"])
def test_a_time_zone_that_is_none_is_ignored(client: Client, zone: str) -> None:
    rita = person("rita")
    assert sign_in(client, "rita", time_zone=zone).status_code == 302  # type: ignore[attr-defined]
    rita.refresh_from_db()
    assert rita.time_zone == ""


def test_the_people_of_the_demo_are_shown_in_the_demo_only(client: Client, settings: Settings) -> None:
    assert "People of the demo" not in client.get("/login/").content.decode()
    settings.DEMO, settings.DEMO_PASSWORD = True, "amber-birch"
    page = client.get("/login/").content.decode()
    assert page.count("data-username=") == 5
    assert 'data-password="amber-birch"' in page


def test_the_demos_password_can_be_read_without_scripts(client: Client, settings: Settings) -> None:
    settings.DEMO, settings.DEMO_PASSWORD = True, "amber-birch"
    assert "They share the password <code>amber-birch</code>." in client.get("/login/").content.decode()


def test_an_inactive_account_does_not_get_in(client: Client) -> None:
    person("rita", is_active=False)
    assert sign_in(client, "rita").status_code == 200  # type: ignore[attr-defined]


# The account


def test_name_and_time_zone_change_on_the_record() -> None:
    rita = signed_in("rita")
    rita.post("/account/", {"form": "profile", "first_name": "Rita\u202e", "last_name": "Levi", "time_zone": "lisbon"})
    user = User.objects.get(username="rita")
    assert (user.get_full_name(), user.time_zone) == ("Rita Levi", "Europe/Lisbon")
    event = AuditEvent.objects.get(action="user.changed")
    assert event.data["after"]["last_name"] == "Levi"


def test_an_unknown_time_zone_is_refused_in_words() -> None:
    answer = signed_in("rita").post("/account/", {"form": "profile", "time_zone": "Atlantis"})
    assert answer.status_code == 422
    assert "Atlantis is not a time zone" in answer.content.decode()


def test_nobody_changes_more_than_their_name_and_zone() -> None:
    rita = signed_in("rita")
    rita.post("/account/", {"form": "profile", "username": "admin", "is_superuser": "on", "is_staff": "on"})
    user = User.objects.get(username="rita")
    assert (user.is_superuser, user.is_staff) == (False, False)


def password_form(old: str = PASSWORD, new: str = NEW_PASSWORD) -> dict[str, str]:
    return {
        "form": "password", "change-old_password": old, "change-new_password1": new, "change-new_password2": new
    }  # fmt: skip


def test_a_new_password_signs_out_every_other_browser() -> None:
    here, there = signed_in("rita"), signed_in("rita")
    here.post("/account/", password_form())
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert User.objects.get(username="rita").check_password(NEW_PASSWORD)
    assert recorded("user.password_changed") == [("rita", "127.0.0.1")]


@pytest.mark.parametrize(("old", "new"), [("wrong", NEW_PASSWORD), (PASSWORD, "short"), (PASSWORD, "password123")])
def test_a_password_changes_only_for_who_knows_the_old_one_and_to_a_good_one(old: str, new: str) -> None:
    assert signed_in("rita").post("/account/", password_form(old, new)).status_code == 422
    assert User.objects.get(username="rita").check_password(PASSWORD)


def test_signing_out_everywhere_ends_all_other_sessions_and_keeps_the_password() -> None:
    here, there = signed_in("rita"), signed_in("rita")
    here.post("/account/", {"form": "everywhere", "everywhere-password": PASSWORD})
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert User.objects.get(username="rita").check_password(PASSWORD)


def test_guessing_the_password_from_within_is_stopped_too(settings: Settings) -> None:
    rita = signed_in("rita")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = rita.post("/account/", {"form": "everywhere", "everywhere-password": "wrong"})
    assert answer.status_code == 429
    assert len(recorded("user.sign_in_failed")) >= settings.AXES_FAILURE_LIMIT
