"""The forms of all workflows at the office's portal, and functions deployed anew with other variables."""

import contextlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from approvals.actions.submit import Filled, submit
from approvals.models import Submission
from local.deploy import STACK
from tests.office import Office

_plain = TypeDeserializer().deserialize


def file(office: Office, workflow: str, form: dict[str, Any], by: str = "rita") -> str:
    """Fill in the workflow's real form and send it; the run's name."""
    token = str(uuid.uuid4())
    sent = form | {"token": token, "action": "submit"}
    answer = office.browser(by).post(f"/submit/{workflow}/", sent)
    if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY and (doubts := answer.context["doubts"]):
        # Another test has sent the same; a person would say that it is not the same thing twice.
        answer = office.browser(by).post(f"/submit/{workflow}/", sent | {"confirmed": doubts.digest})
    assert answer.status_code == 302, answer.content.decode()
    return str(Submission.objects.get(token=token).run_name)


def hand_in(office: Office, workflow: str, payload: dict[str, Any], by: str = "rita") -> str:
    """Submit what the form cannot say, such as a deadline in seconds, by the form's own action; the run's name."""
    done = submit(office.viewer(by), Filled(workflow, "Handed in", payload), token=uuid.uuid4(), form_data={})
    return str(done.run_name)


def any_run(workflow: str) -> str:
    """A run name of one test alone."""
    return f"{workflow}-{uuid.uuid4().hex[:10]}"


def page_of(office: Office, username: str, approval_id: str) -> str:
    """A request's page as this person sees it."""
    return str(office.browser(username).get(f"/requests/{approval_id}/").content.decode())


@contextmanager
def redeployed(office: Office, function: str, **variables: str) -> Iterator[None]:
    """Other variables for a while, for runs and calls that begin meanwhile: a new version behind `live`."""
    aws, name = office.aws("lambda"), f"{STACK}-{function}"
    usual = aws.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    _deploy(aws, name, usual | variables)
    try:
        yield
    finally:
        _deploy(aws, name, usual)


def _deploy(aws: Any, name: str, variables: dict[str, str]) -> None:
    aws.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    version = aws.publish_version(FunctionName=name)["Version"]
    with contextlib.suppress(aws.exceptions.ResourceNotFoundException):
        aws.update_alias(FunctionName=name, Name="live", FunctionVersion=version)


def bookings(office: Office, run_name: str) -> dict[str, str]:
    """What the three tables hold of a run: service to status. What was only cancelled names no run."""
    found = {}
    for service in ("flight", "hotel", "car"):
        told = office.aws("lambda").get_function_configuration(FunctionName=f"{STACK}-booking-reserve-{service}")
        table = told["Environment"]["Variables"]["BOOKINGS_TABLE_NAME"]
        items = office.aws("dynamodb").scan(TableName=table, ConsistentRead=True)["Items"]
        rows = [{name: _plain(value) for name, value in item.items()} for item in items]
        found.update((service, row["status"]) for row in rows if row.get("run_name") == run_name)
    return found


def paid(office: Office, run_name: str) -> Decimal | None:
    """What the run paid out, None for nothing."""
    disbursement = office.run_item(run_name).get("disbursement")
    return disbursement["amount"] if disbursement else None
