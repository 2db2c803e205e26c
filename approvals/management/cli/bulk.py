"""Answering many from the command line: the lines that the pages would show, and the action that they call."""

import sys
import uuid
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.core.management.base import CommandError
from rich import box
from rich.table import Table

from approvals.actions.bulk import MOST, Outcome, Picked, decide_many, go_of
from approvals.management.cli.person import INVALID, request_called
from approvals.management.cli.shown import MARK, amount_of, amount_text, drawn, mark_of, plain, title_in_list
from approvals.management.cli.starting import read
from approvals.models import ApprovalRequest
from approvals.policy import Viewer
from approvals.web.bulk import fault_of, lines_of, why_not
from approvals.web.queue_view import View
from approvals.web.totals import Totals, left_for

SOME, NONE_DONE = 6, 7
CHOICES = {"approve": "approved", "reject": "rejected"}
FILTERS = ("search", "workflow", "stage", "due", "currency", "least", "most")
UNSEEN = "Look first: name it as APPROVAL_ID=MARK, with the mark that --dry-run prints."
CHANGED = "It is not as it was when you looked. Look again."
LOOK_FIRST = "Look first: --dry-run --json > LIST prints what would be answered, --from LIST answers just that."


@dataclass(frozen=True)
class Line:
    """One request of the list. ``request`` is None where the person sees none; ``why`` says why it is not answered."""

    approval_id: str
    request: ApprovalRequest | None
    why: str = ""


def add_arguments(sub: ArgumentParser) -> None:
    """Add what the verb takes."""
    sub.add_argument("answer", choices=CHOICES)
    sub.add_argument("requests", nargs="*", metavar="APPROVAL_ID[=MARK]")
    sub.add_argument("--from", dest="source", metavar="LIST", help="the JSON of a dry run; - reads standard input")
    sub.add_argument("--all-that-match", action="store_true", help="all of the queue that match these filters:")
    sub.add_argument("--tab", choices=["mine", "groups"], default="mine")
    for name in FILTERS:
        sub.add_argument(f"--{name}", default="", help="as in the queue of the pages")
    sub.add_argument("--dry-run", action="store_true", help="answer nothing; print what would be answered, and why not")
    sub.add_argument("--reason", default="", help="one for all; needed for a rejection")
    sub.add_argument("--token", type=uuid.UUID, default=None, help="a UUID of your own makes a repeat harmless")


def lines_for(viewer: Viewer, options: dict[str, Any]) -> tuple[list[Line], bool]:
    """Return what is to be answered, line by line, and whether more match than can be at a go. Raises CommandError."""
    choice = CHOICES[options["answer"]]
    if sum(map(bool, (options["requests"], options["source"], options["all_that_match"]))) != 1:
        raise CommandError("Name requests, or give --from, or --all-that-match.", returncode=2)
    if options["all_that_match"]:
        ids = _matching(viewer, options)
        found = [Line(one.request.approval_id, one.request, one.why) for one in lines_of(viewer, ids[:MOST], choice)]
        return found, len(ids) > MOST
    marks = dict(_marked(options))
    if len(marks) > MOST:
        raise CommandError(f"At most {MOST} at a go; these are {len(marks)}.", returncode=INVALID)
    return [_line(viewer, name, mark, choice, options) for name, mark in marks.items()], False


