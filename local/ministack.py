"""MiniStack: DynamoDB, SQS, SNS, S3, IAM, EventBridge, CloudFormation and plain Lambda on 127.0.0.1."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from local.processes import ROOT, Child, base_env, free_port

REGION = "us-east-1"
ACCOUNT = "000000000000"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
SERVICES = (
    "cloudformation,cloudwatch,dynamodb,dynamodbstreams,events,iam,kms,lambda,logs,monitoring,"
    "s3,sns,sqs,ssm,sts,tagging"
)


class MiniStack:
    """A MiniStack process, as a context manager or by `start()` and `stop()`.

    `port` None picks a free one. With `state_dir` the state is loaded at start and kept at `stop()`; without
    it nothing survives. `function_env` is seen by every Lambda function that runs here (a function's own
    variables win). `log` None is a file that goes with the process; faults quote its last lines.
    """

    def __init__(
        self,
        port: int | None = None,
        state_dir: Path | None = None,
        *,
        log: Path | None = None,
        function_env: Mapping[str, str] | None = None,
    ) -> None:
        self.port = port or free_port()
        self.state_dir = state_dir
        self._scratch = tempfile.TemporaryDirectory(prefix="countersign-ministack-")
        log = log or Path(self._scratch.name) / "ministack.log"
        self.child = Child("MiniStack", [str(executable())], env=self._env(function_env or {}), log=log)

    @property
    def url(self) -> str:
        """What AWS_ENDPOINT_URL takes."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """What a boto3 client, the AWS CLI or SAM needs in its environment to talk to this MiniStack."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            **CREDENTIALS,
        }

    def start(self) -> Self:
        """Return when MiniStack is healthy. Raises ChildError with its last log lines if it is not."""
        if self.state_dir is not None:
            forget_stream_positions(self.state_dir / "lambda.json")
        self.child.start()
        self.child.wait_for_http(f"{self.url}/_ministack/ready", 60)
        return self

    def stop(self) -> None:
        """End MiniStack and its Lambda workers; the state is written to `state_dir` before."""
        # What is kept nowhere needs no time to be written.
        self.child.stop(grace=90 if self.state_dir else 1)
        self._scratch.cleanup()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _env(self, function_env: Mapping[str, str]) -> dict[str, str]:
        env = {
            **base_env(),
            **CREDENTIALS,
            "TMPDIR": self._scratch.name,  # unpacked functions; goes with us, however MiniStack ends
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "SERVICES": SERVICES,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "INFO",
            "AWS_EC2_METADATA_DISABLED": "true",
            # Functions trace nothing here: there is no X-Ray daemon to take it.
            "AWS_XRAY_SDK_ENABLED": "false",
            "POWERTOOLS_TRACE_DISABLED": "true",
            **function_env,
        }
        if self.state_dir is not None:
            self.state_dir.mkdir(parents=True, exist_ok=True)
            kept = {"PERSIST_STATE": "1", "STATE_DIR": str(self.state_dir)}
            env |= kept | {"S3_PERSIST": "1", "S3_DATA_DIR": str(self.state_dir / "s3")}
        else:
            env["S3_DATA_DIR"] = str(Path(self._scratch.name) / "s3")
        return env


def forget_stream_positions(kept: Path) -> None:
    """Let every event source mapping begin at the start of its stream again.

    MiniStack keeps how far each mapping has read but not the records, which count from zero after a restart: a
    mapping would hear nothing until as many new ones exist as it had read before.
    """
    if not kept.exists():
        return
    state = json.loads(kept.read_text())
    positions = state.get("payload", {}).get("dynamodb_stream_positions")
    if positions and positions.get("data"):
        positions["data"] = {}
        kept.write_text(json.dumps(state))


def executable() -> Path:
    """The ministack command. Raises FileNotFoundError that says how to get it."""
    command = ROOT / ".local" / "envs" / "ministack" / "bin" / "ministack"
    if not command.exists():
        raise FileNotFoundError(f"{command} is missing: run `make requirements` once.")
    return command
