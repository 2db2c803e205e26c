"""What a loan application must look like, and what of it may be kept."""

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from hitl import WorkflowInput
from workflows.fields import Identifier, Money, Name, one_line

CURRENCY = "USD"


class Loan(WorkflowInput):
    """The input of the loan workflow; money in US dollars."""

    requester_otherwise: ClassVar[str] = "applicant_name"

    application_id: Identifier
    applicant_name: Name
    ssn_last4: Annotated[str, Field(pattern=r"^[0-9]{4}$", repr=False)]
    annual_income: Money
    loan_amount: Money
    loan_purpose: Annotated[str, Field(max_length=200), AfterValidator(one_line)]
    address: Annotated[str, Field(max_length=500)] | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None
    requester: Name | None = None

    def run_title(self) -> str:
        """`Loan for Ada Obi: kitchen`."""
        return f"Loan for {self.applicant_name}: {self.loan_purpose}"[:120]

    def recorded(self) -> dict[str, Any]:
        """The application without what nobody needs to see: digits, address and telephone."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"ssn_last4", "address", "phone"})
