"""The demo's expenses: one in each state that an expense can be in."""

from local.demo_story import EXPIRES_AT_ONCE, Act, Line, Story

EXPENSES = (
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
        "fair-stand",
        "priya",
        "Stand at the trade fair in Munich",
        "EUR",
        (
            Line(3, "other", "Stand, nine square metres", "5400.00", "trade-fair-invoice.png"),
            Line(3, "equipment", "Wall and counter, on hire", "1380.00"),
        ),
        (
            Act("manager", "jonas", "comment", "@priya is the hire part of the offer, or on top of it?"),
            Act("manager", "priya", "comment", "On top of it; that is why it has a line of its own."),
            Act("manager", "jonas", "approved", "In the plan for the year. Over to Adam for the second yes."),
        ),
    ),
    Story(
        "chairs",
        "requester",
        "Two desk chairs for the Leeds office",
        "GBP",
        (Line(5, "equipment", "Desk chair, two pieces", "840.00", "chairs-invoice.png"),),
        (
            Act("manager", "requester", "comment", "The chairs arrive on Tuesday; the invoice is attached."),
            Act("manager", "approver", "comment", "@jonas did we not have two of these in store?"),
            Act("manager", "jonas", "comment", "Both went to the studio in May. These are for **new** desks."),
        ),
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
