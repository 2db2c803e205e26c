"""The demo's stories: patience with a slow machine, and an end to it."""

import itertools
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from local import people_and_requests as filing

LOOKS = 10


@pytest.fixture
def stories(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Stories by title and at how many looks each has come to its end; a look takes a tenth of the patience."""
    ends: dict[str, int] = {}
    looks: dict[str, Any] = {}
    clock = itertools.count(step=filing.PATIENCE_SECONDS / LOOKS)

    def play(story: SimpleNamespace, run_name: str) -> bool:
        return next(looks.setdefault(story.title, itertools.count(1))) >= ends[story.title]

    listed = [SimpleNamespace(title=title, out_of_order="") for title in ("one", "two", "three")]
    monkeypatch.setattr(filing, "STORIES", listed)
    monkeypatch.setattr(filing, "_faults", nullcontext)
    monkeypatch.setattr(filing, "file", lambda story: story.title)
    monkeypatch.setattr(filing, "play", play)
    monkeypatch.setattr(filing, "time", SimpleNamespace(monotonic=lambda: next(clock), sleep=lambda _: None))
    return ends


def test_a_slow_machine_is_waited_for_as_long_as_stories_get_on(stories: dict[str, int]) -> None:
    stories.update(one=LOOKS // 2, two=LOOKS, three=LOOKS + LOOKS // 2)
    filing.file_requests()


def test_a_story_that_is_stuck_is_named(stories: dict[str, int]) -> None:
    stories.update(one=1, two=2, three=100 * LOOKS)
    with pytest.raises(TimeoutError, match="did not get on with: three"):
        filing.file_requests()
