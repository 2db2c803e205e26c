"""The callback id shows itself to nobody, and no fault carries it along."""

import os
import pickle
import traceback

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError

from approvals.aws import clients
from approvals.aws.faults import AwsError, Forbidden, Misconfigured, Retryable, ask, fault_of
from approvals.aws.secret import MASK, CallbackId
from approvals.aws.stack import variable

SECRET = "Ab+/c=="


def test_a_callback_id_prints_as_a_mask() -> None:
    callback_id = CallbackId(SECRET)
    assert {str(callback_id), repr(callback_id), f"{callback_id}", f"{[callback_id]}"} == {MASK, f"[{MASK}]"}
    assert callback_id.reveal() == SECRET


def test_a_callback_id_leaves_no_process_and_does_not_change() -> None:
    callback_id = CallbackId(SECRET)
    with pytest.raises(TypeError, match="never leaves"):
        pickle.dumps(callback_id)
    with pytest.raises(AttributeError):
        callback_id._value = "other"


@pytest.mark.parametrize("shape", [SECRET, "Ab%2B%2Fc%3D%3D", "Ab%2B/c%3D%3D"])
def test_texts_of_aws_are_scrubbed_in_every_shape(shape: str) -> None:
    error = ClientError({"Error": {"Code": "AccessDenied", "Message": f"not on callbacks/{shape}/succeed"}}, "Send")
    fault = fault_of(error, "Answer the callback", CallbackId(SECRET))
    assert isinstance(fault, Forbidden)
    assert str(fault) == f"Answer the callback: AccessDenied: not on callbacks/{MASK}/succeed"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (EndpointConnectionError(endpoint_url=f"http://aws/callbacks/{SECRET}"), Retryable),
        (ParamValidationError(report=f"CallbackId: {SECRET}"), Misconfigured),
    ],
)
def test_a_fault_keeps_nothing_of_the_error_it_was_made_from(error: Exception, kind: type[AwsError]) -> None:
    def operation() -> None:
        raise error

    with pytest.raises(kind) as caught:
        ask(operation, "Answer the callback", CallbackId(SECRET))
    assert caught.value.__context__ is caught.value.__cause__ is None
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_lost_answer_is_told_from_a_lost_request() -> None:
    unsent = fault_of(EndpointConnectionError(endpoint_url="http://aws"), "Start")
    unanswered = fault_of(ClientError({"ResponseMetadata": {"HTTPStatusCode": 500}}, "Invoke"), "Start")  # type: ignore[typeddict-item]
    assert isinstance(unsent, Retryable)
    assert isinstance(unanswered, Retryable)
    assert (unsent.may_have_happened, unanswered.may_have_happened) == (False, True)


def test_clients_are_built_once_and_anew_in_a_forked_child() -> None:
    clients.forget()
    mine = clients.sqs()
    assert clients.sqs() is mine
    child = os.fork()
    if child == 0:
        os._exit(0 if not clients._clients and clients.sqs() is not mine else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    clients.forget()


def test_outputs_are_named_as_the_environment_names_them() -> None:
    names = ["ApprovalsTableName", "ChangesDeadLetterQueueUrl", "ExpenseWorkflowArn"]
    assert [variable(name) for name in names] == [
        "APPROVALS_TABLE_NAME", "CHANGES_DEAD_LETTER_QUEUE_URL", "EXPENSE_WORKFLOW_ARN",
    ]  # fmt: skip
