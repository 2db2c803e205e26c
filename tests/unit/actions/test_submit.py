"""Drafts and submissions: what each leaves behind, and what is refused."""

import json
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError
from pytest_django import DjangoCaptureOnCommitCallbacks

from approvals.actions import close as closing
from approvals.actions import draft as drafts
from approvals.actions.close import withdraw_unsent
from approvals.actions.draft import discard_draft, save_draft
from approvals.actions.errors import Invalid, Refused
from approvals.actions.refs import ALPHABET, new_ref, run_name_of
from approvals.actions.submit import Filled, submit
from approvals.models import AuditEvent, Delivery, Submission
from approvals.policy import Answer, Viewer, may_withdraw
from approvals.signals import delivery_queued
from tests.factories import person, submission, viewer

pytestmark = pytest.mark.django_db

TRAIN = Filled(
    workflow="expense",
    title="Train to Lyon",
    payload={"description": "Train", "lines": [{"amount": "120.50"}]},
    key_field="expense_id",
    amount=Decimal("120.50"),
    currency="EUR",
)


def record() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.order_by("id").values_list("actor", "action"))


def test_a_submission_leaves_its_run_name_one_delivery_and_its_lines_in_the_record() -> None:
    done = submit(viewer("rita"), TRAIN, token=uuid.uuid4(), form_data={"description": "Train"})
    assert (done.state, done.amount, done.currency) == ("submitted", Decimal("120.50"), "EUR")
    assert done.run_name == f"expense-{done.ref.removeprefix('EXP-').lower()}"
    delivery = Delivery.objects.get()
    assert (delivery.key, delivery.kind, delivery.state) == (f"start:{done.run_name}", "start", "queued")
    assert json.loads(delivery.payload) == {**TRAIN.payload, "expense_id": done.ref}
    assert record() == [("rita", "submission.drafted"), ("rita", "submission.submitted")]


