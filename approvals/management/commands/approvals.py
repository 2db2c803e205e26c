"""``manage.py approvals``: look at requests, answer them and start runs, as a named person."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any, override
from uuid import UUID, uuid4

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from approvals.actions.bulk import Outcome
from approvals.management.cli import bulk, shown
from approvals.management.cli.answering import answer, objection_to, take_back
from approvals.management.cli.away import add_away_arguments, away, stood_for
from approvals.management.cli.handing import hold, let_go, pass_on, remind
from approvals.management.cli.person import MISSING, request_called, viewer_called
from approvals.management.cli.starting import start
from approvals.models import ApprovalRequest
from approvals.models.mirror import RequestStatus
from approvals.models.pages import Order, Page
from approvals.policy import Viewer, visible_requests
from approvals.web.deputies import mark_rows

USAGE = 2


class Command(BaseCommand):
    """The same policy and the same actions as the pages; the record says that it came from the command line.

    Exit codes: 0 done, 2 wrong usage, 3 refused by the policy, 4 not found, 5 invalid or changed meanwhile;
    of many 6 some, 7 none were answered.
    """

    help = "List, show, answer, withdraw and start approval requests as a named person."

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

        def verb(name: str, text: str) -> ArgumentParser:
            sub = verbs.add_parser(name, help=text, description=text)
            sub.add_argument("--as", dest="username", required=True, metavar="USERNAME", help="who acts")
            sub.add_argument("--json", action="store_true", help="print JSON")
            return sub

        listing = verb("list", "What waits for the person; with --all or --status, all that they may see.")
        listing.add_argument("--all", action="store_true", help="all that the person may see, newest first")
        listing.add_argument("--status", choices=RequestStatus.values, help="of these, the ones in this state")
        listing.add_argument("--limit", type=_count, default=50, help="at most so many (50)")
        verb("show", "One request with all that a decider is shown.").add_argument("approval_id")
        text = "Why the person may or may not decide a request, check by check."
        verb("explain", text).add_argument("approval_id")
        for name, text in (("approve", "Give the answer that agrees."), ("reject", "Give an answer that objects.")):
            sub = verb(name, text)
            sub.add_argument("approval_id")
            sub.add_argument("--reason", default="", help="needed for every answer but the one that agrees")
            sub.add_argument("--seen", default="", metavar="MARK", help="the mark of what `show` showed")
            if name == "reject":
                sub.add_argument("--answer", default="", help="which option, where there are several")
        bulk.add_arguments(verb("bulk", "Answer many with one reason; one that cannot be answered stops no other."))
        sub = verb("claim", "Say that the person is on a request; it lapses by itself.")
        sub.add_argument("approval_id")
        sub.add_argument("--reason", default="", help="what the others should know")
        verb("release", "Say that the person is no longer on a request.").add_argument("approval_id")
        for name, text in (
            ("reassign", "Put a request to somebody else, or hand over one's place."),
            ("add", "Ask somebody as well: the step is not passed without them."),
        ):
            sub = verb(name, text)
            sub.add_argument("approval_id")
            sub.add_argument("--to", required=True, metavar="USERNAME", help="whom to ask")
            sub.add_argument("--reason", required=True)
        verb("remind", "Remind those whose turn it is, once in 24 hours.").add_argument("approval_id")
        sub = verb("withdraw", "Withdraw a request, or take back a submission that was not sent yet.")
        sub.add_argument("name", metavar="APPROVAL_ID|REF")
        sub.add_argument("--reason", default="")
        add_away_arguments(verb("away", "Who answers while the person is away: list, set or end it."))
        sub = verb("start", "Submit a workflow's input and start its run.")
        sub.add_argument("workflow")
        sub.add_argument("--input", required=True, metavar="FILE", help="a JSON file; - reads standard input")
        sub.add_argument("--token", type=UUID, default=None, help="a UUID of your own makes a repeat harmless")
        sub.add_argument(
            "--confirmed", default="", metavar="MARK", help="it is no duplicate: the mark that it is asked with"
        )

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        viewer = viewer_called(options["username"])
        getattr(self, f"_{options['verb']}")(viewer, options)

    def _list(self, viewer: Viewer, options: dict[str, Any]) -> None:
        page = page_for(viewer, options)
        mark_rows(viewer, page.rows)
        if options["json"]:
            self.stdout.write(shown.as_json([shown.brief(row) for row in page.rows]))
            return
        self.stdout.write(shown.listed(page.rows) if page.rows else nothing_for(viewer, options))
        if page.more:
            self.stdout.write(f"There are more than {len(page.rows)}; raise --limit to see them.")

    def _show(self, viewer: Viewer, options: dict[str, Any]) -> None:
        request = request_called(viewer, options["approval_id"])
        self.stdout.write(shown.as_json(shown.whole(request)) if options["json"] else shown.told(request))

    def _explain(self, viewer: Viewer, options: dict[str, Any]) -> None:
        """Whoever runs this reads the whole database anyway, so it also explains what the person may not even see."""
        request = ApprovalRequest.objects.filter(approval_id=options["approval_id"]).first()
        if request is None:
            raise CommandError(f"There is no request {options['approval_id']!r}.", returncode=MISSING)
        told = shown.explained(viewer, request)
        self.stdout.write(shown.as_json(told) if options["json"] else shown.explanation(told))

    def _approve(self, viewer: Viewer, options: dict[str, Any]) -> None:
        request = request_called(viewer, options["approval_id"])
        self._answer(viewer, request, request.yes, options)

    def _reject(self, viewer: Viewer, options: dict[str, Any]) -> None:
        request = request_called(viewer, options["approval_id"])
        self._answer(viewer, request, objection_to(request, options["answer"]), options)

    def _answer(self, viewer: Viewer, request: ApprovalRequest, choice: str, options: dict[str, Any]) -> None:
        seen = options["seen"] or self._look(request, choice)
        done = answer(viewer, request, choice, options["reason"], seen)
        if away_person := stood_for(viewer, request):
            done["for"] = away_person
        what = "recorded, and on its way to the workflow" if done["settled"] else "counted; others must answer too"
        self._tell(
            done, f"{request.approval_id}: {choice}{f' for {away_person}' if away_person else ''}, {what}.", options
        )

    def _look(self, request: ApprovalRequest, choice: str) -> str:
        """Show the request and ask. Nobody answers what they did not see."""
        if not sys.stdin.isatty():
            raise CommandError("Look first: give --seen with the mark that `show` prints.", returncode=USAGE)
        self.stdout.write(shown.told(request))
        if input(f"Answer {choice!r}? It cannot be taken back. [y/N] ").strip().lower() not in {"y", "yes"}:
            raise CommandError("Nothing was answered.")
        return shown.mark_of(request)

    def _bulk(self, viewer: Viewer, options: dict[str, Any]) -> None:
        lines, is_cut = bulk.lines_for(viewer, options)
        outcomes = None
        if options["dry_run"] or not options["json"]:
            self._tell_many(bulk.previewed(lines, is_cut=is_cut), lines, [None] * len(lines), options)
        if not options["dry_run"]:
            if not bulk.confirmed(lines, options):
                raise CommandError("Nothing was answered.")
            outcomes = bulk.go_through(viewer, lines, options)
            done = {"outcomes": bulk.as_told(outcomes), "more": is_cut}
            self._tell_many(done, lines, outcomes, options)
        if is_cut:
            self.stderr.write(f"More match than can be answered at a go; these are the first {len(lines)}.")
        refused = (
            [bool(line.why) for line in lines] if outcomes is None else [one.state == "refused" for one in outcomes]
        )
        if code := bulk.exit_code(refused):
            said = "could be" if options["dry_run"] else "were"
            raise CommandError(f"{refused.count(False)} of {len(lines)} {said} answered.", returncode=code)

    def _tell_many(
        self,
        told: dict[str, Any],
        lines: list[bulk.Line],
        outcomes: Sequence[Outcome | None],
        options: dict[str, Any],
    ) -> None:
        totals = bulk.totals_of(lines, outcomes, options)
        listed = f"{bulk.table_of(lines, outcomes)}{bulk.total_words(totals, outcomes, options)}"
        self._tell({**told, "totals": totals.as_data()}, listed, options)

    def _claim(self, viewer: Viewer, options: dict[str, Any]) -> None:
        done = hold(viewer, options["approval_id"], options["reason"])
        self._tell(done, f"{options['approval_id']}: {viewer.username} is on it until {done['until']}.", options)

    def _release(self, viewer: Viewer, options: dict[str, Any]) -> None:
        done = let_go(viewer, options["approval_id"])
        self._tell(done, f"{options['approval_id']}: nobody is on it.", options)

    def _reassign(self, viewer: Viewer, options: dict[str, Any]) -> None:
        done = pass_on(viewer, options["approval_id"], options["to"], options["reason"], is_added=False)
        self._tell(done, f"{options['approval_id']}: put to {done['to']}.", options)

    def _add(self, viewer: Viewer, options: dict[str, Any]) -> None:
        done = pass_on(viewer, options["approval_id"], options["to"], options["reason"], is_added=True)
        self._tell(done, f"{options['approval_id']}: {done['to']} is asked as well.", options)

    def _remind(self, viewer: Viewer, options: dict[str, Any]) -> None:
        done = remind(viewer, options["approval_id"])
        self._tell(done, f"{options['approval_id']}: those whose turn it is are reminded.", options)

    def _withdraw(self, viewer: Viewer, options: dict[str, Any]) -> None:
        done = take_back(viewer, options["name"], options["reason"])
        self._tell(done, f"{options['name']}: {done['closed']}.", options)

    def _away(self, viewer: Viewer, options: dict[str, Any]) -> None:
        done, sentence = away(viewer, options)
        self.stdout.write(shown.as_json(done) if options["json"] else sentence)

    def _start(self, viewer: Viewer, options: dict[str, Any]) -> None:
        done = start(viewer, options["workflow"], options["input"], options["token"] or uuid4(), options["confirmed"])
        self._tell(done, f"{done['ref']} is submitted; its run is {done['run_name']}.", options)

    def _tell(self, done: dict[str, Any], sentence: str, options: dict[str, Any]) -> None:
        self.stdout.write(shown.as_json(done) if options["json"] else sentence)


def nothing_for(viewer: Viewer, options: dict[str, Any]) -> str:
    """Say of what there is nothing."""
    if options["all"] or options["status"]:
        return f"{viewer.username} sees no such request."
    return f"Nothing waits for {viewer.username}. With --all: everything that {viewer.username} may see."


def page_for(viewer: Viewer, options: dict[str, Any]) -> Page[ApprovalRequest]:
    """Return what waits for the person, nearest deadline first; or all that they may see, newest first."""
    size = options["limit"]
    if options["all"] or options["status"]:
        visible = visible_requests(viewer)
        if options["status"]:
            visible = visible.filter(status=options["status"])
        return visible.page(Order.NEWEST, size=size)
    waiting = ApprovalRequest.objects.open().not_barred_for(viewer.username).still_open(timezone.now())
    return waiting.page_of_audiences(viewer.audiences, Order.DEADLINE, size=size, others=viewer.others)


def _count(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 1000:  # noqa: PLR2004
        raise ValueError(text)
    return value
