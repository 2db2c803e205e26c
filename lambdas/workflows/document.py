"""Document review: approve, reject, or send back for changes and review again, as often as the stack allows."""

from datetime import timedelta
from typing import Annotated, Any

from aws_durable_execution_sdk_python import DurableContext
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hitl import Outcome, Policy, Run, Verdict, WorkflowInput, request_approval, workflow
from workflows.fields import Identifier, Name, Seconds, Words, one_line
from workflows.limits import number, waiting_time

REVIEWERS = Policy(groups=("managers",))
CHANGES = "changes_requested"
type DocumentName = Annotated[str, Field(max_length=120), AfterValidator(one_line)]


class Document(WorkflowInput):
    """The input of the document workflow."""

    document_id: Identifier
    document_name: DocumentName
    requester: Name
    timeout_seconds: Seconds | None = None

    def run_title(self) -> str:
        """The document's name."""
        return self.document_name


class Revision(BaseModel):
    """What the requester answers to a request for changes: the document's name now, and what was changed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    document_name: DocumentName
    changes: Words


@workflow("document", takes=Document)
def handler(context: DurableContext, run: Run, document: Document) -> dict[str, Any]:
    """From submission to a yes or no. Each round of changes is one request to the requester, then one to reviewers."""
    wait = waiting_time(document.timeout_seconds)
    rounds = int(number("DOCUMENT_REVISIONS"))
    revision = Revision(document_name=document.document_name, changes="First version")
    for made in range(rounds + 1):
        review = ask_reviewers(context, run, document, revision, wait=wait, made=made, left=rounds - made)
        if review.decision != CHANGES or review.outcome is not Outcome.REJECTED:
            return finish(run, document, revision, review, made)
        revised = ask_requester(context, run, document, review, wait, made=made)
        if not revised.approved:
            return run.stop(revised, {"document_id": document.document_id, "revisions": made})
        revision = Revision.model_validate(revised.response)
    raise AssertionError("the last review offers no changes")


def ask_reviewers(
    context: DurableContext,
    run: Run,
    document: Document,
    revision: Revision,
    *,
    wait: timedelta,
    made: int,
    left: int,
) -> Verdict:
    """Put this version to the reviewers; sending it back is offered only while rounds are left."""
    return request_approval(
        context,
        run=run,
        stage="review",
        title=called(document, made),
        summary=revision.changes if made else "",
        details={
            "document_id": document.document_id,
            "document_name": revision.document_name,
            "version": made + 1,
            "changes": revision.changes,
            "rounds_left": left,
        },
        options=("approved", "rejected", CHANGES) if left else ("approved", "rejected"),
        policy=REVIEWERS,
        timeout=wait,
    )


def ask_requester(
    context: DurableContext, run: Run, document: Document, review: Verdict, wait: timedelta, *, made: int
) -> Verdict:
    """Put the wished changes to the requester, whose answer is the next version."""
    return request_approval(
        context,
        run=run,
        stage="revision",
        kind="revision",
        title=f"Changes to {called(document, made)}",
        summary=review.comments,
        details={"document_id": document.document_id, "asked_by": review.decided_by, "review": review.approval_id},
        options=("revised",),
        response_schema=Revision,
        policy=Policy(users=(document.requester,)),
        timeout=wait,
    )


def called(document: Document, made: int) -> str:
    """The document by the name that it came with, whatever its versions are called, and which version it is."""
    return f"{document.document_name} (version {made + 1})" if made else document.document_name


def finish(run: Run, document: Document, revision: Revision, review: Verdict, made: int) -> dict[str, Any]:
    """The result of a review that asked for no changes."""
    result = {"document_id": document.document_id, "document_name": revision.document_name, "revisions": made}
    if not review.approved:
        return run.stop(review, result)
    return run.succeed(
        {
            **result,
            "approval_id": review.approval_id,
            "decided_by": review.decided_by,
            "comments": review.comments,
        }
    )
