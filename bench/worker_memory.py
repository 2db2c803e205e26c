"""The worker's memory while 100,000 change notices pass, and what it costs to start.

    python -m bench.worker_memory

The real worker process on SQLite, with MiniStack's queue and tables. Each notice names one of 2,000 requests; every
tenth round the items have a new version, so that known and new ones pass in the proportion of a lively day.
"""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3

from bench.figures import Figure, save
from bench.items import request
from bench.portals import ROOT, databases
from local.ministack import CREDENTIALS, REGION, MiniStack

NOTICES = 100_000
REQUESTS = 2_000
PER_MESSAGE = 25
SAMPLE = 10_000
PAGE = os.sysconf("SC_PAGE_SIZE")


def resident(pid: int) -> float:
    """Resident memory of a process in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 1e6


class Cloud:
    """Tables and queue for the worker, and a pen to write with."""

    def __init__(self, url: str) -> None:
        names = {name.lower(): value for name, value in CREDENTIALS.items()}
        session: Any = boto3.Session(region_name=REGION, **names)
        self.db, self.sqs = session.client("dynamodb", endpoint_url=url), session.client("sqs", endpoint_url=url)
        for table, key in (("ApprovalRequests", "approval_id"), ("WorkflowRuns", "run_name")):
            self.db.create_table(
                TableName=table, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            )  # fmt: skip
        self.queue = self.sqs.create_queue(QueueName="changes")["QueueUrl"]

    def write(self, version: int) -> None:
        """Give every request this version."""

        def put(start: int) -> None:
            puts = [{"PutRequest": {"Item": request(one, version)}} for one in range(start, start + 25)]
            self.db.batch_write_item(RequestItems={"ApprovalRequests": puts})

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(put, range(0, REQUESTS, 25)))

    def tell(self, count: int, version: int) -> None:
        """Send so many notices, ten messages a call."""

        def send(first: int) -> None:
            entries = []
            for number in range(10):
                start = first + number * PER_MESSAGE
                changes = [
                    {"table": "ApprovalRequests", "key": f"expense-{one % REQUESTS:07d}.manager", "version": version}
                    for one in range(start, start + PER_MESSAGE)
                ]
                entries.append({"Id": str(number), "MessageBody": json.dumps({"changes": changes})})
            self.sqs.send_message_batch(QueueUrl=self.queue, Entries=entries)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(send, range(0, count, 10 * PER_MESSAGE)))

    def wait_empty(self) -> None:
        """Wait until the worker has taken everything."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        while True:
            told = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=names)["Attributes"]
            if not any(int(value) for value in told.values()):
                return
            time.sleep(0.2)


def main() -> None:
    """Let the notices pass, and look at the worker's memory after each tenth of them."""
    with MiniStack() as ministack, databases() as found:
        portal = found.portal("sqlite", "worker")
        cloud = Cloud(ministack.url)
        environment = portal.environment | ministack.env | {"CHANGES_QUEUE_URL": cloud.queue}
        worker = subprocess.Popen([sys.executable, "manage.py", "runworker"], cwd=ROOT, env=environment)
        try:
            memory, seconds = watch(cloud, worker)
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(30)
    first, last = memory[1], memory[-1]
    figures = [
        Figure("memory after 100,000 notices against 10,000", last / first, "x", 1.10),
        Figure("highest against 10,000", max(memory[1:]) / first, "x", 1.10),
        Figure("memory at the end", last, "MB"),
        Figure("notices a second, with MiniStack on the same cores", NOTICES / seconds, "/s"),
    ]
    save("worker_memory", figures, megabytes=[round(one, 1) for one in memory])


def watch(cloud: Cloud, worker: "subprocess.Popen[bytes]") -> tuple[list[float], float]:
    """Return the memory at the start and after each tenth, and the seconds that the notices took to pass."""
    time.sleep(3)
    memory, taken = [resident(worker.pid)], 0.0
    for tenth in range(NOTICES // SAMPLE):
        cloud.write(tenth + 1)
        began = time.perf_counter()
        cloud.tell(SAMPLE, tenth + 1)
        cloud.wait_empty()
        taken += time.perf_counter() - began
        memory.append(resident(worker.pid))
    return memory, taken


if __name__ == "__main__":
    main()
