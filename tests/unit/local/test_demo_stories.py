"""The demo's stories fit the portal's forms and people, and what it breaks is whole again afterwards."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from pytest_django import Settings

from approvals.models import Submission, User
from local import demo_faults
from local.demo_faults import Faults
from local.demo_filing import file
from local.demo_story import PEOPLE, Form, Story
from local.people_and_requests import STORIES, make_people

PASSWORD = "amber-birch-cedar"


@pytest.mark.django_db
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.key)
def test_every_story_is_a_form_that_the_portal_takes_once(
    story: Story | Form, settings: Settings, tmp_path: Any
) -> None:
    settings.DEMO, settings.MEDIA_ROOT = True, tmp_path
    make_people(PASSWORD)
    run_name = file(story)
    assert (run_name is None) == story.is_draft
    assert file(story) == run_name
    assert Submission.objects.get().workflow == story.workflow


@pytest.mark.django_db
def test_every_group_of_the_demo_has_its_people() -> None:
    make_people(PASSWORD)
    assert set(User.objects.get(username="admin").groups.values_list("name", flat=True)) >= {"operators", "admins"}
    assert Group.objects.filter(name="moderators", user__username="approver").exists()
    asked = {act.who for story in STORIES for act in story.acts}
    assert asked <= {person.username for person in PEOPLE}


class Lambda:
    """Versions and an alias of one function, as much as the demo asks for."""

    def __init__(self) -> None:
        self.versions = {"1": {"BOOKINGS_TABLE_NAME": "cars", "OTHER": "x"}}
        self.latest = self.versions["1"]
        self.live = "1"

    def get_function_configuration(self, Qualifier: str, **_: str) -> Any:  # noqa: N803 (boto3's)
        version = self.live if Qualifier == "live" else Qualifier
        return {"Environment": {"Variables": self.latest if version == "$LATEST" else self.versions[version]}}

    def update_function_configuration(self, Environment: Any, **_: str) -> None:  # noqa: N803
        self.latest = Environment["Variables"]

    def publish_version(self, **_: str) -> Any:
        number = str(len(self.versions) + 1)
        self.versions[number] = self.latest
        return {"Version": number}

    def update_alias(self, FunctionVersion: str, **_: str) -> None:  # noqa: N803
        self.live = FunctionVersion

    def list_versions_by_function(self, **_: str) -> Any:
        return {"Versions": [{"Version": "$LATEST"}, *({"Version": number} for number in self.versions)]}


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Lambda:
    stood_in = Lambda()
    monkeypatch.setattr("boto3.client", lambda *_: stood_in)
    return stood_in


def test_a_broken_function_is_mended_when_its_story_has_come_to_its_end(function: Lambda) -> None:
    faults = Faults("countersign", ["booking-cancel-car"])
    with faults:
        faults.cause("booking-cancel-car")
        assert function.versions[function.live]["BOOKINGS_TABLE_NAME"] == demo_faults._BROKEN
        assert function.latest == {"BOOKINGS_TABLE_NAME": "cars", "OTHER": "x"}
    assert function.live == "1"


def test_what_a_killed_demo_left_broken_is_mended_by_the_next(function: Lambda) -> None:
    Faults("countersign", ["booking-cancel-car"]).cause("booking-cancel-car")
    with Faults("countersign", ["booking-cancel-car"]) as again:
        again.cause("booking-cancel-car")
        assert len(function.versions) == 2
    assert function.live == "1"
