"""The first try of a delivery, right after the commit that left it, beside the request and never in its way.

A thread that dies with its process leaves a lease; when that ends, the worker takes over.
"""

import atexit
import logging
import os
import threading
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from approvals.delivery.jobs import claim_one
from approvals.delivery.outbox import attempt
from approvals.delivery.record import record
from approvals.signals import delivery_queued

log = logging.getLogger(__name__)

AT_ONCE = 4
BUDGET = timedelta(seconds=5)
_room = threading.BoundedSemaphore(AT_ONCE)
_under_way: set[threading.Thread] = set()


def connect() -> None:
    """Listen for committed deliveries."""
    delivery_queued.connect(deliver_soon, dispatch_uid="approvals.delivery.prompt")
    os.register_at_fork(after_in_child=_forget)
    atexit.register(finish)


def deliver_soon(delivery_id: int, **_: Any) -> None:
    """Try the delivery in a thread of its own, if there is room; else the worker has it in half a second."""
    if settings.PROMPT_DELIVERY and _room.acquire(blocking=False):
        thread = threading.Thread(target=_deliver, args=(delivery_id, _room), name="prompt delivery", daemon=True)
        _under_way.add(thread)
        thread.start()


def finish(seconds: float = BUDGET.total_seconds()) -> None:
    """Wait for the tries that are under way: a process that ends in the middle of one delays it by a lease."""
    deadline = time.monotonic() + seconds
    for thread in list(_under_way):
        thread.join(max(0.0, deadline - time.monotonic()))


def _deliver(delivery_id: int, room: threading.BoundedSemaphore) -> None:
    try:
        job = claim_one(delivery_id, BUDGET)
        if job is not None:
            # No connection is held while AWS is asked.
            connection.close()
            record([attempt(job)])
    except (DatabaseError, InterfaceError) as fault:
        log.warning("prompt delivery left to the worker: %s", fault)
    finally:
        connection.close()
        _under_way.discard(threading.current_thread())
        room.release()


def _forget() -> None:
    global _room  # noqa: PLW0603 (a child has none of its parent's threads)
    _room = threading.BoundedSemaphore(AT_ONCE)
    _under_way.clear()
