"""boto3 clients: one session for each way of reading answers, each client built once, all timeouts and pools stated."""

import logging
import os
import threading
from typing import TYPE_CHECKING, Any, cast

import boto3
import botocore.session
from botocore.config import Config
from django.conf import settings

from approvals.aws.parser import QuickParserFactory, RawItemsParserFactory

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

# Idle connections kept, at least as many as the outbox has threads.
POOL = 20
# Seconds that one receive waits for messages. The read timeout of the queue's client lies above it.
LONG_POLL = 4
_RETRIED: Any = {"mode": "standard", "total_max_attempts": 3}
# Starts and callbacks are retried by the outbox, which must know of every try whose outcome is unknown.
_ONCE: Any = {"mode": "standard", "total_max_attempts": 1}
_CONFIGS = {
    "dynamodb": Config(connect_timeout=2, read_timeout=5, retries=_RETRIED, max_pool_connections=POOL),
    "sqs": Config(connect_timeout=2, read_timeout=LONG_POLL + 6, retries=_ONCE, max_pool_connections=POOL),
    "lambda": Config(connect_timeout=2, read_timeout=10, retries=_ONCE, max_pool_connections=POOL),
    "cloudformation": Config(connect_timeout=2, read_timeout=10, retries=_RETRIED),
}
# For the question "does it answer": a probe that waits is an answer too.
_PROBE = Config(connect_timeout=1, read_timeout=2, retries=_ONCE, max_pool_connections=2)

_lock = threading.Lock()
_sessions: dict[bool, boto3.Session] = {}
_clients: dict[tuple[str, bool, bool], Any] = {}


def dynamodb(*, probe: bool = False) -> "DynamoDBClient":
    """The tables."""
    return cast("DynamoDBClient", _client("dynamodb", probe=probe))


def raw_dynamodb() -> Any:
    """The tables, for many items at once: Scan and BatchGetItem give each as ``approvals.aws.items.RawItem``."""
    return _client("dynamodb", probe=False, raw=True)


def sqs(*, probe: bool = False) -> "SQSClient":
    """The queues."""
    return cast("SQSClient", _client("sqs", probe=probe))


def functions() -> "LambdaClient":
    """Starts, callbacks and executions."""
    return cast("LambdaClient", _client("lambda", probe=False))


def cloudformation() -> "CloudFormationClient":
    """The stack's outputs."""
    return cast("CloudFormationClient", _client("cloudformation", probe=False))


def forget() -> None:
    """Drop session and clients: a forked child must not share its parent's connections, nor a test another's cloud."""
    global _lock  # noqa: PLW0603 (state of the process, which a fork splits)
    _lock = threading.Lock()
    _sessions.clear()
    _clients.clear()


os.register_at_fork(after_in_child=forget)


def _client(service: str, *, probe: bool, raw: bool = False) -> Any:
    known = _clients.get((service, probe, raw))
    if known is not None:
        return known
    with _lock:
        if (service, probe, raw) not in _clients:
            config = _PROBE if probe else _CONFIGS[service]
            _clients[service, probe, raw] = cast("Any", _session(raw=raw)).client(service, config=config)
        return _clients[service, probe, raw]


def _session(*, raw: bool) -> boto3.Session:
    if raw not in _sessions:
        # At debug level these write addresses and bodies, and with them callback ids.
        for talker in ("botocore", "boto3", "urllib3"):
            logging.getLogger(talker).setLevel(logging.WARNING)
        core = botocore.session.get_session()
        core.register_component("response_parser_factory", RawItemsParserFactory() if raw else QuickParserFactory())
        _sessions[raw] = boto3.Session(botocore_session=core, region_name=settings.AWS_REGION)
    return _sessions[raw]
