"""The whole local cloud as one object: MiniStack, the deployed stack, the durable runner and the gateway."""

import json
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from local.deploy import Deployment, deploy
from local.gateway import HEALTH
from local.invocations import DurableConfig
from local.ministack import MiniStack
from local.processes import ROOT, Child, base_env, free_port
from local.runner import health_url, runner

BUILD = ROOT / ".local" / "build" / "functions"
Progress = Callable[[str], None]


class Ports(NamedTuple):
    """Where the parts listen, on 127.0.0.1."""

    ministack: int
    gateway: int
    runner: int

    @classmethod
    def free(cls) -> Self:
        """Three ports that nobody uses now."""
        return cls(free_port(), free_port(), free_port())


class LocalCloud:
    """The local cloud below the directory `state`, as a context manager or by `start()` and `stop()`.

    With `keep` the state survives a stop. `build_dir` holds the built functions and may be shared. `parameters`
    go to the stack.
    """

    def __init__(
        self,
        state: Path,
        *,
        parameters: Mapping[str, str],
        ports: Ports | None = None,
        keep: bool = False,
        logs: Path | None = None,
        build_dir: Path = BUILD,
    ) -> None:
        self.ports = ports or Ports.free()
        self.state = state
        self.logs = logs or state / "logs"
        self._build_dir = build_dir
        self._parameters = dict(parameters)
        self.ministack = MiniStack(
            self.ports.ministack,
            state / "ministack" if keep else None,
            log=self.logs / "ministack.log",
            # Every function finds the gateway by its surroundings, so what is deployed is what SAM built.
            function_env={"AWS_ENDPOINT_URL_LAMBDA": self.gateway_url},
        )
        self._deployment: Deployment | None = None
        self._runner: Child | None = None
        self._gateway: Child | None = None

    @property
    def gateway_url(self) -> str:
        """What AWS_ENDPOINT_URL_LAMBDA takes."""
        return f"http://127.0.0.1:{self.ports.gateway}"

    @property
    def deployment(self) -> Deployment:
        """What stands in MiniStack. Raises RuntimeError before `start()`."""
        if self._deployment is None:
            raise RuntimeError("The local cloud was not started.")
        return self._deployment

    @property
    def env(self) -> dict[str, str]:
        """What boto3, the AWS CLI, SAM and the portal need in their environment: endpoints and stack outputs."""
        return {**self.ministack.env, "AWS_ENDPOINT_URL_LAMBDA": self.gateway_url, **self.deployment.env}

    @property
    def children(self) -> list[Child]:
        """The running parts, in the order in which they were started."""
        parts = [self.ministack.child, self._gateway, self._runner]
        return [part for part in parts if part is not None]

    def start(self, tell: Progress = lambda _: None) -> Self:
        """Start everything; `tell` hears what is being done. Raises ChildError or DeployError, with nothing left."""
        try:
            tell("Starting MiniStack")
            self.ministack.start()
            tell("Building and deploying the stack with SAM")
            self._deployment = deploy(
                self.ministack.url, self._parameters, build_dir=self._build_dir, log=self.logs / "sam.log"
            )
            tell("Starting the gateway and the durable runner")
            self.start_gateway()
            self.start_runner()
        except BaseException:
            self.stop()
            raise
        return self

    def start_gateway(self) -> None:
        """Start the gateway (again)."""
        argv = [sys.executable, "-m", "local.gateway", "--port", str(self.ports.gateway)]
        argv += ["--ministack", self.ministack.url, "--runner", f"http://127.0.0.1:{self.ports.runner}"]
        argv += ["--durable", json.dumps(self.deployment.durable), "--state", str(self.state / "runs.sqlite3")]
        self._gateway = Child("gateway", argv, env=base_env(), log=self.logs / "gateway.log").start()
        self._gateway.wait_for_http(self.gateway_url + HEALTH)

    def start_runner(self) -> None:
        """Start the durable runner (again): what it left running goes on."""
        durable: dict[str, DurableConfig] = self.deployment.durable
        store, log = self.state / "executions.sqlite3", self.logs / "runner.log"
        plain = self.deployment.plain
        self._runner = runner(self.ports.runner, self.gateway_url, durable, store, log, plain=plain).start()
        self._runner.wait_for_http(health_url(self.ports.runner))

    def stop_gateway(self) -> None:
        """Stop the gateway: every Lambda call fails to connect until `start_gateway()`."""
        if self._gateway is not None:
            self._gateway.stop()

    def stop_runner(self) -> None:
        """Stop the durable runner."""
        if self._runner is not None:
            self._runner.stop(grace=3)

    def let_handlers_end(self, seconds: float) -> None:
        """Return when no function of an execution runs, at the latest after `seconds`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._handlers_under_way():
            time.sleep(0.1)

    def _handlers_under_way(self) -> int:
        """How many functions of executions run; none if the gateway does not answer."""
        try:
            with urllib.request.urlopen(self.gateway_url + HEALTH, timeout=2) as answer:  # noqa: S310 - our own URL
                return int(json.load(answer)["handlers"])
        except (OSError, HTTPException):
            return 0

    def stop(self) -> None:
        """Stop everything, last started first. Safe to call twice."""
        self.stop_runner()
        self.stop_gateway()
        self.ministack.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
