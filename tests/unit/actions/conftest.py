"""Doing two things at once, for real."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection


@pytest.fixture
def at_once() -> Callable[..., list[Any]]:
    """Run the calls in threads that start together; each gives what it returned or raised."""

    def run(*calls: Callable[[], Any]) -> list[Any]:
        gate = threading.Barrier(len(calls))

        def one(call: Callable[[], Any]) -> Any:
            gate.wait()
            try:
                return call()
            except Exception as fault:  # noqa: BLE001 (the fault is the outcome that the test looks at)
                return fault
            finally:
                connection.close()

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(one, calls))

    return run
