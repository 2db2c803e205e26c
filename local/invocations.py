"""Invoke, as the gateway answers it: starts of durable executions, the runner's own calls, and all the rest."""

import hashlib
import json
import logging
import threading
import uuid
from collections.abc import Mapping
from http.client import HTTPException
from typing import NamedTuple

from local.arns import NAME, FunctionRef, execution_id, function_arn, service_arn
from local.ministack import ACCOUNT
from local.runs import Run, Runs, deadline_after
from local.status_events import RUNNING, StatusEvents
from local.upstream import Reply, Upstream, json_reply, segment, service_error

log = logging.getLogger(__name__)

HANDLER_MARK = "X-Dex-Handler-Invoke"
# Each running handler is a Python process here; more of them than this only slow each other down.
HANDLERS_AT_ONCE = 4
_SYNCHRONOUS_LIMIT_SECONDS = 900
_PAYLOAD_LIMIT_BYTES = 1024 * 1024


class DurableConfig(NamedTuple):
    """A function's DurableConfig, both as template.yaml gives them."""

    execution_timeout_seconds: int
    retention_days: int


class InvokeRequest(NamedTuple):
    """One Invoke call. `headers` has lower-case names; `target` is path and query as they came."""

    function: FunctionRef
    headers: Mapping[str, str]
    target: str
    body: bytes


