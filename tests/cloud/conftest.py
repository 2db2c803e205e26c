"""Clients of the local cloud, and a portal in this process that talks to it."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.cloud import LocalCloud
from local.ministack import CREDENTIALS, REGION
from local.processes import Child, base_env
from tests.databases import address_of
from tests.office import office as office  # noqa: PLC0414 (a fixture)

Client = Callable[[str], Any]


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


@pytest.fixture
def connected(cloud: LocalCloud, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalCloud]:
    """The portal in this process talks to the local cloud for the length of one test."""
    from approvals.aws import clients

    for name, value in cloud.env.items():
        monkeypatch.setenv(name, value)
        if hasattr(settings, name):
            setattr(settings, name, value)
    settings.WORKFLOW_ARNS = {"expense": cloud.deployment.outputs["ExpenseWorkflowArn"]}
    clients.forget()
    yield cloud
    clients.forget()


@pytest.fixture
def portal_env(cloud: LocalCloud, transactional_db: None) -> dict[str, str]:
    """The environment of another process of the portal, on the local cloud and this test's database."""
    from django.conf import settings
    from django.db import connection

    return {
        **base_env(),
        **cloud.env,
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": address_of(connection.settings_dict),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
    }


@pytest.fixture
def worker(portal_env: dict[str, str], tmp_path: Path) -> Iterator[Child]:
    """`manage.py runworker` as a process of its own."""
    argv = [sys.executable, "manage.py", "runworker"]
    running = Child("worker", argv, env=portal_env, log=tmp_path / "worker.log").start()
    yield running
    running.stop()
