"""``manage.py runworker``: carries decisions to AWS and changes back."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any, override

from django.core.management.base import BaseCommand, CommandError

from approvals.mirror.collector import ease
from approvals.worker.part import OUTAGES
from approvals.worker.worker import Worker


class Command(BaseCommand):
    """Run mirror, outbox, notifications and e-mail until SIGTERM or SIGINT. Any number of workers may run at once."""

    help = "Mirror changes from AWS, deliver decisions, tell people; until told to stop. Several may run at once."

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what there is to do now, then end (for cron)")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        ease()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        worker = Worker(stop)
        if options["once"]:
            try:
                worker.once()
            except OUTAGES as fault:
                raise CommandError(f"Not finished: {fault}") from None
        elif not worker.run():
            raise CommandError("A part of the worker broke; its log says where.")
