"""Names that come out the same in every replay: of runs, and of the nth time that something is done in one."""

import re
import threading
from collections import Counter
from weakref import WeakKeyDictionary

from aws_durable_execution_sdk_python import DurableContext
from aws_durable_execution_sdk_python.state import ExecutionState

_EXECUTION = re.compile(r"/durable-execution/([^/]+)/[^/]+$")
_counts: "WeakKeyDictionary[ExecutionState, Counter[str]]" = WeakKeyDictionary()
_counting = threading.Lock()


def run_name_of(execution_arn: str) -> str:
    """The run's name: what its starter chose as DurableExecutionName.

    AWS's in-process test runner has ARNs of another grammar; there it is the first path segment.
    """
    named = _EXECUTION.search(execution_arn)
    return named.group(1) if named else execution_arn.split("/", maxsplit=1)[0]


def occurrence(context: DurableContext, what: str) -> int:
    """How many times this invocation has come by `what`, this time included: 1, 2, …

    Each invocation replays the workflow from the top, so the count is as deterministic as the order of its calls. Do
    the same thing in two parallel branches only under two names.
    """
    with _counting:
        counts = _counts.setdefault(context.state, Counter())
        counts[what] += 1
        return counts[what]


def numbered(name: str, number: int) -> str:
    """`manager`, `manager.2`, `manager.3`, …"""
    return name if number == 1 else f"{name}.{number}"
