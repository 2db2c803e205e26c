"""``manage.py reconcile``: makes the mirror whole, and closes what nobody will answer any more."""

import logging
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any, override

from django.core.management.base import BaseCommand, CommandError

from approvals.actions.deadlines import show_anew
from approvals.aws.faults import AwsError
from approvals.mirror.collector import ease
from approvals.mirror.reconcile import Summary, reconcile
from approvals.models import Timeline

MOST_SHOWN = 20


class Command(BaseCommand):
    """Scan both tables into the mirror and look after requests whose run has ended."""

    help = "Rebuild the mirror from full scans and close requests whose run has ended. Safe while workers run."

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        ease()
        # The summary says it in one place.
        logging.getLogger("approvals.mirror").setLevel(logging.ERROR)
        try:
            summary = reconcile(dry_run=options["dry_run"])
        except AwsError as fault:
            raise CommandError(f"Not finished, start it again: {fault}") from None
        self._tell(summary, "would be" if options["dry_run"] else "were")
        if not options["dry_run"]:
            missed = Timeline.objects.note_missed()
            self.stdout.write(f"{missed} timelines of ended runs are left to the worker to keep.")
            self.stdout.write(f"{show_anew()} requests say anew until when their step has time.")

    def _tell(self, summary: Summary, were: str) -> None:
        for table, seen in summary.seen.items():
            self.stdout.write(f"{table}: {seen} items, {summary.written[table]} {were} updated here.")
        self._list(f"{len(summary.closed)} requests {were} closed, their run has ended", summary.closed)
        self._list(f"{len(summary.woken)} runs {were} woken, their timer was lost", summary.woken)
        self._list(f"{len(summary.gone)} items are gone, their rows were kept", summary.gone)
        unreadable = [f"{key}: {why}" for key, why in summary.unreadable.items()]
        self._list(f"{len(unreadable)} items cannot be mirrored", unreadable)

    def _list(self, heading: str, things: Sequence[str]) -> None:
        if not things:
            return
        self.stdout.write(f"{heading}:")
        for thing in things[:MOST_SHOWN]:
            self.stdout.write(f"  {thing}")
        if len(things) > MOST_SHOWN:
            self.stdout.write(f"  and {len(things) - MOST_SHOWN} more")
