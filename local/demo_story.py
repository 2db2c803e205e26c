"""The people of the demo, and the shape of what happens to their requests."""

from collections.abc import Mapping
from typing import NamedTuple

# Seconds; too short for anybody to answer, so that the demo has an expense that escalated and expired.
EXPIRES_AT_ONCE = 3


class Person(NamedTuple):
    """Somebody in the demo. All sign in with the same password; `can` says what for."""

    username: str
    full_name: str
    groups: tuple[str, ...]
    can: str
    department: str = ""


class Line(NamedTuple):
    """One line of an expense; `days_ago` dates it, a receipt is drawn where `receipt` names one."""

    days_ago: int
    category: str
    description: str
    amount: str
    receipt: str = ""


class Act(NamedTuple):
    """What somebody does once the request of `stage` is in the portal ("review.2" is its second attempt). `verb` is
    an option of the request, "comment", or "withdraw"; `response` is the answer to the request's form."""

    stage: str
    who: str
    verb: str
    words: str = ""
    response: Mapping[str, str] = {}


class Story(NamedTuple):
    """One expense and what becomes of it. `timeout_seconds` None is the stack's usual time to answer."""

    key: str
    who: str
    title: str
    currency: str
    lines: tuple[Line, ...]
    acts: tuple[Act, ...] = ()
    timeout_seconds: int | None = None
    is_draft: bool = False

    @property
    def workflow(self) -> str:
        """The workflow that it goes through."""
        return "expense"

    @property
    def out_of_order(self) -> str:
        """The function that does not work meanwhile."""
        return ""


class Form(NamedTuple):
    """The same for another workflow. `typed` is its form as somebody fills it in; "+14" is the day in two weeks.
    `out_of_order` names a function of the stack that does not work until the story has come to its end."""

    key: str
    who: str
    workflow: str
    title: str
    typed: Mapping[str, str]
    acts: tuple[Act, ...] = ()
    timeout_seconds: int | None = None
    out_of_order: str = ""

    @property
    def is_draft(self) -> bool:
        """Whether it is kept back."""
        return False


PEOPLE = (
    Person("requester", "Rosa Lindqvist", (), "submit requests, follow them, revise what is sent back"),
    Person("approver", "Adam Okafor", ("managers", "moderators"), "decide as a manager; moderate content"),
    Person("finance", "Mei Tanaka", ("finance",), "decide as finance, above 1,000"),
    Person("auditor", "Ivo Marsh", ("auditors",), "see everything, change nothing"),
    Person(
        "admin",
        "Dana Kovač",
        ("admins", "directors", "operators"),
        "run the portal; settle what is stuck or escalates",
    ),
    Person(
        "jonas",
        "Jonas Brandt",
        ("managers",),
        "be the second manager where two must agree; stand in for Adam",
        "Purchasing",
    ),
    Person("priya", "Priya Raman", ("managers", "legal"), "decide as a manager; read contracts for legal", "Legal"),
)
