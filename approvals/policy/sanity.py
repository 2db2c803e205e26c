"""What is wrong with a policy before anybody is asked by it: each fault a sentence that says what to do."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from approvals.models import ApprovalRequest, PolicyRule
from approvals.models.groups import group_words
from approvals.models.sentence import Sentence
from approvals.models.terms import AtDeadline, Needed, PolicyTerms, Step
from approvals.policy.members import members_of as people_asked
from approvals.policy.moments import reminder_faults, reminder_faults_within
from approvals.policy.quorum import seats_filled

# So many requests are looked at to learn whom the stages of a rule ask.
NEWEST = 50
ONE_HOUR = timedelta(hours=1)
# A yes whatever the workflow; of others the portal knows from their requests that they are one.
YES = frozenset({"approved", "publish"})


def faults_of(terms: PolicyTerms, rules: Iterable[PolicyRule] = ()) -> list[Sentence]:
    """Return why nobody could satisfy the policy, by itself and where its rules would use it; empty when they could.

    What the workflows ask is known from the newest requests of each stage that a rule is for.
    """
    found = [*_by_itself(terms)]
    if found:
        return found
    return [fault for examples in examples_of(rules) for fault in _against(terms, examples)]


def _by_itself(terms: PolicyTerms) -> Iterator[Sentence]:
    if not terms.steps:
        yield Sentence(_("Fill in at least the first step: who is asked."))
    for number, step in enumerate(terms.steps, start=1):
        yield from _step(number, step)
    if len(terms.steps) > 1 and (lacking := _lacking(terms.steps, None)):
        said = _(
            "The steps together need {lacking} more than there are people in them: nobody answers twice. "
            "Name other people, or ask for fewer."
        )
        yield Sentence(said, lacking=lacking)
    yield from _deadline(terms)
    yield from _told(lambda: reminder_faults(terms))


def _step(number: int, step: Step) -> Iterator[Sentence]:
    if not step.seats:
        said = _("Step {number} asks nobody. Choose a group or a person, or tick the requester's manager.")
        yield Sentence(said, number=number)
        return
    people = {person.username: groups for person, groups in people_asked(None, step)}
    for group in step.groups:
        if not any(group in groups for groups in people.values()):
            said = _("Step {number}: the group {group} has no active member. Add one, or take the group away.")
            yield Sentence(said, number=number, group=group_words(group))
    for name in set(step.users) - people.keys():
        yield Sentence(_("Step {number}: {name} has no active account. Take the name away."), number=number, name=name)
    most = len(people) + step.manager
    if step.needed == Needed.COUNT and step.count > most:
        said = ngettext_lazy(
            "Step {number} needs {count} person and asks {most}. Lower the number, or ask more people.",
            "Step {number} needs {count} people and asks {most}. Lower the number, or ask more people.",
            "count",
        )
        yield Sentence(said, number=number, count=step.count, most=most)
    elif step.needed == Needed.EACH and (lacking := _lacking((step,), None)):
        said = _(
            "Step {number} needs somebody else from each, and {lacking} would be missing. Add people to the groups."
        )
        yield Sentence(said, number=number, lacking=lacking)


def _deadline(terms: PolicyTerms) -> Iterator[Sentence]:
    if terms.at_deadline == AtDeadline.ESCALATE:
        if not terms.escalation.seats:
            yield Sentence(_("Say whom to ask when a step's time is over, or choose something else to happen."))
        elif not people_asked(None, terms.escalation):
            yield Sentence(_("Nobody whom the escalation asks has an active account. Ask others."))
    if terms.at_deadline == AtDeadline.DEFAULT and not terms.default_option:
        yield Sentence(_("Write the safe answer that is given when nobody answers in time, such as rejected."))
    if terms.default_option.casefold() in YES:
        said = _("“{answer}” is a yes, and a yes is never given by itself. Write another answer, such as rejected.")
        yield Sentence(said, answer=terms.default_option)
    if terms.at_deadline != AtDeadline.REMIND and all(step.hours is None for step in terms.steps):
        yield Sentence(_("Give at least one step a time of its own: without one, nothing ever happens at its end."))


def examples_of(rules: Iterable[PolicyRule]) -> list[list[ApprovalRequest]]:
    """Return requests of each stage that a rule is for, the newest of each audience that the stage was put to.

    An escalated request asks others than its stage does: it counts only where no other is known.
    """
    found: dict[tuple[str, str], dict[int, ApprovalRequest]] = {}
    for rule in rules:
        exact = {name: getattr(rule, name) for name in ("workflow", "stage", "currency") if getattr(rule, name)}
        asking = ApprovalRequest.objects.filter(**exact).exclude(kind="revision")
        for request in asking.order_by("-created_at", "-id")[:NEWEST]:
            found.setdefault((request.workflow, request.stage), {}).setdefault(request.pk, request)
    return [_by_audience(list(seen.values())) for seen in found.values()]


def _by_audience(seen: list[ApprovalRequest]) -> list[ApprovalRequest]:
    first = [request for request in seen if request.approval_id == f"{request.run_name}.{request.stage}"]
    audiences: dict[str, ApprovalRequest] = {}
    for request in first or seen:
        audiences.setdefault(request.asked, request)
    return list(audiences.values())


def _told(faults: Callable[[], Iterable[str]]) -> Iterator[Sentence]:
    for place, _fault in enumerate(faults()):
        yield Sentence.told(partial(_at, faults, place))


def _at(faults: Callable[[], Iterable[str]], place: int) -> str:
    return [*faults()][place]


def _against(terms: PolicyTerms, examples: list[ApprovalRequest]) -> Iterator[Sentence]:
    """Return what is wrong for a stage: of whom to ask, only what holds whomever the stage was put to."""
    example = examples[0]
    stage = Sentence(_("{workflow}, stage {stage}"), workflow=example.workflow, stage=example.stage)
    for number, step in enumerate(terms.steps, start=1):
        nearest = min(examples, key=lambda one: _lacking((step,), one.policy))
        if lacking := _lacking((step,), nearest.policy):
            said = ngettext_lazy(
                "Step {number} cannot be met for {stage}: the workflow asks {asked}. Of the step's people, {among} are "
                "among them, and {lacking} more is needed. A policy adds nobody to those whom the workflow asks: "
                "choose people among them, or ask for fewer.",
                "Step {number} cannot be met for {stage}: the workflow asks {asked}. Of the step's people, {among} are "
                "among them, and {lacking} more are needed. A policy adds nobody to those whom the workflow asks: "
                "choose people among them, or ask for fewer.",
                "lacking",
            )
            among = len(people_asked(nearest.policy, step))
            yield Sentence(said, number=number, stage=stage, asked=_asked(nearest), among=among, lacking=lacking)
    asks_more = terms.at_deadline == AtDeadline.ESCALATE
    if asks_more and not any(people_asked(one.policy, terms.escalation) for one in examples):
        said = _(
            "Nobody of the escalation is among those whom {stage} asks ({asked}). A policy adds nobody to those whom "
            "the workflow asks: choose people among them, or let the workflow ask these people too."
        )
        yield Sentence(said, stage=stage, asked=_asked(example))
    given, longest = example.expires_at - example.created_at, terms.longest
    if longest is not None and longest >= given:
        said = _(
            "The steps take {longest} hours, and {stage} ends after {given}. "
            "Give the steps less time, so that something can still happen."
        )
        yield Sentence(said, longest=_hours(longest), stage=stage, given=_hours(given))
    yield from _told(lambda: reminder_faults_within(terms, given, stage))
    if terms.at_deadline == AtDeadline.DEFAULT:
        yield from _default(terms, example, stage)


def _asked(example: ApprovalRequest) -> str:
    return example.asked or Sentence(_("nobody"))


def _default(terms: PolicyTerms, example: ApprovalRequest, stage: Sentence) -> Iterator[Sentence]:
    others = [str(option) for option in example.options if option != example.yes]
    if terms.default_option not in others:
        said = _("The safe answer for {stage} must be one of: {others}. A yes is never given by itself.")
        yield Sentence(said, stage=stage, others=", ".join(others))
    elif example.response_schema is not None and terms.default_option != "rejected":
        said = _("{stage} wants a form with the answer {answer}, which only a person can fill in.")
        yield Sentence(said, stage=stage, answer=terms.default_option)


def _lacking(steps: Iterable[Step], floor: Mapping[str, Any] | None) -> int:
    """Return how many answers are missing if every person gives one, wherever it helps most.

    A requester's manager is somebody different each time: such a seat counts as taken.
    """
    wanted, people = 0, dict[str, set[str]]()
    for at, step in enumerate(steps):
        of_manager = int(step.manager)
        places = len(step.seats) if step.needed == Needed.EACH else step.count if step.needed == Needed.COUNT else 1
        wanted += max(0, places - of_manager)
        for person, groups in people_asked(floor, step):
            seats = step.seats_of(person.username, groups, "")
            any_place = {str(place) for place in range(places - of_manager)}
            mine = people.setdefault(person.username, set())
            mine |= {f"{at}:{seat}" for seat in (seats if step.needed == Needed.EACH else any_place)}
    return wanted - seats_filled(people)


def _in_hours(length: timedelta) -> str:
    hours = round(length / ONE_HOUR, 1)
    return number_format(int(hours) if hours == int(hours) else hours)


# As the reader's language writes numbers, and the record's English.
_hours = lazy(_in_hours, str)
