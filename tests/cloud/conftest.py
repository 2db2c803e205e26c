"""The real local cloud for tests: one a worker process, on ports of its own, gone with the session."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from local.cloud import LocalCloud
from local.ministack import CREDENTIALS, REGION

Client = Callable[[str], Any]


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """MiniStack with the real stack, the durable runner and the gateway.

    `cloud.env` is the environment of a portal that uses it, `cloud.deployment.outputs` has the stack's outputs.
    """
    with LocalCloud(tmp_path_factory.mktemp("cloud"), parameters={}) as running:
        yield running


@pytest.fixture(scope="session")
def client(cloud: LocalCloud) -> Client:
    """`client("dynamodb")`: a boto3 client of the local cloud; "lambda" talks to the gateway."""
    return client_maker(cloud.ministack.url, cloud.gateway_url)


def client_maker(ministack_url: str, gateway_url: str) -> Client:
    """Make clients with the local credentials."""
    session = boto3.Session(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"], region_name=REGION)

    def make(service: str) -> Any:
        url = gateway_url if service == "lambda" else ministack_url
        return session.client(service, endpoint_url=url)

    return make
