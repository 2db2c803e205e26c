"""Answer by itself when nobody did in time, with the answer that does no harm; never with a yes."""

from approvals.actions.decide import RESERVED, leave_decision, needs_response, votes_on
from approvals.models import Actor, User
from approvals.models.sentence import english
from approvals.policy import Standing, Viewer

# An account that nobody can sign in to, so that a decision always names one.
STANDS_FOR = "countersign-policy"


def answer_by_default(standing: Standing, actor: Actor) -> bool:
    """Record the policy's safe answer as the decision; False where the request does not take it."""
    request, choice = standing.request, safe_answer(standing)
    if not choice:
        return False
    # It travels to the workflow, which has one language.
    name = f"{english(str(standing.effective))} answers so when nobody did in time."
    leave_decision(Viewer.of(_account()), request, choice, name, votes_on(request), actor=actor)
    standing.effective.expire()
    return True


def safe_answer(standing: Standing) -> str:
    """Return the policy's safe answer where the request takes it; nothing where it does not, or where it is its yes."""
    request, choice = standing.request, standing.terms.default_option
    if choice not in request.options or choice in {*RESERVED, request.yes} or needs_response(request, choice):
        return ""
    return choice


def _account() -> User:
    account, made = User.objects.get_or_create(
        username=STANDS_FOR, defaults={"is_active": False, "first_name": "Countersign", "last_name": "(policy)"}
    )
    if made:
        account.set_unusable_password()
        account.save(update_fields=["password"])
    return account
