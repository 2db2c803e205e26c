"""A durable function that takes its time in every way that there is.

MiniStack runs this file; the test says by SDK_PATH where the SDK is.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, os.environ.get("SDK_PATH", ""))

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import CallbackConfig, Duration, JitterStrategy, StepConfig
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy

MOMENT = Duration.from_seconds(3)
# Longer than the test is patient.
FOR_LONG_SECONDS = 28


@durable_execution
def handler(event: dict[str, Any], context: DurableContext) -> str:
    """Be `event["busy"]`: leave the file `event["out"]` when at it, end after it."""
    busy, told = event["busy"], Path(event["out"])

    def work(_: object) -> None:
        if not told.exists():
            told.touch()
            if busy == "retrying":
                raise ValueError("asked to fail once")
            time.sleep(FOR_LONG_SECONDS)

    if busy in ("working", "retrying"):
        retry = create_retry_strategy(RetryStrategyConfig(initial_delay=MOMENT, jitter_strategy=JitterStrategy.NONE))
        context.step(work, name="work", config=StepConfig(retry_strategy=retry))
    elif busy == "calling":
        context.invoke("plain", event)
    elif busy:
        callback = context.create_callback(name="ask", config=CallbackConfig(timeout=MOMENT))
        context.step(lambda _: told.touch(), name="tell")
        if busy == "asking":
            callback.result()
        context.wait(MOMENT if busy == "waiting" else Duration.from_minutes(10))
    return "done"


def plain(event: dict[str, Any], _context: object) -> str:
    """Answer after a long time, when called again at once."""
    told = Path(event["out"])
    if not told.exists():
        told.touch()
        time.sleep(FOR_LONG_SECONDS)
    return "here"
