"""The policy of a request in words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from approvals.models import ApprovalRequest
from approvals.models.groups import people_words
from approvals.policy import Standing
from approvals.web.formats import in_sentence, words

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# Yes and no.
PLAIN_CHOICE = 2


@dataclass(frozen=True)
class Terms:
    """Who may decide, how many must, who may not, and what follows."""

    groups: list[str]
    users: list[str]
    required: int
    yes: str
    excluded: list[str]
    escalates_to: str
    alone: str = ""
    """The name of the one person to whom it was put instead."""
    also: tuple[str, ...] = ()
    """The names of those who were asked as well: their answers are needed besides."""

    @classmethod
    def of(cls, request: ApprovalRequest) -> "Terms":
        """Read the terms from the item's policy."""
        policy = request.policy
        return cls(
            groups=[str(name) for name in policy.get("groups") or []],
            users=[str(name) for name in policy.get("users") or []],
            required=request.required,
            yes=option_words(request.yes),
            excluded=[str(name) for name in policy.get("exclude") or [] if name != request.requester],
            escalates_to=people_words(str(policy.get("escalates_to") or "")),
        )

    @classmethod
    def now(cls, request: ApprovalRequest) -> "Terms":
        """Read the terms with what was handed over since."""
        terms, standing = cls.of(request), Standing.of(request)
        takers = {each.taker.username: str(each.taker) for each in request.handovers.select_related("taker")}
        if standing is None or not takers:
            return terms
        places = standing.effective.places
        if places.alone:
            terms = replace(terms, users=[places.alone], groups=[], alone=takers[places.alone])
        else:
            terms = replace(terms, users=[_taker_of(name, places.out) for name in terms.users])
        return replace(terms, also=tuple(takers[name] for name in sorted(places.added)))

    @property
    def how_many(self) -> str:
        """How many must say yes; one objection settles it too."""
        if self.also and self.alone:
            everybody = gettext(" and ").join((self.alone, *self.also))
            said = gettext("{people} must {answer}. Any other answer settles it at once.")
            return said.format(people=everybody, answer=self.yes)
        if self.also:
            said = ngettext(
                "{people} as well, and {count} more, must {answer}. Any other answer settles it at once.",
                "{people} as well, and {count} more, must {answer}. Any other answer settles it at once.",
                self.required,
            )
            return said.format(people=gettext(" and ").join(self.also), count=self.required, answer=self.yes)
        if self.alone and self.required == 1:
            return gettext("The answer of {person} settles it.").format(person=self.alone)
        if self.required == 1:
            return str(_("One answer settles it."))
        said = ngettext(
            "{count} person must {answer}. Any other answer settles it at once.",
            "{count} people must {answer}. Any other answer settles it at once.",
            self.required,
        )
        return said.format(count=self.required, answer=self.yes)


def _taker_of(name: str, out: Mapping[str, str]) -> str:
    """Return who has the place now; places never go round in a circle (Places.of)."""
    while name in out:
        name = out[name]
    return name


class Called(NamedTuple):
    """What an answer is called: on its button, once it is given, and both within a sentence.

    ``must`` follows "people must", ``was`` follows "answered:" or "closed:".
    """

    button: "_StrPromise"
    outcome: "_StrPromise"
    must: "_StrPromise"
    was: "_StrPromise"


APPROVE = Called(
    _("Approve"),
    _("Approved"),
    pgettext_lazy("people must …", "approve"),
    pgettext_lazy("the answer was: …", "approved"),
)
REJECT = Called(
    _("Reject"), _("Rejected"), pgettext_lazy("people must …", "reject"), pgettext_lazy("the answer was: …", "rejected")
)
SEND_BACK = Called(
    _("Send back"),
    _("Sent back"),
    pgettext_lazy("people must …", "send back"),
    pgettext_lazy("the answer was: …", "sent back"),
)
REVISE = Called(
    _("Send the new version"),
    _("Revised"),
    pgettext_lazy("people must …", "send the new version"),
    pgettext_lazy("the answer was: …", "revised"),
)
PUBLISH = Called(
    _("Publish"),
    _("Published"),
    pgettext_lazy("people must …", "publish"),
    pgettext_lazy("the answer was: …", "published"),
)
REMOVE = Called(
    _("Remove"), _("Removed"), pgettext_lazy("people must …", "remove"), pgettext_lazy("the answer was: …", "removed")
)
RETRY = Called(
    _("Try again"),
    _("Tried again"),
    pgettext_lazy("people must …", "try again"),
    pgettext_lazy("the answer was: …", "tried again"),
)
BY_HAND = Called(
    pgettext_lazy("button", "Done by hand"),
    pgettext_lazy("outcome", "Done by hand"),
    pgettext_lazy("people must …", "done by hand"),
    pgettext_lazy("the answer was: …", "done by hand"),
)
WAIVE = Called(
    _("Waive"), _("Waived"), pgettext_lazy("people must …", "waive"), pgettext_lazy("the answer was: …", "waived")
)
TIME_OUT = Called(
    _("Time out"),
    _("Timed out"),
    pgettext_lazy("people must …", "time out"),
    pgettext_lazy("the answer was: …", "timed out"),
)
FAIL = Called(
    _("Fail"), _("Failed"), pgettext_lazy("people must …", "fail"), pgettext_lazy("the answer was: …", "failed")
)
# No buttons: a request is closed in another way.
CANCEL = Called(
    _("Cancelled"),
    _("Cancelled"),
    pgettext_lazy("people must …", "cancelled"),
    pgettext_lazy("the answer was: …", "cancelled"),
)
WITHDRAW = Called(
    _("Withdrawn"),
    _("Withdrawn"),
    pgettext_lazy("people must …", "withdrawn"),
    pgettext_lazy("the answer was: …", "withdrawn"),
)
# Any other option is called by its own words.
ANSWERS = {
    "approved": APPROVE,
    "rejected": REJECT,
    "changes_requested": SEND_BACK,
    "revised": REVISE,
    "publish": PUBLISH,
    "published": PUBLISH,
    "remove": REMOVE,
    "removed": REMOVE,
    "retry": RETRY,
    "done_by_hand": BY_HAND,
    "waive": WAIVE,
    "waived": WAIVE,
    "timeout": TIME_OUT,
    "error": FAIL,
    "cancelled": CANCEL,
    "withdrawn": WITHDRAW,
}


@dataclass(frozen=True)
class Option:
    """One answer that a request takes. ``tone``: yes (the first), no (the objection) or other."""

    value: str
    label: str
    tone: str


def options_of(request: ApprovalRequest) -> list[Option]:
    """Return the answers in the producer's order."""
    values = [str(option) for option in request.options]
    return [Option(value, option_label(value), _tone(value, values)) for value in values]


def _tone(value: str, values: list[str]) -> str:
    if value == values[0]:
        return "yes"
    # Of two, the second objects; of more, only what says so plainly.
    return "no" if len(values) <= PLAIN_CHOICE or value == "rejected" else "other"


def option_label(option: str) -> str:
    """What the button of an option says."""
    return str(ANSWERS[option].button) if option in ANSWERS else words(option)


def option_words(option: str) -> str:
    """Return the same within a sentence, behind "people must"."""
    return str(ANSWERS[option].must) if option in ANSWERS else in_sentence(words(option))


def outcome_label(decision: str) -> str:
    """What an answer is called once it is given."""
    return str(ANSWERS[decision].outcome) if decision in ANSWERS else words(decision)


def outcome_words(decision: str) -> str:
    """Return the same within a sentence."""
    return str(ANSWERS[decision].was) if decision in ANSWERS else in_sentence(words(decision))
