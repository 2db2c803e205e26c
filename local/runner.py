"""AWS's local durable execution service on 127.0.0.1, as a child process."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from local.invocations import DurableConfig
from local.ministack import CREDENTIALS, REGION
from local.processes import Child, base_env


def runner(
    port: int,
    gateway_url: str,
    durable: Mapping[str, DurableConfig],
    store: Path,
    log: Path,
    *,
    plain: Iterable[str] = (),
) -> Child:
    """The runner, not yet started. It calls functions through the gateway and keeps executions in `store`.

    `plain` names the functions that are not durable and that durable ones may invoke.

    After a restart it goes on with every execution, open callback and timer: local/durable_runner.py.
    """
    configs: dict[str, dict[str, dict[str, int]]] = {name: {} for name in plain}
    configs |= {
        name: {
            "DurableConfig": {
                "ExecutionTimeout": config.execution_timeout_seconds,
                "RetentionPeriodInDays": config.retention_days,
            }
        }
        for name, config in durable.items()
    }
    argv = [sys.executable, "-m", "local.durable_runner", "--port", str(port), "--region", REGION]
    argv += ["--lambda-endpoint", gateway_url, "--store", str(store), "--functions", json.dumps(configs)]
    store.parent.mkdir(parents=True, exist_ok=True)
    env = {**base_env(), **CREDENTIALS, "AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"}
    return Child("durable runner", argv, env=env, log=log)


def health_url(port: int) -> str:
    """What answers when the runner is up."""
    return f"http://127.0.0.1:{port}/health"
