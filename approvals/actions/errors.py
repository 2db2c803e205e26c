"""Why an action was not done. Each carries a sentence for the person who tried."""

from approvals.models import ApprovalRequest
from approvals.policy import Answer


class ActionError(Exception):
    """An action was not done, and nothing was stored."""


class Refused(ActionError):  # noqa: N818 (reads as the answer it is)
    """The policy says no."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.reason)
        self.answer = answer


class Invalid(ActionError):  # noqa: N818
    """What was put in cannot be used; ``field`` names the input."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Stale(ActionError):  # noqa: N818
    """The request changed after it was shown; the person must look again."""

    def __init__(self, request: ApprovalRequest) -> None:
        super().__init__("This request changed after you opened it. Look at what changed, then decide.")
        self.request = request
