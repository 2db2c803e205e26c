"""What the gateway remembers of executions, in SQLite: names (the service's idempotency rule) and ends."""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    function TEXT NOT NULL,
    name TEXT NOT NULL,
    payload_digest TEXT NOT NULL,
    version TEXT NOT NULL,
    execution_id TEXT NOT NULL UNIQUE,
    runner_arn TEXT,
    deadline REAL NOT NULL,
    status TEXT NOT NULL DEFAULT 'RUNNING',
    PRIMARY KEY (function, name)
);
"""


class Run(NamedTuple):
    """One execution. `execution_id` is the last segment of its ARN, here as in the runner's; `runner_arn` is None
    from the claim of the name until the runner has answered; `deadline` is the Unix time of its timeout."""

    function: str
    name: str
    payload_digest: str
    version: str
    execution_id: str
    runner_arn: str | None
    deadline: float
    status: str


class Runs:
    """The table of runs at `path`. Safe to use from many threads; survives a restart."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._known: dict[str, Run] = {}
        with self._connect() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_SCHEMA)

    @contextlib.contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(self._path, timeout=10)) as db:
            db.execute("PRAGMA synchronous = NORMAL")
            with db:
                yield db

    def claim(self, run: Run) -> tuple[Run, bool]:
        """The run that has this name, and whether it is `run`, which took it just now."""
        with self._connect() as db:
            inserted = db.execute("INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", run)
            row = db.execute("SELECT * FROM runs WHERE function = ? AND name = ?", (run.function, run.name)).fetchone()
            return Run(*row), inserted.rowcount == 1

    def started(self, execution_id: str, runner_arn: str) -> None:
        """Note the ARN that the runner gave."""
        with self._connect() as db:
            db.execute("UPDATE runs SET runner_arn = ? WHERE execution_id = ?", (runner_arn, execution_id))

    def release(self, run: Run) -> None:
        """Forget a claim whose start failed, so that the caller's retry may start it."""
        with self._connect() as db:
            db.execute("DELETE FROM runs WHERE execution_id = ? AND runner_arn IS NULL", (run.execution_id,))

    def find(self, execution_id: str) -> Run | None:
        """The run with this execution id. The answer may be remembered: its `status` may be an old one."""
        known = self._known.get(execution_id)
        if known is None:
            with self._connect() as db:
                row = db.execute("SELECT * FROM runs WHERE execution_id = ?", (execution_id,)).fetchone()
            known = Run(*row) if row else None
            if known is not None and known.runner_arn is not None:
                self._known[execution_id] = known
        return known

    def close(self, execution_id: str, status: str) -> bool:
        """Record the end of a run; True for the one caller that recorded it."""
        with self._connect() as db:
            changed = db.execute(
                "UPDATE runs SET status = ? WHERE execution_id = ? AND status = 'RUNNING'",
                (status, execution_id),
            )
            return changed.rowcount == 1

    def is_open(self, execution_id: str) -> bool:
        """Whether no end of this run is known."""
        with self._connect() as db:
            found = db.execute("SELECT 1 FROM runs WHERE execution_id = ? AND status = 'RUNNING'", (execution_id,))
            return found.fetchone() is not None

    def still_open(self) -> list[Run]:
        """The runs of which no end is known."""
        with self._connect() as db:
            rows = db.execute("SELECT * FROM runs WHERE status = 'RUNNING' AND runner_arn IS NOT NULL")
            return [Run(*row) for row in rows]


def deadline_after(seconds: int) -> float:
    """The Unix time `seconds` from now."""
    return time.time() + seconds
