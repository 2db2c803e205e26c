"""An office for end-to-end tests: people at the real portal, its worker beside it, both on the real local cloud."""

import json
import re
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import setup_databases, teardown_databases

from approvals.actions.submit import Filled, submit
from approvals.aws import clients
from approvals.delivery import prompt
from approvals.models import ApprovalRequest, Delivery, Run, Submission
from approvals.policy import Viewer
from local.cloud import LocalCloud
from local.inbox import Mail, mails
from local.processes import Child, base_env
from tests.databases import address_of
from tests.factories import numbers, person
from tests.unit.web.forms import EXPENSE, expense, line, signed_in
from tests.unit.web.more_forms import WORKFLOWS
from tests.waiting import eventually

PEOPLE = {
    "rita": (),
    "adam": ("managers",),
    "anna": ("managers",),
    "fiona": ("finance",),
    "dora": ("directors",),
    "mo": ("moderators",),
    "olga": ("operators",),
    "olaf": ("admins",),
    "ivo": ("auditors",),
}
# A function's first call unpacks it, which a busy machine may take its time for.
_SHOWN = re.compile(r'name="shown" value="([^"]+)"')
_plain = TypeDeserializer().deserialize


@dataclass(eq=False)
class Office:
    """What people do, and what AWS holds. Its workers are real `manage.py runworker` processes."""

    cloud: LocalCloud
    env: dict[str, str]
    directory: Path
    workers: list[Child] = field(default_factory=list)

    def hire_worker(self, **env: str) -> Child:
        """Start one more worker, with these changes to its environment."""
        number = len(self.workers)
        argv = [sys.executable, "manage.py", "runworker"]
        log = self.directory / f"worker-{number}.log"
        self.workers.append(Child(f"worker {number}", argv, env=self.env | env, log=log).start())
        return self.workers[-1]

    @contextmanager
    def worker(self, **env: str) -> Iterator[Child]:
        """A worker for a part of a test; it ends as on SIGTERM."""
        hired = self.hire_worker(**env)
        try:
            yield hired
        finally:
            hired.stop()

    # E-mail

    def letter(self, username: str, subject: str, request: ApprovalRequest) -> Mail:
        """The e-mail to this person about the request whose subject begins so, once it is sent."""
        folder, to = self.directory / "mail", f"{username}@example.com"

        def find() -> Mail | None:
            mine = (one for one in mails(folder) if one.message["To"] == to)
            found = (one for one in mine if one.message["Subject"].startswith(subject))
            return next((one for one in found if request.run_name in one.part("plain")), None)

        letter: Mail = self.until(find, f"{username} got an e-mail: {subject}", request.run_name)
        return letter

    # People

    def browser(self, username: str) -> Client:
        """The browser of one of PEOPLE, signed in."""
        return signed_in(username, *PEOPLE[username])

    def viewer(self, username: str) -> Viewer:
        """The person as actions know them."""
        return Viewer.of(person(username, *PEOPLE[username]), "127.0.0.1")

    def file_expense(self, amount: str, by: str = "rita", **changes: Any) -> str:
        """Fill in the real form and send it; the run's name. Each on a day of its own, so that none is a duplicate."""
        day = date(2026, 11, 2) - timedelta(days=next(numbers))
        form = expense(line(amount=amount, date=f"{day}"), **changes)
        answer = self.browser(by).post(EXPENSE, form)
        assert answer.status_code == 302, answer.content.decode()
        return str(Submission.objects.get(token=form["token"]).run_name)

    def submit(self, amount: str, by: str = "rita", token: uuid.UUID | None = None, **payload: Any) -> str:
        """Submit what the form cannot say, such as `timeout_seconds`, by the form's own action; the run's name."""
        words = "Visit to the supplier"
        filled = Filled(
            "expense", words, one_line_expense(amount) | {"submitted_by": by} | payload,
            "expense_id", Decimal(amount), "EUR",
        )  # fmt: skip
        done = submit(self.viewer(by), filled, token=token or uuid.uuid4(), form_data={"description": words})
        return str(done.run_name)

    def request(self, run_name: str, stage: str = "manager") -> ApprovalRequest:
        """The request of this stage ("manager.2" for the next level), once the portal shows it."""
        return self.until(
            lambda: ApprovalRequest.objects.filter(approval_id=f"{run_name}.{stage}").first(),
            f"{run_name}.{stage} is in the portal", run_name,
        )  # fmt: skip

    def answer(
        self, username: str, request: ApprovalRequest, choice: str = "approved", comment: str = "", **typed: str
    ) -> Any:
        """Open the request's page and send its form, with what is typed into its own fields; the response."""
        browser = self.browser(username)
        page = f"/requests/{request.approval_id}/"
        found = _SHOWN.search(browser.get(page).content.decode())
        assert found, f"{username} finds nothing to decide on {page}"
        return self.send_answer(browser, request, unescape(found[1]), choice, comment, **typed)

    def send_answer(
        self, browser: Client, request: ApprovalRequest, shown: str, choice: str = "approved", comment: str = "",
        **typed: str,
    ) -> Any:  # fmt: skip
        """Send the decision form as a browser that was shown `shown`."""
        form = {"shown": shown, "choice": choice, "comment": comment, **typed}
        return browser.post(f"/requests/{request.approval_id}/decide/", form)

    def shown(self, browser: Client, request: ApprovalRequest) -> str:
        """What the page puts into its form, to be sent later."""
        found = _SHOWN.search(browser.get(f"/requests/{request.approval_id}/").content.decode())
        assert found
        return unescape(found[1])

    # AWS

    @cache  # noqa: B019 (an office lives as long as its module)
    def aws(self, service: str) -> Any:
        """A client of the local cloud that is not the portal's."""
        url = self.env["AWS_ENDPOINT_URL_LAMBDA" if service == "lambda" else "AWS_ENDPOINT_URL"]
        return boto3.client(
            service, region_name=self.env["AWS_REGION"], endpoint_url=url,
            aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"], aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
        )  # fmt: skip

    def item(self, approval_id: str) -> dict[str, Any]:
        """The request's item; empty where there is none."""
        return self._get("APPROVALS_TABLE_NAME", {"approval_id": {"S": approval_id}})

    def run_item(self, run_name: str) -> dict[str, Any]:
        """The run's item; empty where there is none."""
        return self._get("RUNS_TABLE_NAME", {"run_name": {"S": run_name}})

    def _get(self, table: str, key: dict[str, Any]) -> dict[str, Any]:
        found = self.aws("dynamodb").get_item(TableName=self.env[table], Key=key, ConsistentRead=True)
        return {name: _plain(value) for name, value in found.get("Item", {}).items()}

    def item_of(self, run_name: str, stage: str = "manager") -> dict[str, Any]:
        """The request's item, once it waits with its callback."""
        return self.until(lambda: self.item(f"{run_name}.{stage}"), f"{run_name}.{stage} is asked", run_name)

    def queue_is_empty(self) -> bool:
        """Whether no change notice waits, nor is anybody at one."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self.aws("sqs").get_queue_attributes(QueueUrl=self.env["CHANGES_QUEUE_URL"], AttributeNames=names)
        return all(int(told["Attributes"][name]) == 0 for name in names)

    def queue_is_taken(self) -> None:
        """Wait until every change notice was taken, also those of earlier tests."""
        self.until(self.queue_is_empty, "all notices are taken")

    @contextmanager
    def impatient_queue(self, seconds: int = 1) -> Iterator[None]:
        """A change queue that gives a message again so soon after nobody deleted it."""
        queue = {"QueueUrl": self.env["CHANGES_QUEUE_URL"]}
        sqs = self.aws("sqs")
        usual = sqs.get_queue_attributes(**queue, AttributeNames=["VisibilityTimeout"])["Attributes"]
        sqs.set_queue_attributes(**queue, Attributes={"VisibilityTimeout": str(seconds)})
        try:
            yield
        finally:
            sqs.set_queue_attributes(**queue, Attributes=usual)

    def notify(self, *bodies: Any) -> None:
        """Put messages into the change queue by hand; a text as it is, anything else as JSON."""
        for body in bodies:
            text = body if isinstance(body, str) else json.dumps(body)
            self.aws("sqs").send_message(QueueUrl=self.env["CHANGES_QUEUE_URL"], MessageBody=text)

    def invoke(self, run_name: str, payload: Any) -> str:
        """Start a run of the workflow that its name begins with, without the portal; its ARN."""
        arn = self.env[f"{run_name.partition('-')[0].upper()}_WORKFLOW_ARN"]
        started = self.aws("lambda").invoke(
            FunctionName=arn, InvocationType="Event", DurableExecutionName=run_name, Payload=json.dumps(payload)
        )
        return str(started["DurableExecutionArn"])

    def call_back(self, item: dict[str, Any], result: bytes) -> None:
        """Answer a request's callback without the portal."""
        self.aws("lambda").send_durable_execution_callback_success(CallbackId=item["callback_id"], Result=result)

    # Ends

    def until(self, find: Any, what: str, run_name: str = "") -> Any:
        """Wait, and tell all about the run if it was in vain."""
        return eventually(find, what, story=lambda: self.story(run_name))

    def ended(self, run_name: str) -> Run:
        """The run as the portal shows it, once it has ended and none of its requests waits any more."""

        def find() -> Run | None:
            run = Run.objects.filter(run_name=run_name).first()
            waiting = ApprovalRequest.objects.filter(run_name=run_name, status="pending").exists()
            return run if run and run.has_ended and not waiting else None

        found: Run = self.until(find, f"{run_name} has ended", run_name)
        return found

    def delivered(self, run_name: str) -> Delivery:
        """The delivery of the run's newest decision, once it came to an end."""
        rows = Delivery.objects.filter(decision__request__run_name=run_name).order_by("-id")
        found: Delivery = self.until(
            lambda: rows.exclude(state=Delivery.State.QUEUED).first(), f"the decision of {run_name} arrived", run_name
        )
        return found

    def story(self, run_name: str) -> str:
        """Everything that helps to see why a run is where it is."""
        told = [f"run item: {self.run_item(run_name)}"] if run_name else []
        for request in ApprovalRequest.objects.filter(run_name=run_name):
            told += [f"mirrored: {request.approval_id} {request.status} v{request.version}"]
            told += [f"item: {self.item(request.approval_id) | {'callback_id': '…'}}"]
        told += [f"delivery: {one.key} {one.state} {one.error}" for one in Delivery.objects.order_by("-id")[:5]]
        for log in [*self.directory.glob("worker-*.log"), *self.cloud.logs.glob("*.log")]:
            told += [f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-12:]]
        return "\n".join(told)


