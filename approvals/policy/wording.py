"""A policy in words, the same on every page."""

from approvals.models.terms import MANAGER, AtDeadline, Needed, PolicyTerms, Step
from approvals.policy.moments import reminder_words


def people_words(step: Step) -> str:
    """Return who is asked: ``the group finance, anna or the requester's manager``."""
    named = [seat_words(seat) for seat in step.seats]
    joint = " and " if step.needed == Needed.EACH else " or "
    return joint.join(filter(None, [", ".join(named[:-1]), named[-1]])) if named else "nobody"


def seat_words(seat: str) -> str:
    """Return one seat in words."""
    kind, _, name = seat.partition(":")
    if seat == MANAGER:
        return "the requester's manager"
    return f"the group {name}" if kind == "group" else name


def needed_words(step: Step) -> str:
    """Return how many of them must agree."""
    match step.needed:
        case Needed.ALL:
            return "all of them must agree"
        case Needed.EACH:
            return "one person for each must agree, and nobody counts twice"
        case Needed.COUNT:
            return "one of them must agree" if step.count == 1 else f"{step.count} of them must agree"
    return "one of them must agree"


def step_words(step: Step) -> str:
    """Return a step in one sentence."""
    hours = f", within {step.hours} hour{'' if step.hours == 1 else 's'}" if step.hours is not None else ""
    return f"{step.title}: {people_words(step)}; {needed_words(step)}{hours}."


def deadline_words(terms: PolicyTerms) -> str:
    """Return what happens when a step's own time is over; empty where no step has one."""
    if all(step.hours is None for step in terms.steps):
        return ""
    match terms.at_deadline:
        case AtDeadline.ESCALATE:
            hours = f", for {terms.escalate_hours} hours" if terms.escalate_hours is not None else ""
            return f"When a step's time is over, {people_words(terms.escalation)} may answer for it too{hours}."
        case AtDeadline.EXPIRE:
            return "When a step's time is over, no more answers are taken."
        case AtDeadline.DEFAULT:
            answer = terms.default_option.replace("_", " ")
            return f"When a step's time is over, the portal itself answers: {answer}."
    return "When a step's time is over, its people are reminded; it stays open."


def terms_words(terms: PolicyTerms) -> list[str]:
    """Return all that a version says, one sentence each."""
    steps = [f"{number}. {step_words(step)}" for number, step in enumerate(terms.steps, start=1)]
    barred = "Nobody who answered an earlier stage of the run may answer." if terms.bars_earlier else ""
    floor = "The person who asked never answers, and what the workflow demands holds besides."
    return [line for line in (*steps, deadline_words(terms), reminder_words(terms), barred, floor) if line]
