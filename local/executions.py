"""The durable execution and callback calls, between AWS's wire format and the local runner's."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from local.arns import execution_id, is_service_arn, parse_function, service_arn
from local.runs import Runs
from local.status_events import RUNNING, StatusEvents
from local.upstream import Reply, Upstream, segment, service_error

PREFIX = "/2025-12-01/"
_OK = 200
_NOT_FOUND = 404
_EXECUTION = re.compile(r"/2025-12-01/durable-executions/(?P<arn>.+?)(?P<verb>/(?:checkpoint|state|history|stop))?")
_CALLBACK = re.compile(r"/2025-12-01/durable-execution-callbacks/(?P<id>.+)/(?P<verb>succeed|fail|heartbeat)")
_LIST = re.compile(r"/2025-12-01/functions/(?P<function>[^/]+)/durable-executions")
_CLOSED = "The callback timed out or was already completed."


class Executions:
    """Answers /2025-12-01/… with the runner behind it."""

    def __init__(self, runner: Upstream, runs: Runs, events: StatusEvents) -> None:
        self._runner = runner
        self._runs = runs
        self._events = events

    def answer(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """What Lambda would answer to `method` on `target` (path and query)."""
        parts = urlsplit(target)
        if match := _CALLBACK.fullmatch(parts.path):
            return self._callback(unquote(match["id"]), match["verb"], body, headers)
        if method == "GET" and (match := _LIST.fullmatch(parts.path)):
            return self._list(unquote(match["function"]), parts.query, headers)
        if match := _EXECUTION.fullmatch(parts.path):
            return self._execution(method, unquote(match["arn"]), match["verb"] or "", parts.query, body)
        return service_error(501, "ServiceException", f"The local cloud does not have {method} {parts.path}.")

    def _execution(self, method: str, arn: str, verb: str, query: str, body: bytes) -> Reply:
        if not is_service_arn(arn):
            problem = f"{arn!r} is not the ARN of a durable execution."
            return service_error(400, "InvalidParameterValueException", problem)
        run = self._runs.find(execution_id(arn))
        if run is None or run.runner_arn is None:
            return service_error(404, "ResourceNotFoundException", f"There is no execution {arn}.")
        runner_arn = run.runner_arn
        path = f"/2025-12-01/durable-executions/{segment(runner_arn)}{verb}"
        reply = self._runner.send(method, f"{path}?{query}" if query else path, body)
        if verb == "/stop" and reply.status == _OK:
            self._events.check(runner_arn)
        if reply.status == _NOT_FOUND:
            return service_error(404, "ResourceNotFoundException", f"There is no execution {arn}.")
        return self._in_service_terms(reply) if verb in ("", "/history") else reply

    def _list(self, function: str, query: str, headers: Mapping[str, str]) -> Reply:
        ref = parse_function(function)
        if ref is None:
            return service_error(400, "InvalidParameterValueException", f"{function!r} names no function.")
        pairs = [(key, value) for key, value in parse_qsl(query) if key != "Qualifier"]
        wanted = {value for key, value in pairs if key == "Statuses"}
        pairs = [(key, value) for key, value in pairs if key != "Statuses"]
        pairs += [("StatusFilter", next(iter(wanted)))] if len(wanted) == 1 else []
        path = f"/2025-12-01/functions/{segment(ref.name)}/durable-executions"
        reply = self._runner.send("GET", f"{path}?{urlencode(pairs)}", b"", headers)
        return self._in_service_terms(reply, wanted)

    def _callback(self, callback_id: str, verb: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        runner_arn = _execution_of(callback_id)
        execution = self._status(runner_arn) if runner_arn else None
        if runner_arn is None or execution is None:
            return service_error(400, "InvalidParameterValueException", "Invalid callback id.")
        if execution != RUNNING:
            return service_error(400, "CallbackTimeoutException", _CLOSED)
        path = f"/2025-12-01/durable-execution-callbacks/{segment(callback_id)}/{verb}"
        reply = self._runner.send("POST", path, body, headers)
        if reply.status in (_NOT_FOUND, 409):
            return service_error(400, "CallbackTimeoutException", _CLOSED)
        # The runner answers {}; the service answers nothing.
        return Reply(reply.status, reply.headers, b"") if reply.status == _OK else reply

    def _status(self, runner_arn: str) -> str | None:
        """The status of an execution, None if there is no such execution."""
        reply = self._runner.send("GET", f"/2025-12-01/durable-executions/{segment(runner_arn)}")
        execution = reply.json() if reply.status == _OK else None
        return str(execution["Status"]) if isinstance(execution, dict) else None

    def _in_service_terms(self, reply: Reply, statuses: set[str] | None = None) -> Reply:
        """A runner's answer with AWS's ARNs; of a list, only the executions in `statuses`."""
        body = reply.json() if reply.status == _OK else None
        if not isinstance(body, dict):
            return reply
        listed = body.get("DurableExecutions")
        if isinstance(listed, list) and statuses:
            body["DurableExecutions"] = [entry for entry in listed if entry["Status"] in statuses]
        for entry in [body, *body.get("DurableExecutions", [])]:
            if "DurableExecutionArn" in entry:
                identity = execution_id(entry["DurableExecutionArn"])
                name = entry["DurableExecutionName"]
                entry["DurableExecutionArn"] = service_arn(entry["FunctionArn"], name, identity)
        return Reply(reply.status, reply.headers, json.dumps(body).encode())


def _execution_of(callback_id: str) -> str | None:
    """The runner's execution ARN in a callback id of the runner, None if it is not one."""
    try:
        token = json.loads(base64.b64decode(callback_id, validate=True))
        return str(token["arn"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None
