"""Messages of the change queue into the mirror; a message is deleted only when everything it names is committed."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from approvals.aws import queue
from approvals.aws.queue import Message
from approvals.mirror.ended import follow
from approvals.mirror.notices import Change, StatusChange, Unreadable, read
from approvals.mirror.observe import OBSERVER
from approvals.mirror.refresh import Refresher
from approvals.mirror.tables import BY_NAME
from approvals.models import AuditEvent

log = logging.getLogger(__name__)

# maxReceiveCount of the change queue (template.yaml): after this receive a message that stays goes to the dead letters.
LAST_RECEIVE = 5
EXCERPT = 300


@dataclass
class Taken:
    """What became of a batch: rows written, messages deleted, and the time of the oldest message."""

    written: int = 0
    deleted: int = 0
    oldest: datetime | None = None


@dataclass
class _Sorted:
    """The messages by what they say."""

    changes: dict[str, list[Change]] = field(default_factory=dict)
    statuses: list[tuple[Message, StatusChange]] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)


class Intake:
    """Takes batches of messages, one after the other."""

    def __init__(self) -> None:
        self._refresher = Refresher()

    def take(self, messages: Sequence[Message]) -> Taken:
        """Bring the mirror up to what the messages name, then delete them.

        A message that cannot be read, or names an item that cannot be mirrored, stays and comes back until the queue
        moves it to the dead letters; the rest goes on. Raises an AwsError or a database error: then nothing was
        deleted, and the same batch may be given again.
        """
        sorted_ = _sort(messages)
        taken = Taken(oldest=min((one.sent_at for one in messages), default=None))
        taken.written = self._refresh(sorted_)
        waiting = {one.id for one, change in sorted_.statuses if not follow(change, one)}
        for one in messages:
            if one.id in sorted_.faults:
                _complain(one, sorted_.faults[one.id])
        done = [one for one in messages if one.id not in sorted_.faults and one.id not in waiting]
        taken.deleted = len(done) - queue.delete(done)
        return taken

    def _refresh(self, sorted_: _Sorted) -> int:
        """Refresh every named item once, at the highest version that was told; note whose message stays."""
        versions: dict[str, dict[str, int]] = {}
        for change in (change for changes in sorted_.changes.values() for change in changes):
            told = versions.setdefault(change.table, {})
            told[change.key] = max(change.version, told.get(change.key, 0))
        written = 0
        for name, wanted in versions.items():
            refreshed = self._refresher.by_notice(BY_NAME[name], wanted)
            written += refreshed.written
            for message_id, changes in sorted_.changes.items():
                for change in changes:
                    if change.table == name and change.key in refreshed.unreadable:
                        sorted_.faults[message_id] = f"{name} {change.key}: {refreshed.unreadable[change.key]}"
        return written


def _sort(messages: Iterable[Message]) -> _Sorted:
    sorted_ = _Sorted()
    for message in messages:
        try:
            told = read(message.body)
        except Unreadable as fault:
            sorted_.faults[message.id] = str(fault)
            continue
        if isinstance(told, StatusChange):
            sorted_.statuses.append((message, told))
        else:
            sorted_.changes[message.id] = told
    return sorted_


def _complain(message: Message, why: str) -> None:
    """Log a message that stays; at its last receive put it on the record too, for it will not come back."""
    log.warning("change notice %s stays: %s", message.id, why, extra={"receives": message.receives})
    if message.receives >= LAST_RECEIVE:
        AuditEvent.objects.record(
            OBSERVER, "notice.given_up", f"notice:{message.id}", why,
            receives=message.receives, excerpt=message.body[:EXCERPT],
        )  # fmt: skip
