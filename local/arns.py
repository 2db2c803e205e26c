"""The two grammars of an execution's ARN: AWS's, and the local runner's `<uuid>/<execution id>`.

The SDK finds the execution's first operation by the last segment of the ARN, and the runner lets its caller
choose that segment. So both forms share the execution id; what else they need, local/runs.py remembers.
"""

import re
from typing import NamedTuple

from local.ministack import ACCOUNT, REGION

_SERVICE = re.compile(
    r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+:(?:\$LATEST|\d+)"
    r"/durable-execution/[\w-]+/[\w-]+"
)
_FUNCTION = re.compile(
    r"(?:arn:aws:lambda:[a-z0-9-]+:\d{12}:function:|(?:\d{12}:)?function:)?"
    r"(?P<name>[\w-]+)(?::(?P<qualifier>\$LATEST|[\w-]+))?"
)
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class FunctionRef(NamedTuple):
    """A function as a caller names it: bare name and, when given, version or alias."""

    name: str
    qualifier: str | None


def function_arn(name: str, version: str) -> str:
    """The qualified ARN of a local function."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}:{version}"


def parse_function(text: str) -> FunctionRef | None:
    """A function name, partial ARN or ARN, qualified or not; None if it is none of these."""
    match = _FUNCTION.fullmatch(text)
    return FunctionRef(match["name"], match["qualifier"]) if match else None


def service_arn(qualified_function_arn: str, name: str, execution_id: str) -> str:
    """An execution's ARN as AWS writes it."""
    return f"{qualified_function_arn}/durable-execution/{name}/{execution_id}"


def execution_id(arn: str) -> str:
    """The last segment of an ARN in either grammar."""
    return arn.rpartition("/")[2]


def is_service_arn(text: str) -> bool:
    """Whether `text` is an execution's ARN in AWS's grammar."""
    return _SERVICE.fullmatch(text) is not None
