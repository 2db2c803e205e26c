"""A durable function that asks one question: the smallest thing that the gateway can be tried with.

MiniStack runs this file; the test says by SDK_PATH where the SDK is.
"""

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, os.environ.get("SDK_PATH", ""))

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import CallbackConfig, Duration


@durable_execution
def handler(event: dict[str, Any], context: DurableContext) -> dict[str, Any]:
    """Leave the callback's id and the execution's ARN in the file `event["out"]`, then wait for the answer."""
    timeout = Duration.from_seconds(event.get("timeout", 60))
    heartbeat = Duration.from_seconds(event.get("heartbeat", 0))
    callback = context.create_callback(name="ask", config=CallbackConfig(timeout, heartbeat))

    def tell(_: object) -> None:
        half = Path(event["out"] + ".part")
        half.write_text(f"{callback.callback_id}\n{context.execution_context.durable_execution_arn}")
        half.rename(event["out"])  # whoever waits for the file finds it whole

    context.step(tell, name="tell")
    if event.get("fail"):
        raise ValueError("asked to fail")
    return {"answer": callback.result()}


def plain(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """A function that is not durable."""
    return {"echo": event}
