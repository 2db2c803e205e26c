"""The outbox against the same calls without one: a Lambda that answers after 20 ms, 16 threads.

    python -m bench.delivery

Starts of runs, the simplest delivery, so that only the outbox's own cost differs: claims, reports, the record.
"""

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bench.figures import Figure, save
from bench.portals import ROOT, databases

COUNT = 800
LATENCY = 0.020
ROUNDS = 3


class Slow(BaseHTTPRequestHandler):
    """Takes every start, after a while."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer as Invoke with InvocationType=Event."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        time.sleep(LATENCY)
        self.send_response(202)
        self.send_header("X-Amz-Durable-Execution-Arn", "arn:aws:lambda:us-east-1:0:function:f:1/durable-execution/r/1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Room for all threads that knock at once."""

    daemon_threads = True
    request_queue_size = 256


def serve() -> None:
    """Be that Lambda in a process of its own; the port goes to standard output."""
    server = Server(("127.0.0.1", 0), Slow)
    print(server.server_address[1], flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
    server.serve_forever()


def carry_all() -> None:
    """Measure both ways in this process, which has Django's environment; prints the seconds of each round."""
    import django

    django.setup()
    from approvals.aws.functions import start_run
    from approvals.delivery.outbox import THREADS, Outbox
    from approvals.models import Delivery
    from tests.factories import person, submission

    rita, alias = person("rita"), "arn:aws:lambda:us-east-1:000000000000:function:expense:live"
    start_run(alias, "warm-up", b"{}")
    bare, boxed = [], []
    for turn in range(ROUNDS):
        began = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda number: start_run(alias, f"bare-{turn}-{number}", b"{}"), range(COUNT)))  # noqa: B023
        bare.append(time.perf_counter() - began)
        for number in range(COUNT):
            name = f"expense-{turn}-{number}"
            sent = submission(rita, run_name=name, state="submitted", ref=f"EXP-{turn}-{number}")
            Delivery.objects.create(
                key=f"start:{name}", kind="start", submission=sent, payload="{}", next_try_at="2026-01-01T00:00:00Z"
            )
        outbox, began = Outbox(), time.perf_counter()
        while outbox.step() == 0:
            pass
        boxed.append(time.perf_counter() - began)
        assert not Delivery.objects.exclude(state="delivered").exists()
    print(json.dumps({"bare": bare, "outbox": boxed}))


def main() -> None:
    """Measure both databases."""
    figures, detail = [], {}
    lambda_ = subprocess.Popen(
        [sys.executable, "-c", "from bench.delivery import serve; serve()"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert lambda_.stdout is not None
    endpoint = {"AWS_ENDPOINT_URL_LAMBDA": f"http://127.0.0.1:{lambda_.stdout.readline().strip()}"}
    try:
        with databases() as found:
            for engine in ("sqlite", "postgresql"):
                environment = found.portal(engine, "delivery").environment | endpoint
                command = [sys.executable, "-c", "from bench.delivery import carry_all; carry_all()"]
                done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
                times = json.loads(done.stdout.splitlines()[-1])
                bare, boxed = min(times["bare"]), min(times["outbox"])
                figures += [
                    Figure(f"{engine}: outbox against the bare calls", bare / boxed, "x", 0.8, at_most=False),
                    Figure(f"{engine}: deliveries a second at 20 ms a call", COUNT / boxed, "/s"),
                ]
                detail[engine] = times
    finally:
        lambda_.terminate()
        lambda_.wait(10)
    save("delivery", figures, deliveries=COUNT, latency_ms=LATENCY * 1000, **detail)


if __name__ == "__main__":
    main()
