"""A revision is answered by the requester alone, and only when the policy names them."""

import pytest

from approvals.models import ApprovalRequest
from approvals.policy import may_decide
from tests.factories import approval_request, policy, viewer

pytestmark = pytest.mark.django_db
NAMED = policy(users=("rita",))


def test_the_requester_named_by_a_revision_may_answer_it() -> None:
    answer = may_decide(viewer("rita"), approval_request(kind="revision", policy=NAMED))
    assert (bool(answer), answer.code) == (True, "revision")


@pytest.mark.parametrize(
    ("kind", "terms", "code"),
    [
        ("approval", NAMED, "requester"),
        ("question", NAMED, "requester"),
        ("revision", policy("managers"), "requester"),
        ("revision", policy(users=("Rita",)), "requester"),
        ("revision", policy(users=("rita",), exclude=("rita",)), "excluded"),
    ],
)
def test_the_requester_answers_nothing_else(kind: str, terms: dict[str, object], code: str) -> None:
    rita = viewer("rita", "managers")
    request = approval_request(kind=kind, policy=terms)
    assert may_decide(rita, request).code == code
    assert not ApprovalRequest.objects.open().not_barred_for("rita").exists()


def test_nobody_else_answers_a_revision() -> None:
    assert may_decide(viewer("anna", "managers"), approval_request(kind="revision", policy=NAMED)).code == "not_asked"
