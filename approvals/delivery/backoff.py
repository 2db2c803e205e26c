"""When to try again, and when to give up and say so."""

import random
from datetime import timedelta

from approvals.aws.faults import AwsError, Forbidden, Misconfigured

LONGEST_WAIT = 300.0
# From this many tries on a delivery counts as delayed and the portal says so.
DELAYED_AFTER = 6
# A new role takes up to a minute to be believed everywhere: this many refusals in a row, over half a minute.
REFUSALS_BELIEVED = 6


def wait_after(attempts: int) -> timedelta:
    """Return the pause after so many tries: 1, 2, 4 … 300 seconds, the later half of it at random."""
    longest = min(LONGEST_WAIT, 2.0 ** min(attempts - 1, 16))
    return timedelta(seconds=random.uniform(longest / 2, longest))  # noqa: S311 (jitter, not a secret)


def is_hopeless(fault: AwsError, attempts: int, previous_kind: str) -> bool:
    """Say whether only a person can help: a wrong set-up at once, a refusal when it stays."""
    if isinstance(fault, Misconfigured):
        return True
    return isinstance(fault, Forbidden) and previous_kind == Forbidden.kind and attempts >= REFUSALS_BELIEVED
