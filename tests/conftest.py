"""What every test shares."""

import importlib
import os
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from local.cloud import LocalCloud

# Properties are about outcomes: how long an example takes depends on what else the machine does.
settings.register_profile("countersign", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("countersign")
LONGEST_FIRST = ("cloud/test_demo.py", "cloud/test_restart.py", "cloud/test_flood.py", "browser/test_pages.py")
# Files that keep the processor busy, and files that wait for timers most of the time: one of each in turn.
BUSY, WAITING = ("cloud/", "browser/"), ("workflows/",)
LONG = ("unit/i18n/", "unit/policy/", "unit/models/", "unit/mirror/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that touches the portal's database, and put the long files first.

    The marked ones run on PostgreSQL too (`make test`). A long file that begins last keeps one worker busy when the
    others have nothing left to do. Files stay together and in pytest-randomly's order otherwise; the few that need the
    local cloud beside PostgreSQL stay together too, since each worker that needs the cloud deploys one.
    """
    one_cloud = os.environ.get("TEST_DATABASE") == "postgresql"
    for item in items:
        place = _place(item)
        item.add_marker(pytest.mark.xdist_group("cloud" if one_cloud and place.startswith("cloud/") else place))
        fixtures = getattr(item, "fixturenames", ())
        if item.get_closest_marker("django_db") or not {"db", "transactional_db"}.isdisjoint(fixtures):
            item.add_marker("database")
    order = _in_order(list(dict.fromkeys(map(_place, items))))
    items.sort(key=lambda item: order[_place(item)])


def _place(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).as_posix()


def _in_order(places: list[str]) -> dict[str, int]:
    """Return the place of each file: the longest first, then busy and waiting ones in turn, then the others."""
    first = [one for one in LONGEST_FIRST if one in places]
    rest = [one for one in places if one not in first]
    busy = [one for one in rest if one.startswith(BUSY)]
    waiting = [one for one in rest if one.startswith(WAITING)]
    others = [one for one in rest if not one.startswith(BUSY + WAITING)]
    in_turn = [one for pair in zip_longest(busy, waiting) for one in pair if one]
    others.sort(key=lambda place: not place.startswith(LONG))
    return {place: number for number, place in enumerate([*first, *in_turn, *others])}


@pytest.fixture(scope="session", autouse=True)
def _emptying_tables_lifts_the_append_only_triggers() -> Iterator[None]:
    """Let Django empty the tables after a transactional test: only there, the record may be emptied too."""
    from django.db.backends.base.operations import BaseDatabaseOperations

    triggers = importlib.import_module("approvals.migrations.0002_append_only_audit")
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_without_triggers(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        triggers.run(self.connection, "remove")
        try:
            flush(self, sql_list)
        finally:
            triggers.run(self.connection, "install")

    patch = pytest.MonkeyPatch()
    patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_without_triggers)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _each_test_begins_in_the_portals_own_language() -> Iterator[None]:
    """A request leaves its reader's language to the thread, as LocaleMiddleware does, and so to the next test."""
    from django.utils import translation

    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[LocalCloud]":
    """MiniStack with the real stack, the durable runner and the gateway: one a worker process, on ports of its own.

    `cloud.env` is the environment of a portal that uses it, `cloud.deployment.outputs` has the stack's outputs.
    """
    from local.cloud import LocalCloud

    # As in the demo, trips and fraud checks may be made to fail; one test shows that elsewhere they may not.
    parameters = {"AllowFailureInjection": "true"}
    with LocalCloud(tmp_path_factory.mktemp("cloud"), parameters=parameters) as running:
        yield running
