"""Reading a history from AWS, page by page, each page in its turn of a rate that all processes share."""

import time
from datetime import timedelta

from approvals.aws.faults import AwsError
from approvals.aws.functions import get_history_page
from approvals.models.timeline import Allowance
from approvals.timeline.history import History
from approvals.timeline.story import Story

# GetDurableExecutionHistory takes 15 calls a second in a region (Lambda quotas); a third is left to others.
NAME = "history"
EVERY = timedelta(milliseconds=100)
# After a rest a page may take a second's worth at once; the worker, which has time, hardly any.
FOR_PAGES = timedelta(seconds=1)
FOR_WORKER = timedelta(milliseconds=200)
# An execution has at most 3,000 operations (Lambda quotas), each with a few events; retries can make more.
MOST_PAGES = 40


class Busy(AwsError):  # noqa: N818 (a kind of answer, as in approvals.aws.faults)
    """Too many histories are being read just now; nothing was asked of AWS."""

    kind = "busy"


def read(run_arn: str, *, patience: float, ahead: timedelta = FOR_PAGES) -> Story:
    """Return what AWS knows of an execution. Not inside a transaction.

    Args:
        run_arn: the execution.
        patience: seconds that may be spent waiting for turns.
        ahead: how much of the rate may be taken at once.

    Raises:
        Busy, or another AwsError.
    """
    history, marker = History(), ""
    deadline = time.monotonic() + patience
    for _ in range(MOST_PAGES):
        _wait_for_turn(deadline, ahead)
        events, marker = get_history_page(run_arn, marker)
        history.add(events)
        if not marker:
            return history.story
    history.story.is_cut = True
    return history.story


def _wait_for_turn(deadline: float, ahead: timedelta) -> None:
    while wait := Allowance.objects.take(NAME, EVERY, ahead).total_seconds():
        if time.monotonic() + wait > deadline:
            raise Busy("Many histories are being read at the moment.")
        time.sleep(wait)