class Invocations:
    """Answers Invoke. `durable` maps function names to their configuration."""

    def __init__(
        self,
        ministack: Upstream,
        runner: Upstream,
        runs: Runs,
        events: StatusEvents,
        durable: Mapping[str, DurableConfig],
    ) -> None:
        self._ministack = ministack
        self._runner = runner
        self._runs = runs
        self._events = events
        self._durable = durable
        self._handlers = threading.BoundedSemaphore(HANDLERS_AT_ONCE)
        self._under_way: set[int] = set()
        self._names = [threading.Lock() for _ in range(64)]

    @property
    def under_way(self) -> int:
        """How many handlers of durable functions run or wait for their turn."""
        return len(self._under_way)

    def answer(self, request: InvokeRequest) -> Reply:
        """What Lambda would answer."""
        if HANDLER_MARK.lower() in request.headers:
            return self._run_handler(request)
        if request.function.name not in self._durable:
            return self._ministack.send("POST", request.target, request.body, request.headers)
        return self._refuse(request) or self._start(request)

    def _run_handler(self, request: InvokeRequest) -> Reply:
        """The runner's call of the function: the function sees its execution ARN in AWS's grammar."""
        event = json.loads(request.body)
        runner_arn = event["DurableExecutionArn"]
        run = self._run_of(runner_arn, request.function)
        event["DurableExecutionArn"] = _arn_of(run)
        self._under_way.add(id(request))
        try:
            with self._handlers:
                reply = self._ministack.send("POST", request.target, json.dumps(event).encode(), request.headers)
        finally:
            self._under_way.discard(id(request))
        if reply.status != 200 or reply.header("X-Amz-Function-Error") or _is_final(reply):  # noqa: PLR2004
            self._events.check(runner_arn)
        return reply

    def _run_of(self, runner_arn: str, function: FunctionRef) -> Run:
        """The run that the runner calls for; one that a durable function invoked is new to us."""
        identity = execution_id(runner_arn)
        run = self._runs.find(identity)
        if run is None:
            version = function.qualifier or "$LATEST"
            told = self._runner.send("GET", f"/2025-12-01/durable-executions/{segment(runner_arn)}").json()
            name = str(told["DurableExecutionName"]) if isinstance(told, dict) else identity
            config = self._durable.get(function.name)
            deadline = deadline_after(config.execution_timeout_seconds if config else 0)
            run = Run(function.name, name, "", version, identity, runner_arn, deadline, RUNNING)
            self._runs.claim(run)
            self._watch(run)
        elif run.runner_arn is None:  # the first call overtook the answer to the start
            self._runs.started(identity, runner_arn)
        return run

    def _refuse(self, request: InvokeRequest) -> Reply | None:
        config = self._durable[request.function.name]
        kind = request.headers.get("x-amz-invocation-type", "RequestResponse")
        name = request.headers.get("x-amz-durable-execution-name")
        problem = None
        if request.function.qualifier is None:
            problem = "You cannot invoke a durable function using an unqualified ARN."
        elif kind == "RequestResponse" and config.execution_timeout_seconds > _SYNCHRONOUS_LIMIT_SECONDS:
            problem = (
                "You cannot synchronously invoke a durable function with an executionTimeout greater than"
                f" 15 minutes; {request.function.name} has {config.execution_timeout_seconds} s."
            )
        elif kind != "Event":
            problem = "The local cloud starts durable functions with InvocationType=Event only."
        elif name is not None and not NAME.fullmatch(name):
            problem = f"{name!r} is not a DurableExecutionName: 1 to 64 of letters, digits, - and _."
        elif len(request.body) > _PAYLOAD_LIMIT_BYTES:
            return service_error(413, "RequestTooLargeException", "The payload is larger than 1 MB.")
        elif not _is_json(request.body):
            return service_error(400, "InvalidRequestContentException", "The payload is not JSON.")
        return service_error(400, "InvalidParameterValueException", problem) if problem else None

    def _start(self, request: InvokeRequest) -> Reply:
        function = request.function
        version = self._version(function)
        if isinstance(version, Reply):
            return version
        name = request.headers.get("x-amz-durable-execution-name") or str(uuid.uuid4())
        wanted = Run(
            function.name,
            name,
            hashlib.sha256(request.body or b"null").hexdigest(),
            version,
            str(uuid.uuid4()),
            None,
            deadline_after(self._durable[function.name].execution_timeout_seconds),
            RUNNING,
        )
        with self._names[hash((function.name, name)) % len(self._names)]:
            run, is_new = self._runs.claim(wanted)
            if run.payload_digest != wanted.payload_digest:
                return service_error(
                    409,
                    "DurableExecutionAlreadyStartedException",
                    f"The execution {name} was already started with another payload.",
                )
            known = run.runner_arn is not None or (not is_new and self._adopt(run))
            problem = None if known else self._start_anew(run, request.body)
        if problem is not None:
            return problem
        headers = {"X-Amz-Durable-Execution-Arn": _arn_of(run), "X-Amz-Executed-Version": run.version}
        return Reply(202, headers, b"")

    def _version(self, function: FunctionRef) -> str | Reply:
        """The version behind the qualifier, or Lambda's error if there is none."""
        qualifier = function.qualifier or "$LATEST"
        if qualifier == "$LATEST" or qualifier.isdigit():
            return qualifier
        reply = self._ministack.send(
            "GET", f"/2015-03-31/functions/{segment(function.name)}/aliases/{segment(qualifier)}"
        )
        if reply.status != 200:  # noqa: PLR2004
            return reply
        alias = reply.json()
        return str(alias["FunctionVersion"]) if isinstance(alias, dict) else reply

    def _adopt(self, run: Run) -> bool:
        """Whether a claim whose start was asked for, but never seen to succeed, did start."""
        path = f"/2025-12-01/functions/{segment(run.function)}/durable-executions"
        listed = self._runner.send("GET", f"{path}?DurableExecutionName={run.name}").json()
        if not isinstance(listed, dict) or not listed.get("DurableExecutions"):
            return False
        self._note_start(run, str(listed["DurableExecutions"][0]["DurableExecutionArn"]))
        return True

    def _start_anew(self, run: Run, body: bytes) -> Reply | None:
        """Start `run` on the runner; the error to answer if that failed."""
        config = self._durable[run.function]
        order = {
            "AccountId": ACCOUNT,
            "FunctionName": run.function,
            "FunctionQualifier": run.version,
            "ExecutionName": run.name,
            "ExecutionTimeoutSeconds": config.execution_timeout_seconds,
            "ExecutionRetentionPeriodDays": config.retention_days,
            "InvocationId": run.execution_id,  # the second half of the runner's ARN: local/arns.py
            "Input": (body or b"null").decode(),
        }
        try:
            reply = self._runner.send("POST", "/start-durable-execution", json.dumps(order).encode())
            answer = reply.json()
        except (OSError, HTTPException, ValueError) as error:
            # Whether it started is not known: the claim stays, and the retry looks for it.
            log.warning("start of %s: %s", run.name, error)
            return json_reply(503, {"message": "The local runner did not answer."})
        if reply.status != 201 or not isinstance(answer, dict):  # noqa: PLR2004
            self._runs.release(run)
            return reply
        self._note_start(run, str(answer["ExecutionArn"]))
        return None

    def _note_start(self, run: Run, runner_arn: str) -> None:
        self._runs.started(run.execution_id, runner_arn)
        self._watch(run._replace(runner_arn=runner_arn))

    def _watch(self, run: Run) -> None:
        if run.runner_arn is not None:
            self._events.running(run.runner_arn)
            self._events.check_at(run.runner_arn, run.deadline + 1)


def _arn_of(run: Run) -> str:
    return service_arn(function_arn(run.function, run.version), run.name, run.execution_id)


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body or b"null")
    except ValueError:
        return False
    return True


def _is_final(reply: Reply) -> bool:
    """Whether a handler's answer ends its execution. An answer that nobody can read does too."""
    try:
        output = reply.json()
    except ValueError:
        return True
    return not isinstance(output, dict) or output.get("Status") != "PENDING"
