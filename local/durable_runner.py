"""`python -m local.durable_runner`: AWS's local runner, which after a restart takes up the executions it left.

The runner keeps executions but neither its timers nor the invocations under way. Durable functions may be invoked
again at any time: they replay what they did. So each running one is, and what its clock must end gets its timer back.
"""

import argparse
import logging
import math
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aws_durable_execution_sdk_python.lambda_service import (
    CallbackOptions,
    ErrorObject,
    Operation,
    OperationStatus,
    OperationType,
    OperationUpdate,
)
from aws_durable_execution_sdk_python_testing import WebRunner, WebRunnerConfig
from aws_durable_execution_sdk_python_testing.child_dispatcher import FunctionConfigs
from aws_durable_execution_sdk_python_testing.stores.base import StoreType
from aws_durable_execution_sdk_python_testing.stores.sqlite import SQLiteExecutionStore
from aws_durable_execution_sdk_python_testing.token import CallbackToken
from aws_durable_execution_sdk_python_testing.web.server import WebServiceConfig


def left_running(store_path: Path) -> list[Any]:
    """The executions that an earlier runner left running; each now owes an invocation."""
    store = SQLiteExecutionStore.create_and_initialize(str(store_path))
    executions, _ = store.query(status_filter="RUNNING")
    for execution in executions:
        execution.pause()
        execution.defer_invocation()
        store.save(execution)
    return list(executions)


def take_up(runner: Any, executions: Iterable[Any]) -> None:
    """Let `runner`, which has started, go on with these executions."""
    executor, scheduler = runner._executor, runner._scheduler
    for execution in executions:
        _limit(executor, scheduler, execution)
        for operation in execution.operations:
            if operation.status == OperationStatus.STARTED:
                _restore(executor, execution, operation)
        # What it waits for, waits and pauses between tries, the runner times anew when this invocation suspends.
        executor.resume_execution(execution.durable_execution_arn)


def _limit(executor: Any, scheduler: Any, execution: Any) -> None:
    """Time the execution's own timeout."""
    arn, seconds = execution.durable_execution_arn, execution.start_input.execution_timeout_seconds

    def end() -> None:
        if not executor.get_execution(arn).is_complete:
            executor.on_timed_out(arn, ErrorObject.from_message(f"Execution timed out after {seconds} seconds."))

    if seconds > 0:
        started = execution.get_operation_execution_started().start_timestamp
        scheduler.call_later(end, delay=_left(started, seconds))


def _restore(executor: Any, execution: Any, operation: Operation) -> None:
    """Bring back what the runner did for an operation that has started: a timeout, or the call of a function."""
    update = _start_of(operation, execution.updates)
    if update is None:
        return
    if operation.operation_type == OperationType.CALLBACK:
        _time_callback(executor, execution.durable_execution_arn, operation, update)
    elif operation.operation_type == OperationType.CHAINED_INVOKE:
        _call_again(executor, execution, update)


def _time_callback(executor: Any, arn: str, operation: Operation, update: OperationUpdate) -> None:
    details, options = operation.callback_details, update.callback_options
    if details is None or options is None:
        return
    if options.timeout_seconds:
        left = max(1, math.ceil(_left(operation.start_timestamp, options.timeout_seconds)))
        options = CallbackOptions(left, options.heartbeat_timeout_seconds)
    executor.on_callback_created(arn, operation.operation_id, options, CallbackToken.from_str(details.callback_id))


def _call_again(executor: Any, execution: Any, update: OperationUpdate) -> None:
    """Call the function whose answer was on its way; a durable one is taken up itself, and tells its caller."""
    target, called = update.chained_invoke_options, update.operation_id
    if target is not None and called not in execution.chained_invoke_children:
        executor.on_chained_invoke_started(
            execution.durable_execution_arn, called, target.function_name, target.tenant_id, update.payload
        )


def _start_of(operation: Operation, updates: Iterable[OperationUpdate]) -> OperationUpdate | None:
    return next((update for update in updates if update.operation_id == operation.operation_id), None)


def _left(started: datetime | None, seconds: float) -> float:
    """What is left now of `seconds` since `started`; never less than nothing."""
    now = datetime.now(UTC)
    return max(0.0, seconds - (now - (started or now)).total_seconds())


def main() -> None:
    """Run until the process is ended."""
    parser = argparse.ArgumentParser(description="AWS's local durable runner, with the timers that it had.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--lambda-endpoint", required=True, help="URL where it invokes functions")
    parser.add_argument("--store", required=True, type=Path, help="SQLite file that keeps the executions")
    parser.add_argument("--functions", required=True, help='JSON: {"function": {"DurableConfig": {…}} or {}}')
    args = parser.parse_args()
    config = WebRunnerConfig(
        # Its warnings name callback ids.
        web_service=WebServiceConfig(host="127.0.0.1", port=args.port, log_level=logging.ERROR),
        lambda_endpoint=args.lambda_endpoint,
        local_runner_endpoint=f"http://127.0.0.1:{args.port}",
        local_runner_region=args.region,
        store_type=StoreType.SQLITE,
        store_path=str(args.store),
        function_configs=FunctionConfigs.from_value(args.functions),
    )
    left = left_running(args.store)
    with WebRunner(config) as runner:
        take_up(runner, left)
        runner.serve_forever()


if __name__ == "__main__":
    main()
