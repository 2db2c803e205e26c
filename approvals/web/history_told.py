"""Who was told of something, as the history has it: the notices of one event are one line, with everybody's name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext_lazy, ngettext

from approvals.models import AuditEvent, Topic

# What one event leads to is told within this time; reminders are further apart.
AT_ONCE = timedelta(minutes=5)
SAID = {
    Topic.TURN.value: gettext_lazy("Asked: {people}"),
    Topic.REMINDER.value: gettext_lazy("Reminded: {people}"),
    Topic.OVER.value: gettext_lazy("No longer needed: {people}"),
    Topic.OUTCOME.value: gettext_lazy("Told the outcome: {people}"),
    Topic.COMMENT.value: gettext_lazy("Told of a comment: {people}"),
    Topic.OFFICE.value: gettext_lazy("Called for an admin: {people}"),
}
# An end is told to those who were asked and to whoever asked, each in words of their own.
SAME_EVENT = {Topic.OUTCOME.value: Topic.OVER.value}


@dataclass(frozen=True)
class Told:
    """Whom one event of the record says were told: by name as far as it names them, and how many more."""

    event: AuditEvent
    topic: str
    names: tuple[str, ...]
    more: int

    @classmethod
    def of(cls, event: AuditEvent) -> "Told | None":
        """Read it, as ``approvals.notifying.teller`` writes it; None where it says something else."""
        topic, people = str(event.data.get("topic") or ""), event.summary.partition(": ")[2]
        if not event.action.endswith(".told") or topic not in SAID or not people:
            return None
        names = tuple(people.partition(" and ")[0].split(", "))
        return cls(event, topic, names, max(0, int(event.data.get("count") or 0) - len(names)))


def told_together(events: Iterable[AuditEvent]) -> list[list[Told]]:
    """Return who was told, the notices of one event together, for events of the record that come oldest first.

    What a person does is an event of its own: the notices after it are of that one.
    """
    groups: list[list[Told]] = []
    growing: dict[str, list[Told]] = {}
    for event in events:
        told = Told.of(event)
        if told is None:
            if not event.actor.startswith("system:"):
                growing.clear()
            continue
        of_event = SAME_EVENT.get(told.topic, told.topic)
        group = growing.get(of_event)
        if group is None or event.at - group[0].event.at > AT_ONCE:
            group = growing[of_event] = []
            groups.append(group)
        group.append(told)
    return groups


def people_told(group: Sequence[Told]) -> str:
    """Return how many people were told, behind the name of who did it."""
    count = len({name for told in group for name in told.names}) + sum(told.more for told in group)
    return ngettext("told {count} person", "told {count} people", count).format(count=count)


def said_to_them(group: Sequence[Told], names: Mapping[str, str]) -> str:
    """Return what they were told and who they are, each sort of notice once; ``names`` has full names by username."""
    sorts = {topic: [told for told in group if told.topic == topic] for topic in _topics(group)}
    return "; ".join(_one_sort(some, topic, names) for topic, some in sorts.items())


def _topics(group: Sequence[Told]) -> list[str]:
    return list(dict.fromkeys(told.topic for told in group))


def _one_sort(group: Sequence[Told], topic: str, names: Mapping[str, str]) -> str:
    people = ", ".join(names.get(one) or one for one in dict.fromkeys(name for told in group for name in told.names))
    if more := sum(told.more for told in group):
        listed = ngettext("{people} and {count} more", "{people} and {count} more", more)
        people = listed.format(people=people, count=more)
    return str(SAID[topic]).format(people=people)
