"""What can go wrong with AWS, as the few kinds that call for different reactions.

No fault carries the error it was made from: botocore's texts and frames hold whole addresses, and the address of a
callback holds its id.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from approvals.aws.secret import CallbackId

LONGEST_TEXT = 500
SERVER_ERROR = 500
PASSING_STATUS = frozenset({408, 409, 429})
FORBIDDEN_STATUS = frozenset({401, 403})

# Codes that say "again" although their HTTP status does not: throttling, expired credentials, a clock that is off.
PASSING = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "LimitExceededException",
        "OverLimit",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestExpired",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeTooSkewed",
        "RequestTimeout",
        "RequestTimeoutException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
FORBIDDEN = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthFailure",
        "InvalidClientTokenId",
        "KMSAccessDeniedException",
        "KmsAccessDenied",
        "MissingAuthenticationToken",
        "UnauthorizedOperation",
        "UnrecognizedClientException",
    }
)
MISCONFIGURED = frozenset(
    {"KMSDisabledException", "KMSInvalidStateException", "KMSNotFoundException", "KmsDisabled", "KmsNotFound"}
)
MISSING = frozenset(
    {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "ResourceNotFound", "ResourceNotFoundException"}
)
CLOSED = "CallbackTimeoutException"
ALREADY_STARTED = "DurableExecutionAlreadyStartedException"
CONDITION_FAILED = "ConditionalCheckFailedException"

# The request did not reach AWS: nothing can have happened.
UNSENT = (
    boto.ConnectTimeoutError,
    boto.EndpointConnectionError,
    boto.ProxyConnectionError,
    boto.SSLError,
    boto.CredentialRetrievalError,
    boto.MetadataRetrievalError,
)
# It was sent and no answer could be read: it may have happened.
UNANSWERED = (boto.ConnectionError, boto.HTTPClientError, boto.ResponseStreamingError, boto.IncompleteReadError)


class AwsError(Exception):
    """AWS did not do what was asked. The text is for people and holds no secret."""

    kind: ClassVar[str] = ""


class Retryable(AwsError):  # noqa: N818 (a kind of answer, named as the record names it)
    """It passes: throttling, an outage, a timeout. ``may_have_happened`` where the answer was lost, not the request."""

    kind = "retryable"

    def __init__(self, text: str, *, may_have_happened: bool = False) -> None:
        super().__init__(text)
        self.may_have_happened = may_have_happened


class Closed(AwsError):  # noqa: N818
    """The callback was completed, has expired, or its run was stopped: the API does not say which."""

    kind = "closed"


class Lost(AwsError):  # noqa: N818
    """Another answer stands in the item; ``winner`` has its decision, decided_by, decided_at as far as known."""

    kind = "lost"

    def __init__(self, text: str, winner: Mapping[str, Any]) -> None:
        super().__init__(text)
        self.winner = dict(winner)


class Forbidden(AwsError):  # noqa: N818
    """The portal's role may not do this. May pass by itself within a minute of a change of roles."""

    kind = "forbidden"


class Misconfigured(AwsError):  # noqa: N818
    """Trying again cannot help: a wrong name, region or value."""

    kind = "misconfigured"


class Missing(Misconfigured):
    """The table, queue, function, execution or item is not there."""


class AlreadyStarted(Misconfigured):
    """A run of this name exists with another input."""


class ConditionFailed(AwsError):  # noqa: N818
    """The item is not as the write expected; the adapters read it again, nobody else sees this."""

    kind = "condition"


def ask[Answer](operation: Callable[..., Answer], what: str, secret: CallbackId | None = None, **given: Any) -> Answer:
    """Call an operation of a client; ``what`` begins the text of a fault, ``secret`` never appears in it.

    Raises an AwsError.
    """
    try:
        return operation(**given)
    except (boto.ClientError, boto.BotoCoreError, ResponseParserError) as error:
        fault = fault_of(error, what, secret)
    # Outside the handler, so that the fault has no __context__.
    raise fault


def fault_of(error: Exception, what: str, secret: CallbackId | None = None) -> AwsError:
    """Return the fault that an error of botocore means (sources: botocore's models, AWS's guides to each API)."""
    if isinstance(error, boto.ClientError):
        return _refusal(error, what, secret)
    name = type(error).__name__
    if isinstance(error, UNSENT):
        return Retryable(f"{what}: AWS cannot be reached ({name}).")
    if isinstance(error, (*UNANSWERED, ResponseParserError)):
        return Retryable(f"{what}: AWS gave no readable answer ({name}).", may_have_happened=True)
    return Misconfigured(f"{what}: the call cannot be made ({name}).")


def _refusal(error: boto.ClientError, what: str, secret: CallbackId | None) -> AwsError:
    details: Mapping[str, Any] = error.response.get("Error", {})
    code = str(details.get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    message = str(details.get("Message", ""))
    if secret is not None:
        message = secret.scrubbed(message)
    text = f"{what}: {code}: {message}"[:LONGEST_TEXT] if message else f"{what}: {code}."
    return _by_code(code, text) or _by_status(status, text)


def _by_code(code: str, text: str) -> AwsError | None:
    if code in PASSING:
        return Retryable(text)
    kinds: dict[str, type[AwsError]] = {
        CLOSED: Closed,
        ALREADY_STARTED: AlreadyStarted,
        CONDITION_FAILED: ConditionFailed,
        **dict.fromkeys(FORBIDDEN, Forbidden),
        **dict.fromkeys(MISSING, Missing),
        **dict.fromkeys(MISCONFIGURED, Misconfigured),
    }
    return kinds[code](text) if code in kinds else None


def _by_status(status: int, text: str) -> AwsError:
    if status >= SERVER_ERROR:
        return Retryable(text, may_have_happened=True)
    if status in PASSING_STATUS:
        return Retryable(text)
    return Forbidden(text) if status in FORBIDDEN_STATUS else Misconfigured(text)
