"""The other end of ``bench.portals``: a portal that does what it is asked, one JSON line for each question."""

import gc
import html
import json
import os
import re
import sys
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from approvals.models import ApprovalRequest, AuditEvent, Decision, Delivery, SearchDue, User, Vote  # noqa: E402
from approvals.policy import Viewer  # noqa: E402
from bench import seed  # noqa: E402

CLIENTS: dict[str, Client] = {}


def migrate() -> None:
    """Make the tables, and the people that the benches know."""
    call_command("migrate", verbosity=0)
    for name, groups in seed.PEOPLE.items():
        user = User.objects.create_user(name, password=None)
        user.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])


def fill(rows: int, *, record: bool = False) -> float:
    """Store requests and decisions, with ``record`` also the rest that the admin lists; gives the seconds it took."""
    started = time.perf_counter()
    seed.requests(rows)
    seed.decisions()
    if record:
        seed.record(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return time.perf_counter() - started


def fill_search() -> float:
    """Make every request findable; gives the seconds that the index took."""
    started = time.perf_counter()
    seed.search()
    return time.perf_counter() - started


def read_for_search(count: int) -> float:
    """Read requests as the worker does, all of them changed; gives requests a second."""
    names = list(ApprovalRequest.objects.order_by("id").values_list("approval_id", flat=True)[:count])
    SearchDue.objects.mark(names)
    started = time.perf_counter()
    while SearchDue.objects.work():
        pass
    return count / (time.perf_counter() - started)


def search(person: str, tab: str, text: str, times: int) -> dict[str, Any]:
    """Ask for the first page of what is found, again and again; gives milliseconds each."""
    from approvals.web.queue_view import View

    viewer = Viewer.of(User.objects.get(username=person))
    _ = viewer.audiences
    spent, rows = [], 0
    gc.collect()
    for _ in range(times):
        view = View.asked_by({"tab": tab, "q": text}, viewer)
        started = time.perf_counter()
        rows = len(view.page().rows)
        spent.append((time.perf_counter() - started) * 1000)
    return {"ms": spent, "rows": rows}


def browser(name: str) -> Client:
    """Return a browser in which the person is signed in."""
    if name not in CLIENTS:
        CLIENTS[name] = Client(SERVER_NAME="127.0.0.1")
        CLIENTS[name].force_login(User.objects.get(username=name), "django.contrib.auth.backends.ModelBackend")
    return CLIENTS[name]


def get(person: str, address: str, times: int) -> dict[str, Any]:
    """Open a page again and again; gives milliseconds each, and its size in bytes."""
    client = browser(person)
    spent, size = [], 0
    gc.collect()
    for _ in range(times):
        started = time.perf_counter()
        answer = client.get(address)
        spent.append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answers {answer.status_code}")
        size = len(answer.content)
    return {"ms": spent, "bytes": size}


def statements(person: str, address: str) -> list[str]:
    """The statements that a page costs."""
    with CaptureQueriesContext(connection) as asked:
        browser(person).get(address)
    return [query["sql"] for query in asked.captured_queries]


def next_page(person: str, address: str, turns: int) -> str:
    """The address of the page that lies this many turns further, as the page itself links it."""
    for _ in range(turns):
        text = html.unescape(browser(person).get(address).content.decode())
        # The last such link on the page leads on; the list's own address may hold the place it began at.
        found = re.findall(r'[?&](tab=[^"]*after=[^"]+|after=[^"]+)"', text)
        address = f"{address.partition('?')[0]}?{found[-1]}"
    return address


def pending(count: int) -> list[str]:
    """Ids of requests that wait for the managers."""
    found = ApprovalRequest.objects.filter(status="pending", policy__groups=["managers"]).order_by("id")
    return list(found.values_list("approval_id", flat=True)[:count])


def ballots(person: str, approval_ids: list[str], choice: str) -> list[dict[str, Any]]:
    """What a browser would post to decide each request: the address and the form."""
    from django.urls import reverse

    from approvals.web.snapshot import seal

    viewer = Viewer.of(User.objects.get(username=person))
    found = {item.approval_id: item for item in ApprovalRequest.objects.filter(approval_id__in=approval_ids)}
    return [
        {
            "address": reverse("decide", args=[name]),
            "form": {"choice": choice, "comment": "Within the rules.", "shown": seal(viewer, found[name])},
        }
        for name in approval_ids
    ]


def decide(person: str, approval_ids: list[str]) -> list[float]:
    """Decide each request by the portal's own page; gives milliseconds each."""
    client = browser(person)
    spent = []
    posts = ballots(person, approval_ids, "approved")
    gc.collect()
    for post in posts:
        started = time.perf_counter()
        answer = client.post(post["address"], post["form"])
        spent.append((time.perf_counter() - started) * 1000)
        if answer.status_code not in {200, 302}:
            raise RuntimeError(f"{post['address']} answers {answer.status_code}")
    if Decision.objects.filter(request__approval_id__in=approval_ids).count() != len(approval_ids):
        raise RuntimeError("Not every answer became a decision.")
    return spent


def cookies(person: str) -> dict[str, str]:
    """What a signed-in browser sends along, with its CSRF token."""
    client = browser(person)
    token = "c" * 32
    return {
        settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
        settings.CSRF_COOKIE_NAME: token,
    }


def left_behind() -> dict[str, int]:
    """How many rows deciding has left."""
    decided = AuditEvent.objects.filter(action="request.decided")
    return {
        "votes": Vote.objects.count(),
        "decisions": Decision.objects.count(),
        "deliveries": Delivery.objects.count(),
        "events": decided.count(),
    }


QUESTIONS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        migrate,
        fill,
        fill_search,
        read_for_search,
        search,
        get,
        statements,
        next_page,
        pending,
        ballots,
        decide,
        cookies,
        left_behind,
    )
}


def serve() -> None:
    """Answer until the other end closes."""
    # As a server does when it starts, see portal/startup.py.
    gc.collect()
    gc.freeze()
    answers = os.fdopen(os.dup(1), "w")
    # What a command prints must not stand among the answers.
    sys.stdout = sys.stderr
    for line in sys.stdin:
        values = json.loads(line)
        answer = QUESTIONS[values.pop("question")](**values)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve()
