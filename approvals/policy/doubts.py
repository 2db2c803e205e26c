"""What a policy leaves unanswered though it can be met: the requests of some people. Warnings, no refusals."""

from collections.abc import Iterable, Iterator

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from approvals.models import PolicyRule, User
from approvals.models.sentence import Sentence
from approvals.models.terms import AtDeadline, Needed, PolicyTerms, Step
from approvals.policy.members import in_floor
from approvals.policy.members import members_of as people_asked
from approvals.policy.quorum import seats_filled
from approvals.policy.sanity import examples_of

# In larger groups one person more or less makes no difference.
MOST_TRIED = 50
# So many of those whom it concerns are named.
MOST_NAMED = 3


def doubts_of(terms: PolicyTerms, rules: Iterable[PolicyRule] = ()) -> list[Sentence]:
    """Return whose requests a step leaves unanswered.

    Nobody may answer their own, and not everybody has a manager, or one whom the workflows of the rules ask.
    """
    listed, found = list(rules), list[Sentence]()
    for number, step in enumerate(terms.steps, start=1):
        if terms.at_deadline == AtDeadline.ESCALATE and step.hours is not None:
            # Others are asked in the end.
            continue
        found += [*_doubt(number, step), *_of_managers(number, step, listed)]
    # Two rules may be for one stage.
    return [*dict.fromkeys(found)]


def _of_managers(number: int, step: Step, rules: list[PolicyRule]) -> Iterator[Sentence]:
    if not step.manager or not _needs_manager(step):
        return
    askers = _who_may_ask(rules)
    without = askers.filter(manager=None)
    if count := without.count():
        said = ngettext_lazy(
            "Step {number} asks the requester's manager, and the account of {count} person who may ask names none "
            "({names}): what they send cannot be answered. Name their manager, or ask a group besides.",
            "Step {number} asks the requester's manager, and the accounts of {count} people who may ask name none "
            "({names}): what they send cannot be answered. Name their managers, or ask a group besides.",
            "count",
        )
        yield Sentence(said, number=number, count=count, names=_names(without, count))
    for rule in rules:
        for examples in examples_of([rule]):
            named = askers.exclude(manager=None)
            floor = Q(pk__in=[])
            for one in examples:
                floor |= in_floor(one.policy)
            able = User.objects.filter(floor, is_active=True)
            others = named.exclude(manager__in=able)
            if not (count := others.count()):
                continue
            stage = Sentence(_("{workflow}, stage {stage}"), workflow=examples[0].workflow, stage=examples[0].stage)
            said = ngettext_lazy(
                "Step {number} asks the requester's manager, and {stage} asks {asked}: the manager of {count} person "
                "who may ask is not among them ({names}), so that what they send cannot be answered. Name another "
                "manager, let the workflow ask the manager, or ask a group besides.",
                "Step {number} asks the requester's manager, and {stage} asks {asked}: the managers of {count} people "
                "who may ask are not among them ({names}), so that what they send cannot be answered. Name other "
                "managers, let the workflow ask them, or ask a group besides.",
                "count",
            )
            asked = examples[0].asked or Sentence(_("nobody"))
            yield Sentence(said, number=number, stage=stage, asked=asked, count=count, names=_names(others, count))


def _needs_manager(step: Step) -> bool:
    """Whether the step cannot be passed without the requester's manager."""
    if step.needed == Needed.EACH:
        return True
    return len(people_asked(None, step)) < (step.count if step.needed == Needed.COUNT else 1)


def _who_may_ask(rules: list[PolicyRule]) -> "QuerySet[User]":
    """Return everybody who may send something that the rules fit: anybody, or those of their departments."""
    askers = User.objects.filter(is_active=True)
    departments = [rule.department for rule in rules]
    if not departments or "" in departments:
        return askers
    of_one = Q(pk__in=[])
    for department in departments:
        of_one |= Q(department__iexact=department)
    return askers.filter(of_one)


def _names(people: "QuerySet[User]", count: int) -> Sentence:
    named = ", ".join(str(one) for one in people.order_by("first_name", "last_name", "username")[:MOST_NAMED])
    if count <= MOST_NAMED:
        return Sentence.shown(named, recorded=named)
    said = ngettext_lazy("{people} and {count} more", "{people} and {count} more", "count")
    return Sentence(said, people=named, count=count - MOST_NAMED)


def _doubt(number: int, step: Step) -> Iterator[Sentence]:
    people = {
        person.username: step.seats_of(person.username, groups, "") for person, groups in people_asked(None, step)
    }
    if step.needed == Needed.EACH:
        places = len(step.seats) - step.manager
        if seats_filled(people) >= places and any(
            seats_filled({other: seats for other, seats in people.items() if other != name}) < places
            for name in list(people)[:MOST_TRIED]
        ):
            said = _(
                "Step {number} needs somebody else from each. If one of its people asks, too few may be left: "
                "such a request cannot be answered. Add people to the groups."
            )
            yield Sentence(said, number=number)
        return
    wanted = (step.count if step.needed == Needed.COUNT else 1) - step.manager
    left = len(people) - 1
    if not people or left >= wanted:
        return
    if left == 0:
        said = _(
            "Step {number}: if the one person whom it asks makes a request, nobody is left: "
            "such a request cannot be answered. Ask more people."
        )
        yield Sentence(said, number=number)
        return
    counted = ngettext_lazy(
        "Step {number}: if one of its people asks, only {left} is left: such a request cannot be answered. "
        "Ask more people, or ask for fewer answers.",
        "Step {number}: if one of its people asks, only {left} are left: such a request cannot be answered. "
        "Ask more people, or ask for fewer answers.",
        "left",
    )
    yield Sentence(counted, number=number, left=left)
