"""The stack's limits as the functions find them in their environment."""

from datetime import timedelta
from decimal import Decimal, InvalidOperation

from hitl import MissingSettingError, RunFailed
from hitl.settings import required


def number(name: str) -> Decimal:
    """A limit, zero or more. Source: the parameters of template.yaml.

    Raises:
        MissingSettingError: it is missing or not a number; the message names it.
    """
    try:
        value = Decimal(required(name))
    except InvalidOperation:
        raise MissingSettingError(f"The environment variable {name} is not a number") from None
    if not value.is_finite() or value < 0:
        raise MissingSettingError(f"The environment variable {name} must be zero or more")
    return value


def waiting_time(asked: int | None, default: str = "APPROVAL_TIMEOUT_SECONDS") -> timedelta:
    """How long a request waits: what the submission asks for, in seconds, or what the stack says under `default`.

    Raises:
        RunFailed: the submission asks for more than the stack allows.
        MissingSettingError: the stack's own default is under a second.
    """
    longest = int(number("MAX_TIMEOUT_SECONDS"))
    if asked is not None and asked > longest:
        raise RunFailed(f"timeout_seconds must be at most {longest}.")
    seconds = asked or int(number(default))
    if seconds < 1:
        raise MissingSettingError(f"The environment variable {default} must be 1 or more")
    return timedelta(seconds=min(seconds, longest))