def test_whoever_delivers_hears_of_it_after_the_commit_and_cannot_fail_the_request(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    heard: list[int] = []

    def listener(sender: Any, delivery_id: int, **rest: Any) -> None:
        heard.append(delivery_id)
        raise RuntimeError("the listener is broken")

    delivery_queued.connect(listener)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            submit(viewer("rita"), TRAIN, token=uuid.uuid4(), form_data={})
            assert heard == []
    finally:
        delivery_queued.disconnect(listener)
    assert heard == [Delivery.objects.get().pk]


def test_a_second_submit_returns_the_first_and_leaves_nothing_more() -> None:
    token = uuid.uuid4()
    first = submit(viewer("rita"), TRAIN, token=token, form_data={})
    lines = len(record())
    other = Filled("expense", "Another title", {"description": "Other"}, "expense_id")
    second = submit(viewer("rita"), other, token=token, form_data={})
    assert (second.pk, second.title) == (first.pk, "Train to Lyon")
    assert Delivery.objects.count() == 1
    assert len(record()) == lines


def test_the_token_of_somebody_else_is_refused_on_the_record() -> None:
    token = uuid.uuid4()
    submit(viewer("rita"), TRAIN, token=token, form_data={})
    with pytest.raises(Refused) as refusal:
        submit(viewer("mallory"), TRAIN, token=token, form_data={})
    assert refusal.value.answer.code == "unrelated"
    assert record()[-1] == ("mallory", "submission.refused")
    assert Delivery.objects.count() == 1


def test_an_inactive_account_submits_nothing() -> None:
    who = viewer("rita")
    who.user.is_active = False
    with pytest.raises(Refused):
        submit(who, TRAIN, token=uuid.uuid4(), form_data={})
    assert not Submission.objects.exists()


def test_what_is_handed_in_cannot_name_another_key() -> None:
    forged = Filled("expense", "Train", {"expense_id": "EXP-OTHER"}, "expense_id")
    done = submit(viewer("rita"), forged, token=uuid.uuid4(), form_data={})
    assert json.loads(Delivery.objects.get().payload)["expense_id"] == done.ref


def test_marks_that_deceive_or_break_a_database_are_dropped() -> None:
    odd = Filled("expense", "Bill \u202egnp\u0000.exe\nsecond", {"description": "a\u0000b\u200bc\r\nd"}, "expense_id")
    done = submit(viewer("rita"), odd, token=uuid.uuid4(), form_data={"why\u0000": ["x\u2066y", 3, None]})
    done.refresh_from_db()
    assert done.title == "Bill gnp.exe second"
    assert done.form_data == {"why": ["xy", 3, None]}
    assert json.loads(Delivery.objects.get().payload)["description"] == "abc\nd"


def test_a_draft_comes_back_as_it_was_typed_and_saving_again_changes_one_row() -> None:
    token = uuid.uuid4()
    rita = viewer("rita")
    save_draft(rita, workflow="expense", token=token, title="Tr", form_data={"description": "Tr"})
    again = save_draft(rita, workflow="expense", token=token, title="Train", form_data={"description": "Train"})
    assert (again.title, again.form_data, Submission.objects.count()) == ("Train", {"description": "Train"}, 1)
    assert record() == [("rita", "submission.drafted")]


def test_a_draft_that_is_submitted_keeps_its_ref_and_does_not_change_any_more() -> None:
    token = uuid.uuid4()
    rita = viewer("rita")
    draft = save_draft(rita, workflow="expense", token=token, title="Train", form_data={})
    assert submit(rita, TRAIN, token=token, form_data={}).ref == draft.ref
    with pytest.raises(Refused) as refusal:
        save_draft(rita, workflow="expense", token=token, title="Changed", form_data={})
    assert refusal.value.answer.code == "submitted"


def test_a_draft_of_one_form_is_not_submitted_as_another() -> None:
    token = uuid.uuid4()
    rita = viewer("rita")
    save_draft(rita, workflow="expense", token=token, title="Train", form_data={})
    with pytest.raises(Invalid):
        submit(rita, Filled("document", "Contract", {}, "document_id"), token=token, form_data={})
    assert Submission.objects.get().state == "draft"


def test_a_ref_that_is_taken_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = submission(person("ruth"))
    refs = iter([taken.ref, "EXP-FREE001"])
    monkeypatch.setattr(drafts, "new_ref", lambda workflow: next(refs))
    assert submit(viewer("rita"), TRAIN, token=uuid.uuid4(), form_data={}).ref == "EXP-FREE001"


def test_drawing_refs_ends_when_none_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = submission(person("ruth"))
    monkeypatch.setattr(drafts, "new_ref", lambda workflow: taken.ref)
    with pytest.raises(IntegrityError):
        submit(viewer("rita"), TRAIN, token=uuid.uuid4(), form_data={})


def test_a_ref_is_short_and_has_no_letter_that_is_misread() -> None:
    prefix, _, rest = new_ref("expense").partition("-")
    assert (prefix, len(rest)) == ("EXP", 7)
    assert not set("ILOU") & set(ALPHABET)
    assert run_name_of("travel", "TRIP-7K3M9Q2") == "travel-7k3m9q2"


def test_a_discarded_draft_is_gone_but_the_record_knows() -> None:
    draft = submission(person("rita"))
    discard_draft(viewer("rita"), draft)
    assert not Submission.objects.exists()
    assert record() == [("rita", "submission.discarded")]


def test_nobody_discards_what_was_submitted_or_is_anothers() -> None:
    done = submit(viewer("rita"), TRAIN, token=uuid.uuid4(), form_data={})
    for who in (viewer("rita"), viewer("mallory")):
        with pytest.raises(Refused):
            discard_draft(who, done)
    assert Submission.objects.count() == 1


def test_a_submission_taken_back_drops_its_delivery() -> None:
    done = submit(viewer("rita"), TRAIN, token=uuid.uuid4(), form_data={})
    assert withdraw_unsent(viewer("rita"), done).state == "withdrawn"
    delivery = Delivery.objects.get()
    assert delivery.state == "dropped"
    assert delivery.finished_at is not None
    assert record()[-1] == ("rita", "submission.withdrawn")


def test_a_submission_that_was_sent_is_not_taken_back() -> None:
    done = submit(viewer("rita"), TRAIN, token=uuid.uuid4(), form_data={})
    Delivery.objects.update(attempts=1)
    with pytest.raises(Refused) as refusal:
        withdraw_unsent(viewer("rita"), done)
    assert refusal.value.answer.code == "started"
    done.refresh_from_db()
    assert done.state == "submitted"
    assert record()[-1] == ("rita", "submission.withdraw_refused")


def test_a_start_that_is_taken_up_at_the_last_moment_is_not_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    done = submit(viewer("rita"), TRAIN, token=uuid.uuid4(), form_data={})

    def answer_then_lose(who: Viewer, form: Submission) -> Answer:
        answer = may_withdraw(who, form)
        Delivery.objects.update(attempts=1)
        return answer

    monkeypatch.setattr(closing, "may_withdraw", answer_then_lose)
    with pytest.raises(Refused) as refusal:
        withdraw_unsent(viewer("rita"), done)
    assert refusal.value.answer.code == "started"
    assert (Delivery.objects.get().state, Submission.objects.get().state) == ("queued", "submitted")
