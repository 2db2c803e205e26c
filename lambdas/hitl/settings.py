"""What the stack tells the functions, read from the environment once and checked."""

import os
from dataclasses import dataclass
from functools import cache


class MissingSettingError(RuntimeError):
    """An environment variable is absent or empty; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Names and addresses that every workflow needs. Source: the Globals of template.yaml."""

    approvals_table: str
    runs_table: str
    topic_arn: str
    portal_url: str
    service: str


def required(name: str) -> str:
    """The value of an environment variable.

    Raises:
        MissingSettingError: it is not set, or empty.
    """
    value = os.environ.get(name, "").strip()
    if not value:
        raise MissingSettingError(f"The environment variable {name} is not set")
    return value


def optional(name: str) -> str:
    """The value of an environment variable that may be left out; then ""."""
    return os.environ.get(name, "").strip()


@cache
def settings() -> Settings:
    """The settings of this function version.

    Raises:
        MissingSettingError: names the first variable that is missing.
    """
    return Settings(
        approvals_table=required("APPROVALS_TABLE_NAME"),
        runs_table=required("RUNS_TABLE_NAME"),
        topic_arn=required("NOTIFICATIONS_TOPIC_ARN"),
        portal_url=required("PORTAL_URL").rstrip("/"),
        service=optional("POWERTOOLS_SERVICE_NAME") or "workflow",
    )