def one_line_expense(amount: str) -> dict[str, Any]:
    """The workflow's input for an expense of one line."""
    spent = {"date": "2026-11-02", "category": "travel", "description": "Train", "amount": amount, "receipts": []}
    return {
        "submitted_by": "rita",
        "expense_id": f"EXP-{uuid.uuid4().hex[:6].upper()}",
        "description": "Visit to the supplier",
        "currency": "EUR",
        "lines": [spent],
    }


def verdict(decision: str, by: str = "operator", **changes: Any) -> bytes:
    """What a callback carries."""
    told = {"decision_id": str(uuid.uuid4()), "decision": decision, "comments": "By hand.", "decided_by": by}
    return json.dumps(told | {"decided_at": "2026-11-21T10:00:00Z"} | changes).encode()


@contextmanager
def connected(cloud: LocalCloud, directory: Path) -> Iterator[None]:
    """The portal in this process talks to the local cloud."""
    names = [name for name in cloud.env if hasattr(settings, name)]
    changed = {name: cloud.env[name] for name in names}
    workflows = {name: cloud.env[f"{name.upper()}_WORKFLOW_ARN"] for name in WORKFLOWS}
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        for name, value in cloud.env.items():
            patch.setenv(name, value)
        stack.enter_context(override_settings(**changed, WORKFLOW_ARNS=workflows, MEDIA_ROOT=str(directory / "media")))
        clients.forget()
        stack.callback(clients.forget)
        yield


