"""Answer many requests with one reason: each by the same action as one alone, and none in the way of another."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import DatabaseError
from django.utils.translation import gettext_noop

from approvals.actions.decide import Ballot, decide
from approvals.actions.errors import ActionError
from approvals.models import ApprovalRequest, AuditEvent
from approvals.models.sentence import english
from approvals.policy import Viewer

log = logging.getLogger(__name__)

# At a go: what a person can look through, and what is done well within a web server's patience.
MOST = 200
# In English, as the record keeps what became of each; the page translates it.
FAILED = gettext_noop("Something went wrong here, and it was not answered. Try it again by itself.")
GONE = gettext_noop("It is not there any more.")


@dataclass(frozen=True)
class Picked:
    """One request as it was shown."""

    approval_id: str
    version: int
    digest: str


@dataclass(frozen=True)
class Outcome:
    """What became of one of them. ``state``: settled, counted (others must answer too), or refused with ``why``.

    ``why`` is in English, as the record keeps it.
    """

    approval_id: str
    state: str
    why: str = ""


@dataclass(frozen=True)
class Go:
    """Many answers given at once."""

    choice: str
    outcomes: list[Outcome]


def decide_many(viewer: Viewer, name: str, picked: Sequence[Picked], choice: str, comment: str) -> Go:
    """Answer each; one that cannot be answered stops no other. ``name`` is the go's own: a second try finds the first.

    Each answer is a transaction and a line of the record by itself; one more line tells of the go as a whole.
    """
    before = go_of(viewer, name)
    if before is not None:
        return before
    go = Go(choice, [_decide_one(viewer, one, choice, comment) for one in picked[:MOST]])
    done = sum(one.state != "refused" for one in go.outcomes)
    AuditEvent.objects.record(
        viewer.actor, "bulk.decided", f"bulk:{name}", f"{choice}: {done} of {len(go.outcomes)}",
        choice=choice, outcomes=[asdict(one) for one in go.outcomes],
    )  # fmt: skip
    return go


def go_of(viewer: Viewer, name: str) -> Go | None:
    """Return what became of a go of this person, or None where there was none."""
    line = AuditEvent.objects.about(f"bulk:{name}").filter(actor=viewer.username, action="bulk.decided").first()
    return None if line is None else Go(line.data["choice"], [Outcome(**one) for one in line.data["outcomes"]])


def _decide_one(viewer: Viewer, one: Picked, choice: str, comment: str) -> Outcome:
    try:
        _, decision = decide(viewer, one.approval_id, Ballot(choice, comment, one.version, one.digest))
    except ActionError as fault:
        return Outcome(one.approval_id, "refused", english(fault))
    except ApprovalRequest.DoesNotExist:
        return Outcome(one.approval_id, "refused", GONE)
    except DatabaseError:
        log.exception("one of many answers failed: %s", one.approval_id)
        return Outcome(one.approval_id, "refused", FAILED)
    return Outcome(one.approval_id, "settled" if decision else "counted")
