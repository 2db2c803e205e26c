"""Why an action was not done. Each carries a sentence for the person who tried."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from approvals.models import ApprovalRequest
from approvals.models.sentence import Sentence
from approvals.policy import Answer

if TYPE_CHECKING:
    from approvals.models.sentence import Wording


class ActionError(Exception):
    """An action was not done, and nothing was stored."""


class Refused(ActionError):  # noqa: N818 (reads as the answer it is)
    """The policy says no."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.reason)
        self.answer = answer


class Invalid(ActionError):  # noqa: N818
    """What was put in cannot be used; ``field`` names the input.

    The message is lazy, with fields for the values, so that the record can have its English.
    """

    def __init__(self, field: str, message: "Wording", **values: object) -> None:
        super().__init__(Sentence(message, **values))
        self.field = field


class Stale(ActionError):  # noqa: N818
    """The request changed after it was shown; the person must look again."""

    def __init__(self, request: ApprovalRequest) -> None:
        super().__init__(Sentence(_("This request changed after you opened it. Look at what changed, then decide.")))
        self.request = request
