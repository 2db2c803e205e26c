"""The people of the demo and what happens to their expenses, as data."""

from typing import NamedTuple

# Seconds; too short for anybody to answer, so that the demo has an expense that escalated and expired.
EXPIRES_AT_ONCE = 3


class Person(NamedTuple):
    """Somebody in the demo. Who has no `can` cannot sign in: they only make the queue look like one."""

    username: str
    full_name: str
    groups: tuple[str, ...] = ()
    can: str = ""


class Line(NamedTuple):
    """One line of an expense; `days_ago` dates it, a receipt is drawn where `receipt` names one."""

    days_ago: int
    category: str
    description: str
    amount: str
    receipt: str = ""


class Act(NamedTuple):
    """What somebody does once the request of `stage` is in the portal. `verb` is an option of the request,
    "comment", or "withdraw"."""

    stage: str
    who: str
    verb: str
    words: str = ""


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


PEOPLE = (
    Person("requester", "Rosa Lindqvist", (), "submit expenses and follow them"),
    Person("approver", "Adam Okafor", ("managers", "moderators"), "decide as a manager; moderate"),
    Person("finance", "Mei Tanaka", ("finance",), "decide as finance, above 1,000"),
    Person("auditor", "Ivo Marsh", ("auditors",), "see everything, change nothing"),
    Person(
        "admin", "Dana Kovač", ("admins", "directors", "operators"), "run the portal; decide what escalates or is stuck"
    ),
    Person("jonas", "Jonas Brandt"),
    Person("priya", "Priya Raman"),
)

STORIES = (
    Story(
        "team-lunch",
        "requester",
        "Lunch with the new colleagues",
        "EUR",
        (Line(2, "meals", "Lunch for three, Café Linden", "38.50", "cafe-linden.png"),),
    ),
    Story(
        "hamburg",
        "requester",
        "Train to the Hamburg workshop",
        "EUR",
        (
            Line(9, "travel", "Return ticket, second class", "164.80", "train-ticket.png"),
            Line(8, "lodging", "One night, Hotel am Hafen", "118.00", "hotel-am-hafen.png"),
        ),
        (Act("manager", "approver", "approved", "Workshop is on the plan."),),
    ),
    Story(
        "laptop",
        "jonas",
        "Laptop for the data team",
        "USD",
        (Line(12, "equipment", "14-inch laptop, 64 GB", "1899.00", "laptop-invoice.png"),),
        (
            Act("manager", "approver", "approved", "Replaces the 2019 one."),
            Act("finance", "finance", "approved", "Within the equipment budget."),
        ),
    ),
    Story(
        "conference",
        "requester",
        "Conference in Lisbon",
        "EUR",
        (
            Line(20, "training", "Conference ticket", "590.00", "conference-ticket.png"),
            Line(6, "lodging", "Four nights near the venue", "486.40", "lisbon-hotel.png"),
            Line(6, "travel", "Flight Berlin-Lisbon and back", "231.15"),
        ),
        (Act("manager", "approver", "approved", "Rosa gives a talk there."),),
    ),
    Story(
        "client-dinner",
        "requester",
        "Dinner with a client",
        "EUR",
        (Line(4, "meals", "Dinner for six", "612.40"),),
        (
            Act("manager", "approver", "comment", "Who was at the table, and is there a receipt?"),
            Act("manager", "requester", "comment", "I have asked the restaurant for a copy."),
            Act("manager", "approver", "rejected", "No receipt yet. Please submit again with it and the names."),
        ),
    ),
    Story(
        "licences",
        "priya",
        "Design tool licences for a year",
        "USD",
        (Line(15, "software", "12 seats", "2388.00", "licence-quote.png"),),
        (
            Act("manager", "approver", "approved", ""),
            Act("finance", "finance", "rejected", "We have 12 unused seats in the group contract. Use those."),
        ),
    ),
    Story(
        "books",
        "requester",
        "Books on distributed systems",
        "EUR",
        (Line(3, "training", "Three books", "127.35", "bookshop.png"),),
        (Act("manager", "requester", "withdraw", "Paid from the library budget after all."),),
    ),
    Story(
        "catering",
        "jonas",
        "Catering for the open day",
        "EUR",
        (Line(1, "meals", "Sandwiches and coffee for 40", "455.00", "catering.png"),),
        timeout_seconds=EXPIRES_AT_ONCE,
    ),
    Story(
        "chairs",
        "requester",
        "Two desk chairs for the Leeds office",
        "GBP",
        (Line(5, "equipment", "Desk chair, two pieces", "840.00", "chairs-invoice.png"),),
        (Act("manager", "requester", "comment", "The chairs arrive on Tuesday; the invoice is attached."),),
    ),
    Story(
        "taxi",
        "priya",
        "Taxi after the late release",
        "EUR",
        (Line(1, "travel", "Taxi home, 23:40", "64.20", "taxi.png"),),
        timeout_seconds=86_400,
    ),
    Story(
        "flights",
        "finance",
        "Flights to the auditors in Dublin",
        "EUR",
        (
            Line(7, "travel", "Flight Berlin-Dublin and back", "263.10", "flight.png"),
            Line(6, "lodging", "Two nights", "398.00"),
        ),
        timeout_seconds=3 * 86_400,
    ),
    Story(
        "coworking",
        "approver",
        "Desk in a shared office, one month",
        "EUR",
        (Line(10, "other", "Desk, flexible", "349.00", "coworking.png"),),
    ),
    Story(
        "parking",
        "requester",
        "Parking at the airport",
        "EUR",
        (Line(2, "travel", "Four days, car park P5", "68.00", "parking.png"),),
        is_draft=True,
    ),
)
