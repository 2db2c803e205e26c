"""How often steps are tried again, and which faults are not worth it."""

from collections.abc import Callable

from aws_durable_execution_sdk_python.config import Duration, StepConfig
from aws_durable_execution_sdk_python.retries import RetryDecision, RetryStrategyConfig, create_retry_strategy
from botocore.exceptions import ClientError, ParamValidationError

from hitl.settings import MissingSettingError

type RetryStrategy = Callable[[Exception, int], RetryDecision]


class NotOursError(RuntimeError):
    """The key in the table belongs to another execution; writing would take it over."""


# What will be as wrong next time. A missing right is not among them: an operator may grant it meanwhile.
HOPELESS = (
    NotOursError,
    MissingSettingError,
    ParamValidationError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)

_patiently = create_retry_strategy(
    RetryStrategyConfig(
        max_attempts=24, initial_delay=Duration.from_seconds(1), max_delay=Duration.from_minutes(10), backoff_rate=2.5
    )
)


def table_retries(error: Exception, attempt: int) -> RetryDecision:
    """24 tries over an hour or more for an outage, one for a fault that stays."""
    if isinstance(error, HOPELESS):
        return RetryDecision.no_retry()
    if isinstance(error, ClientError) and error.response["Error"]["Code"] == "ValidationException":
        return RetryDecision.no_retry()
    return _patiently(error, attempt)


RECORDING = StepConfig(retry_strategy=table_retries)
