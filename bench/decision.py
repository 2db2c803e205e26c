"""Deciding: the portal's own share of a POST, decisions a second, and two approvers at once.

    python -m bench.decision

The portal runs as shipped (gunicorn, two sync workers); no AWS is called, for the delivery is left to the worker.
"""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.figures import Figure, p50, p95, percentile, save
from bench.portals import ROOT, Portal, databases

ROWS = 100_000
ALONE, LOADED, PAIRS, BROWSERS = 300, 1500, 300, 8
SHARE_TARGET = {"sqlite": 15.0}
SERVER_FAULT = 500


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(portal: Portal) -> Iterator[int]:
    """Serve the portal's database by gunicorn; gives the port."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "portal.wsgi", "--workers", "2", "--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen([*command, "--log-level", "warning"], cwd=ROOT, env=portal.environment)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield port
    finally:
        server.terminate()
        server.wait(30)


def wait_for(address: str) -> None:
    """Wait until the server answers. Raises TimeoutError after 30 s."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{address} does not answer.")


def press(port: int, posts: list[list[dict[str, Any]]], together: int) -> dict[str, Any]:
    """Let browsers in another process send the posts."""
    order = json.dumps({"port": port, "posts": posts, "together": together})
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=order, capture_output=True, text=True, check=True, cwd=ROOT
    )
    return dict(json.loads(done.stdout))


def by_browser(portal: Portal, person: str, approval_ids: list[str], choice: str) -> list[dict[str, Any]]:
    """The posts of one signed-in person."""
    cookies = portal.ask("cookies", person=person)
    posts = portal.ask("ballots", person=person, approval_ids=approval_ids, choice=choice)
    return [{**post, "cookies": cookies} for post in posts]


def measure(engine: str, portal: Portal) -> tuple[list[Figure], dict[str, Any]]:
    """Measure one database."""
    waiting = portal.ask("pending", count=ALONE + LOADED + PAIRS)
    alone, loaded, paired = waiting[:ALONE], waiting[ALONE : ALONE + LOADED], waiting[ALONE + LOADED :]
    portal.ask("decide", person="anna", approval_ids=alone[:20])
    spent = portal.ask("decide", person="anna", approval_ids=alone[20:])
    figures = [
        Figure(f"{engine}: portal's own share of a decision, p50", p50(spent), "ms", SHARE_TARGET.get(engine)),
        Figure(f"{engine}: portal's own share of a decision, p95", p95(spent), "ms"),
    ]
    with served(portal) as port:
        figures += flood(engine, port, by_browser(portal, "anna", loaded, "approved"))
        before = portal.ask("left_behind")
        approve = by_browser(portal, "anna", paired, "approved")
        reject = by_browser(portal, "ben", paired, "rejected")
        answers = press(port, [list(pair) for pair in zip(approve, reject, strict=True)], 4)["answers"]
        after = portal.ask("left_behind")
    gained = {name: after[name] - before[name] for name in after}
    return [*figures, *judge(engine, answers, gained)], {"pairs left behind": gained}


def flood(engine: str, port: int, posts: list[dict[str, Any]]) -> list[Figure]:
    """Decide as fast as the portal takes it."""
    press(port, [[post] for post in posts[:50]], BROWSERS)
    idle = press(port, [[{**post, "address": "/theme/", "form": {}}] for post in posts[50:]], BROWSERS)
    result = press(port, [[post] for post in posts[50:]], BROWSERS)
    answers = [answer for group in result["answers"] for answer in group]
    wrong = sum(answer["status"] not in {200, 302} for answer in answers)
    times = [answer["ms"] for answer in answers]
    without_work = len(answers) / idle["seconds"]
    return [
        Figure(f"{engine}: posts a second that do nothing for a signed-in person", without_work, "/s"),
        Figure(f"{engine}: decisions against those", idle["seconds"] / result["seconds"], "x", 0.35, at_most=False),
        Figure(
            f"{engine}: decisions a second, {BROWSERS} browsers",
            len(answers) / result["seconds"],
            "/s",
            300,
            at_most=False,
        ),
        Figure(f"{engine}: p50 under that load", p50(times), "ms"),
        Figure(f"{engine}: p99 under that load", percentile(times, 99), "ms", 60),
        Figure(f"{engine}: errors under that load", wrong, "", 0),
    ]


def judge(engine: str, answers: list[list[dict[str, Any]]], gained: dict[str, int]) -> list[Figure]:
    """Say who won where two approvers answered the same request at once."""
    statuses = Counter(answer["status"] for pair in answers for answer in pair)
    faults = sum(count for status, count in statuses.items() if status >= SERVER_FAULT)
    winners = [sum(answer["status"] in {200, 302} for answer in pair) for pair in answers]
    return [
        Figure(f"{engine}, {PAIRS} pairs: both won", sum(count > 1 for count in winners), "", 0),
        Figure(f"{engine}, {PAIRS} pairs: nobody won", sum(count == 0 for count in winners), "", 0),
        Figure(f"{engine}, {PAIRS} pairs: server errors", faults, "", 0),
        Figure(f"{engine}, {PAIRS} pairs: decisions missing or doubled", abs(gained["decisions"] - PAIRS), "", 0),
        Figure(f"{engine}, {PAIRS} pairs: deliveries missing or doubled", abs(gained["deliveries"] - PAIRS), "", 0),
    ]


def main() -> None:
    """Measure on both databases."""
    figures: list[Figure] = []
    detail = {}
    with databases() as made:
        for engine in ("sqlite", "postgresql"):
            portal = made.portal(engine, "decision")
            portal.ask("fill", rows=ROWS)
            found, detail[engine] = measure(engine, portal)
            figures += found
            portal.close()
    save("decision", figures, rows=ROWS, server="gunicorn, 2 sync workers", **detail)


if __name__ == "__main__":
    main()