def _marked(options: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Return the requests named, with the mark of what was seen of each, where one is given."""
    if options["source"]:
        listed = read(options["source"]).get("requests")
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise CommandError(f"{options['source']} is not what --dry-run --json prints.", returncode=INVALID)
        return [(str(one.get("approval_id")), str(one.get("seen"))) for one in listed if one.get("state") == "ready"]
    named = (text.partition("=") for text in options["requests"])
    return [(name, mark) for name, _, mark in named]


def _line(viewer: Viewer, name: str, mark: str, choice: str, options: dict[str, Any]) -> Line:
    try:
        request = request_called(viewer, name)
    except CommandError as fault:
        return Line(name, None, str(fault))
    why = why_not(viewer, request, choice)
    if not why and mark and (len(mark) < MARK or not request.content_digest.startswith(mark)):
        why = CHANGED
    if not why and not (mark or options["dry_run"] or _asks()):
        why = UNSEEN
    return Line(name, request, why)


def _matching(viewer: Viewer, options: dict[str, Any]) -> list[int]:
    """Return the ids in the order of the queue, one more than can be at a go. Raises CommandError."""
    if not (options["dry_run"] or _asks()):
        raise CommandError(LOOK_FIRST, returncode=2)
    typed = {("q" if name == "search" else name): options[name] for name in FILTERS}
    view = View.asked_by({"tab": options["tab"], **typed}, viewer)
    # On a page a filter that cannot be read says so and narrows nothing; here nobody would see it in time.
    for name, said in view.filters.errors.items():
        raise CommandError(f"--{'search' if name == 'q' else name}: {' '.join(map(str, said))}", returncode=INVALID)
    return view.pile.ids(None, MOST + 1)


def go_through(viewer: Viewer, lines: list[Line], options: dict[str, Any]) -> list[Outcome]:
    """Answer those that can be; return what became of each, in order. Raises CommandError."""
    choice, reason = CHOICES[options["answer"]], options["reason"].strip()
    if error := fault_of(choice, reason):
        raise CommandError(error, returncode=INVALID)
    name = (options["token"] or uuid.uuid4()).hex
    able = [line.request for line in lines if line.request and not line.why]
    done = go_of(viewer, name)
    if done is None and able:
        picked = [Picked(one.approval_id, one.version, one.content_digest) for one in able]
        done = decide_many(viewer, name, picked, choice, reason)
    became = {one.approval_id: one for one in (done.outcomes if done else [])}
    return [became.get(line.approval_id, Outcome(line.approval_id, "refused", line.why)) for line in lines]


def confirmed(lines: list[Line], options: dict[str, Any]) -> bool:
    """Whether the person says yes to the list that was just printed; marks of a list seen before are a yes already."""
    if not _asks() or not any(not line.why for line in lines):
        return True
    if options["source"] or all("=" in text for text in options["requests"] or ["all"]):
        return True
    many = sum(not line.why for line in lines)
    asked = f"Answer {CHOICES[options['answer']]!r} to {many}? It cannot be taken back. [y/N] "
    return input(asked).strip().lower() in {"y", "yes"}


def previewed(lines: list[Line], *, is_cut: bool) -> dict[str, Any]:
    """Return the list as JSON values; ``--from`` reads it."""
    return {
        "requests": [
            {
                "approval_id": line.approval_id,
                "state": "refused" if line.why or line.request is None else "ready",
                "why": line.why,
                "seen": mark_of(line.request) if line.request else None,
                "title": line.request.title if line.request else None,
            }
            for line in lines
        ],
        "more": is_cut,
    }


def table_of(lines: Iterable[Line], outcomes: Iterable[Outcome | None]) -> str:
    """Return the list as a table; an outcome of None is one that can be answered."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("Request=mark", "What", "Amount", "State", "Why"):
        table.add_column(name, overflow="fold")
    for line, outcome in zip(lines, outcomes, strict=True):
        request = line.request
        named = f"{line.approval_id}={mark_of(request)}" if request else line.approval_id
        state, why = (outcome.state, outcome.why) if outcome else ("refused" if line.why else "ready", line.why)
        cells = (named, title_in_list(request) if request else "", amount_of(request) if request else "", state, why)
        table.add_row(*(plain(cell) for cell in cells))
    return drawn(table)


def totals_of(lines: list[Line], outcomes: Sequence[Outcome | None], options: dict[str, Any]) -> Totals:
    """Return what the answers come to: those that can be given, or were."""
    rows = [
        line.request
        for line, outcome in zip(lines, outcomes, strict=True)
        if line.request and (outcome.state != "refused" if outcome else not line.why)
    ]
    return Totals.of(rows, left_for(CHOICES[options["answer"]], rows))


def total_words(totals: Totals, outcomes: Sequence[Outcome | None], options: dict[str, Any]) -> str:
    """Return the same as a line below the table; nothing where no request names an amount."""
    if not totals.sums:
        return ""
    verb = options["answer"] if None in outcomes else CHOICES[options["answer"]]
    many = f"{totals.count} request" if totals.count == 1 else f"{totals.count} requests"
    sums = " and ".join(amount_text(amount, currency) for currency, amount in totals.sums.items())
    return f"\nYou {verb} {many}: {sums}. {totals.left_out}".rstrip()


def exit_code(refused: list[bool]) -> int:
    """0: every one was answered; 6: some; 7: none."""
    if all(refused):
        return NONE_DONE
    return SOME if any(refused) else 0


def _asks() -> bool:
    return sys.stdin.isatty()


def as_told(outcomes: Iterable[Outcome]) -> list[dict[str, str]]:
    """Return outcomes as JSON values."""
    return [asdict(one) for one in outcomes]
