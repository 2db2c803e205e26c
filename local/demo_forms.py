"""The demo's documents, flagged content, loans and trips, each in another state."""

from local.demo_story import Act, Form

_TRIP = {
    "passengerName": "Rosa Lindqvist",
    "departure": "Berlin",
    "checkIn": "+21",
    "checkOut": "+23",
    "carType": "Compact",
    "pickupDate": "+21",
    "dropoffDate": "+23",
}
DOCUMENTS = (
    Form(
        "handbook",
        "requester",
        "document",
        "Travel policy 2027",
        {"document_name": "Travel policy 2027", "document_id": "HR-114"},
        (
            Act("review", "approver", "comment", "Is rail the default for all of Europe now?"),
            Act(
                "review",
                "approver",
                "changes_requested",
                "Section 3 still names the old per diems. Please update them and say from when they hold.",
            ),
        ),
    ),
    Form(
        "supply-contract",
        "jonas",
        "document",
        "Supply contract with Lyon Optics",
        {"document_name": "Supply contract with Lyon Optics", "document_id": "LEG-2026-58"},
        (
            Act("review", "approver", "changes_requested", "The liability cap is missing in clause 9."),
            Act(
                "revision",
                "jonas",
                "revised",
                "",
                {
                    "document_name": "Supply contract with Lyon Optics, draft 2",
                    "changes": "Clause 9: liability is capped at the yearly order value.",
                },
            ),
            Act("review.2", "priya", "approved", "Clause 9 is as we agreed with them. Fine from legal."),
        ),
    ),
    Form(
        "budget",
        "priya",
        "document",
        "Data team budget 2027",
        {"document_name": "Data team budget 2027"},
        (Act("review", "approver", "approved", "As discussed on Monday."),),
    ),
)
CONTENT = (
    Form(
        "flagged-review",
        "priya",
        "moderation",
        "Review r-2088 by lens_lover",
        {
            "content_type": "review",
            "content_id": "r-2088",
            "author": "lens_lover",
            "excerpt": "Worst shop ever, and the owner lives at 14 Mill Lane if anyone wants to tell him in person.",
            "flags": "Private address\nReported by three readers",
        },
        timeout_seconds=4 * 3600,
    ),
    Form(
        "flagged-comment",
        "jonas",
        "moderation",
        "Comment c-501 by quickcash",
        {
            "content_type": "comment",
            "content_id": "c-501",
            "author": "quickcash",
            "excerpt": "I make 4,000 a week from home, ask me how",
            "flags": "Advertising",
        },
        (Act("moderation", "approver", "remove", "Advertising; the account has posted the same before."),),
    ),
)
LOANS = (
    Form(
        "loan-ada",
        "requester",
        "loan",
        "Loan for Ada Obi: house extension",
        {
            "applicant_name": "Ada Obi",
            "ssn_last4": "1111",
            "annual_income": "85000",
            "loan_amount": "120000",
            "loan_purpose": "House extension",
        },
    ),
    Form(
        "loan-ben",
        "requester",
        "loan",
        "Loan for Ben Ruiz: car",
        {
            "applicant_name": "Ben Ruiz",
            "ssn_last4": "2222",
            "annual_income": "32000",
            "loan_amount": "15000",
            "loan_purpose": "Car",
        },
    ),
    Form(
        "loan-cleo",
        "jonas",
        "loan",
        "Loan for Cleo Hart: workshop",
        {
            "applicant_name": "Cleo Hart",
            "ssn_last4": "3333",
            "annual_income": "54000",
            "loan_amount": "40000",
            "loan_purpose": "Workshop",
        },
    ),
)
TRIPS = (
    # First, since giving up on a function that does not work takes longest.
    Form(
        "trip-tallinn",
        "jonas",
        "travel",
        "Trip to Tallinn, whose car cannot be cancelled",
        {
            **_TRIP,
            "passengerName": "Jonas Brandt",
            "destination": "Tallinn",
            "flightPrice": "160.00",
            "hotelName": "Old Town Inn",
            "hotelPrice": "140.00",
            "carPrice": "60.00",
            "failBookCar": "on",
        },
        out_of_order="booking-cancel-car",
    ),
    Form(
        "trip-oslo",
        "requester",
        "travel",
        "Trip to Oslo",
        {
            **_TRIP,
            "destination": "Oslo",
            "flightNumber": "SK 2676",
            "flightPrice": "310.00",
            "hotelName": "Hotel Fjord",
            "hotelPrice": "260.00",
            "carPrice": "95.00",
        },
        (Act("approval", "approver", "approved", "The customer expects her."),),
    ),
    Form(
        "trip-porto",
        "requester",
        "travel",
        "Trip to Porto, whose hotel is full",
        {
            **_TRIP,
            "destination": "Porto",
            "flightPrice": "180.00",
            "hotelName": "Casa do Rio",
            "hotelPrice": "150.00",
            "carPrice": "70.00",
            "failBookHotel": "on",
        },
    ),
)
FORMS = (*TRIPS, *DOCUMENTS, *CONTENT, *LOANS)
