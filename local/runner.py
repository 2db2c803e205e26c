"""AWS's local durable execution service (dex-local-runner) on 127.0.0.1."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from local.invocations import DurableConfig
from local.ministack import CREDENTIALS, REGION
from local.processes import Child, base_env


def runner(port: int, gateway_url: str, durable: Mapping[str, DurableConfig], store: Path, log: Path) -> Child:
    """The runner, not yet started. It calls functions through the gateway and keeps executions in `store`.

    After a restart it still has every execution and open callback, but no timer (`manage.py reconcile` closes
    what it forgot).
    """
    configs = {
        name: {
            "DurableConfig": {
                "ExecutionTimeout": config.execution_timeout_seconds,
                "RetentionPeriodInDays": config.retention_days,
            }
        }
        for name, config in durable.items()
    }
    argv = [
        str(Path(sys.executable).with_name("dex-local-runner")),
        "start-server",
        *("--host", "127.0.0.1"),
        *("--port", str(port)),
        # Its warnings name callback ids.
        *("--log-level", "ERROR"),
        *("--lambda-endpoint", gateway_url),
        *("--local-runner-endpoint", f"http://127.0.0.1:{port}"),
        *("--local-runner-region", REGION),
        *("--store-type", "sqlite"),
        *("--store-path", str(store)),
        *("--function-configs", json.dumps(configs)),
    ]
    store.parent.mkdir(parents=True, exist_ok=True)
    env = {**base_env(), **CREDENTIALS, "AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"}
    return Child("durable runner", argv, env=env, log=log)


def health_url(port: int) -> str:
    """What answers when the runner is up."""
    return f"http://127.0.0.1:{port}/health"
