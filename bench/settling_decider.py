"""The people of ``bench.settling``: one submits, another decides; prints the seconds of each decision as JSON."""

import html
import json
import re
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import django

django.setup()

from django.contrib.auth.models import Group  # noqa: E402
from django.test import Client  # noqa: E402

from approvals.actions.submit import Filled, submit  # noqa: E402
from approvals.delivery.prompt import finish  # noqa: E402
from approvals.models import ApprovalRequest, User  # noqa: E402
from approvals.policy import Viewer  # noqa: E402

PATIENCE_SECONDS = 60.0
AMOUNT = Decimal("240.50")
SHOWN = re.compile(r'name="shown"\s+value="([^"]+)"')


def person(name: str, *groups: str) -> User:
    """Somebody of the portal."""
    user = User.objects.filter(username=name).first() or User.objects.create_user(name)
    user.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])
    return user


def submitted(requester: Viewer) -> str:
    """Submit an expense that a manager decides; gives its run's name."""
    line = {"date": "2026-11-18", "category": "travel", "description": "Train", "amount": str(AMOUNT)}
    payload = {"submitted_by": requester.username, "description": "Visit", "currency": "EUR", "lines": [line]}
    filled = Filled("expense", "Visit", payload, "expense_id", AMOUNT, "EUR")
    return str(submit(requester, filled, token=uuid.uuid4(), form_data={}).run_name)


def wait_for[Found](find: Callable[[], Found | None]) -> Found:
    """Return what is found as soon as it is there. Raises TimeoutError."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := find()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError("the local cloud did not get there")
        time.sleep(0.02)
    return found


def seconds_to_settle(browser: Client, run_name: str) -> float:
    """Approve as a browser does; gives the seconds from its POST to the item's ``settled_at``."""
    request = wait_for(lambda: ApprovalRequest.objects.filter(run_name=run_name).first())
    page = browser.get(f"/requests/{request.approval_id}/").content.decode()
    found = SHOWN.search(page)
    if found is None:
        raise RuntimeError("The page offers no decision.")
    form = {"shown": html.unescape(found[1]), "choice": "approved", "comment": ""}
    posted = datetime.now(UTC)
    browser.post(f"/requests/{request.approval_id}/decide/", form)
    mirrored = ApprovalRequest.objects.filter(pk=request.pk, settled_at__isnull=False)
    settled = wait_for(lambda: mirrored.values_list("settled_at", flat=True).first())
    return (settled - posted).total_seconds() if settled else PATIENCE_SECONDS


def settle_all() -> None:
    """Submit all, then decide one after the other."""
    requester, approver = person("settling-requester"), person("settling-approver", "managers")
    runs = [submitted(Viewer.of(requester)) for _ in range(int(sys.argv[1]))]
    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(approver, "django.contrib.auth.backends.ModelBackend")
    print(json.dumps([seconds_to_settle(browser, run_name) for run_name in runs]))
    finish()


if __name__ == "__main__":
    settle_all()
