"""When the answers of one step are enough. Pure, so that it can be held to a small model (tests)."""

from collections.abc import Mapping, Set

from approvals.models.terms import Needed, Step

# What an answer can count for besides the seats of a step: its time was over; it was put to that person alone;
# they were asked as well.
ESCALATION, ALONE, ADDED = "escalation", "alone", "added"
BESIDES = frozenset({ESCALATION, ALONE, ADDED})


def is_met(step: Step, agreed: Mapping[str, Set[str]], able: Set[str]) -> bool:
    """Whether those who agreed in this step are enough.

    ``agreed`` gives for each of them the seats that they could take when they answered; one who was asked because the
    step's time was over answers for the whole step. ``able`` are all people who may answer in the step.
    """
    if any(ESCALATION in seats for seats in agreed.values()):
        return True
    match step.needed:
        case Needed.ALL:
            return bool(agreed) and able <= agreed.keys()
        case Needed.EACH:
            return seats_filled(agreed) == len(step.seats)
        case Needed.COUNT:
            return len(agreed) >= step.count
    return bool(agreed)


def missing(step: Step, agreed: Mapping[str, Set[str]], able: Mapping[str, Set[str]]) -> int:
    """How many answers the step could never get, if everybody who is able agreed too; 0 where it can be met."""
    everybody = {**able, **agreed}
    if step.needed == Needed.EACH:
        return len(step.seats) - seats_filled(everybody)
    wanted = step.count if step.needed == Needed.COUNT else 1
    return max(0, wanted - len(everybody))


def seats_filled(people: Mapping[str, Set[str]]) -> int:
    """Return how many seats these people fill, one each: the most that any assignment reaches.

    A maximum matching by augmenting paths, so that who answers first does not decide who counts for what.
    """
    taken: dict[str, str] = {}

    def seat(person: str, tried: set[str]) -> bool:
        for wanted in sorted(people[person] - tried - BESIDES):
            tried.add(wanted)
            if wanted not in taken or seat(taken[wanted], tried):
                taken[wanted] = person
                return True
        return False

    return sum(seat(person, set()) for person in sorted(people))
