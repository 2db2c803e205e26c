"""`sam build` and `sam deploy` of the real template.yaml into MiniStack, and only when something changed."""

import fcntl
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from botocore.exceptions import ClientError

from local.invocations import DurableConfig
from local.ministack import CREDENTIALS, REGION
from local.processes import ROOT, ChildError, base_env, run
from local.template import durable_functions

STACK = "countersign"
TEMPLATE = ROOT / "template.yaml"
SOURCES = ROOT / "lambdas"
# The digest of what is deployed, kept in MiniStack itself: it goes and stays with the state it describes.
_DIGEST = "/countersign/local/digest"
# All functions share their code: built once, zipped once and uploaded once. A local stack stands at once, ask at once.
_SAM_HABITS = {
    "SAM_CLI_TELEMETRY": "0",
    "SAM_CLI_BETA_BUILD_PERFORMANCE": "1",
    "SAM_CLI_BETA_PACKAGE_PERFORMANCE": "1",
    "SAM_CLI_POLL_DELAY": "0.2",
}


class DeployError(RuntimeError):
    """sam could not build or deploy. The message ends with its last lines."""


class Deployment(NamedTuple):
    """What stands in MiniStack: the stack's outputs, and its functions by their real names."""

    outputs: dict[str, str]
    durable: dict[str, DurableConfig]
    plain: tuple[str, ...]
    changed: bool

    @property
    def env(self) -> dict[str, str]:
        """The outputs as the portal reads them: ApprovalsTableName is APPROVALS_TABLE_NAME."""
        return {snake(name): value for name, value in self.outputs.items()}


def snake(name: str) -> str:
    """ApprovalsTableName → APPROVALS_TABLE_NAME."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()


def deploy(
    ministack_url: str, parameters: Mapping[str, str], *, build_dir: Path, log: Path, stack: str = STACK
) -> Deployment:
    """Bring the stack in MiniStack up to date. Seconds when nothing changed, else about ten.

    `build_dir` may be shared by several processes. Raises DeployError.
    """
    clients = boto3.Session(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"], region_name=REGION)
    cloudformation = clients.client("cloudformation", endpoint_url=ministack_url)
    ssm = clients.client("ssm", endpoint_url=ministack_url)
    wanted = digest(json.dumps([stack, sorted(parameters.items())]))
    changed = _deployed(ssm) != wanted or _stack(cloudformation, stack) is None
    if changed:
        with _lock(build_dir):
            _build(build_dir, log)
        _sam_deploy(ministack_url, parameters, build_dir, log, stack)
        ssm.put_parameter(Name=_DIGEST, Value=wanted, Type="String", Overwrite=True)
    found = _stack(cloudformation, stack)
    if found is None:
        raise DeployError(f"The stack {stack} is not there after its deployment. Its log: {log}")
    outputs = {entry["OutputKey"]: entry["OutputValue"] for entry in found.get("Outputs", [])}
    return Deployment(outputs, *_functions(cloudformation, stack, parameters), changed)


def digest(extra: str = "") -> str:
    """A digest of the template, everything below lambdas/, and `extra`."""
    total = hashlib.sha256(extra.encode())
    for path in (TEMPLATE, *sorted(SOURCES.rglob("*"))):
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(str(path.relative_to(ROOT)).encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _deployed(ssm: Any) -> str | None:
    try:
        return str(ssm.get_parameter(Name=_DIGEST)["Parameter"]["Value"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ParameterNotFound":
            return None
        raise


def _stack(cloudformation: Any, stack: str) -> Any | None:
    """The stack if it stands complete, else None."""
    try:
        found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            return None
        raise
    return found if found["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE") else None


def _functions(
    cloudformation: Any, stack: str, parameters: Mapping[str, str]
) -> tuple[dict[str, DurableConfig], tuple[str, ...]]:
    """The durable functions with their configuration, and the names of the others."""
    configs = durable_functions(TEMPLATE, parameters)
    pages = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    names = {
        entry["LogicalResourceId"]: entry["PhysicalResourceId"]
        for entry in pages
        if entry["ResourceType"] == "AWS::Lambda::Function"
    }
    plain = tuple(name for logical_id, name in names.items() if logical_id not in configs)
    return {names[logical_id]: config for logical_id, config in configs.items()}, plain


@contextmanager
def _lock(build_dir: Path) -> Iterator[None]:
    build_dir.parent.mkdir(parents=True, exist_ok=True)
    with build_dir.with_suffix(".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _build(build_dir: Path, log: Path) -> None:
    """Build unless the last build was of these very sources."""
    stamp = build_dir.with_suffix(".digest")
    sources = digest()
    if stamp.exists() and stamp.read_text() == sources and (build_dir / "template.yaml").exists():
        return
    stamp.unlink(missing_ok=True)
    command = ["build", "--template-file", str(TEMPLATE), "--build-dir", str(build_dir), "--parallel"]
    _sam([*command, "--cached", "--cache-dir", str(build_dir.with_suffix(".cache"))], {}, log)
    _compile(build_dir, log)
    stamp.write_text(sources)


def _compile(build_dir: Path, log: Path) -> None:
    """Compile what was built: else each new environment of each function does it anew.

    By the sources' digests, since unpacking a function sets other times.
    """
    command = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "checked-hash", str(build_dir)]
    run("compileall", command, env=base_env(), log=log)


def _sam_deploy(url: str, parameters: Mapping[str, str], build_dir: Path, log: Path, stack: str) -> None:
    command = ["deploy", "--template-file", str(build_dir / "template.yaml"), "--stack-name", stack]
    command += ["--resolve-s3", "--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"]
    command += ["--capabilities", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "--region", REGION]
    if parameters:
        command += ["--parameter-overrides", *(f"{name}={value}" for name, value in sorted(parameters.items()))]
    _sam(command, {"AWS_ENDPOINT_URL": url, **CREDENTIALS}, log)


def _sam(arguments: list[str], env: Mapping[str, str], log: Path) -> None:
    """Run the SAM CLI; python3.13 with pip, which `sam build` needs, is the project's own."""
    sam = ROOT / ".local" / "envs" / "sam" / "bin" / "sam"
    if not sam.exists():
        raise DeployError(f"{sam} is missing: run `make requirements` once.")
    inherited = base_env()
    path = [str(Path(sys.executable).parent), str(sam.parent), inherited.get("PATH", "")]
    full_env = {
        **inherited,
        "PATH": ":".join(path),
        **_SAM_HABITS,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        **env,
    }
    try:
        run(f"sam {arguments[0]}", [str(sam), *arguments], env=full_env, log=log)
    except ChildError as error:
        raise DeployError(str(error)) from None
