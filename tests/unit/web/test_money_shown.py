"""Money never stands without its currency, and reads in the viewer's format."""

import pytest
from django.utils import translation

from approvals.web.summaries import summary_words
from tests.factories import approval_request, policy, run
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db
BOOKING = {"passenger": "Ada Obi", "from": "Oslo", "to": "Lyon", "price": "1320.50"}
FAILED = "Cancelling flight-17 failed. Try again, cancel it by hand, or waive it with a reason."


def undo(**fields: str) -> dict[str, object]:
    """The request that a trip makes where a booking could not be cancelled: it is about no amount of its own."""
    return {
        "workflow": "travel",
        "stage": "undo-flight",
        "kind": "question",
        "amount": None,
        "currency": "",
        "summary": FAILED,
        "details": {"service": "flight", "booking_id": "flight-17", "booking": BOOKING},
        "policy": policy("operators"),
        **fields,
    }


@pytest.mark.parametrize(
    ("language", "price"), [("en", "$1,320.50"), ("de", "1.320,50\xa0$"), ("fr", "1\u202f320,50\xa0$US")]
)
def test_the_price_of_a_booking_that_is_to_be_undone_has_its_currency(
    signed_in: SignIn, language: str, price: str
) -> None:
    address = f"/requests/{approval_request(**undo()).approval_id}/"
    page = signed_in("olga", "operators").get(address, headers={"accept-language": language}).text
    assert price in page
    assert ">flight<" not in page


def test_so_have_the_prices_of_a_trips_run(signed_in: SignIn) -> None:
    found = run(workflow="travel", input={"passengerName": "Ada Obi", "hotelPrice": "410.00"})
    assert "$410.00" in signed_in("rita").get(f"/runs/{found.run_name}/").text


def test_what_the_workflow_says_of_its_request_is_read_in_ones_language() -> None:
    loan = approval_request(workflow="loan", summary="Cleo Hart asks for 25000.00 USD: Workshop tools")
    with translation.override("de"):
        assert summary_words(approval_request(**undo())).startswith("Die Stornierung von flight-17")
        assert summary_words(loan) == "Cleo Hart beantragt 25.000,00\xa0$: Workshop tools"


def test_somebodys_own_words_are_never_taken_for_the_workflows() -> None:
    with translation.override("de"):
        assert summary_words(approval_request(workflow="expense", summary=FAILED)) == FAILED