@contextmanager
def database_made() -> Iterator[None]:
    """The test database, also in a session where no test asks pytest-django for it."""
    if connection.introspection.table_names():
        yield
        return
    made = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="module")
def office(
    cloud: LocalCloud, django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """One office for the tests of a module, which all use runs of their own; its tables are emptied afterwards.

    It begins without a worker: most modules hire one for all their tests, because ending one takes a long poll.
    """
    directory = tmp_path_factory.mktemp("office")
    with django_db_blocker.unblock(), database_made(), connected(cloud, directory):
        for username, groups in PEOPLE.items():
            person(username, *groups, email=f"{username}@example.com")
        own = {"SECRET_KEY": settings.SECRET_KEY, "DATABASE_URL": address_of(connection.settings_dict)}
        folders = {"MEDIA_ROOT": str(directory / "media"), "EMAIL_URL": f"filemail:///{directory / 'mail'}"}
        env = {**base_env(), **cloud.env, **own, **folders}
        running = Office(cloud, env, directory)
        try:
            # What a killed worker or a cut wire leaves taken comes back in seconds instead of a minute.
            with running.impatient_queue(seconds=5):
                yield running
        finally:
            prompt.finish()
            for worker in running.workers:
                worker.stop()
            call_command("flush", interactive=False, verbosity=0)
            connection.close()
