"""Content moderation: publish or remove, urgently; when nobody answers, the safe default of the content type."""

from typing import Annotated, Any, ClassVar

from aws_durable_execution_sdk_python import DurableContext
from pydantic import AfterValidator, Field

from hitl import Outcome, Policy, Run, Verdict, WorkflowInput, request_approval, workflow
from hitl.settings import optional
from workflows.fields import Identifier, Name, Seconds, one_line, words
from workflows.limits import waiting_time

MODERATORS = Policy(groups=("moderators",))
HIDE, SHOW = "keep_hidden", "keep_visible"
type Flag = Annotated[str, Field(max_length=80), AfterValidator(one_line)]


class Content(WorkflowInput):
    """The input of the moderation workflow. The author, or who else submits, may not decide."""

    requester_otherwise: ClassVar[str] = "author"

    content_id: Identifier
    content_type: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    excerpt: Annotated[str, Field(max_length=4_000), AfterValidator(words)]
    author: Name
    flags: Annotated[list[Flag], Field(max_length=20)]
    requester: Name | None = None
    timeout_seconds: Seconds | None = None

    def run_title(self) -> str:
        """`Comment c-17 by ann`."""
        return f"{self.content_type[:1].upper()}{self.content_type[1:]} {self.content_id} by {self.author}"[:120]


@workflow("moderation", takes=Content)
def handler(context: DurableContext, run: Run, content: Content) -> dict[str, Any]:
    """From the flag to what happens to the content, recorded once."""
    verdict = ask(context, run, content)
    if verdict.outcome is Outcome.ERROR:
        return run.stop(verdict)
    action = action_for(content, verdict)
    recorded = run.record_once(
        "moderation",
        {"content_id": content.content_id, "action": action, "decided_by": verdict.decided_by},
        f"{action.replace('_', ' ').capitalize()}: {content.content_id}.",
    )
    result = {"content_id": content.content_id, "action": recorded["action"]}
    if verdict.outcome in (Outcome.TIMEOUT, Outcome.CANCELLED):
        return run.stop(verdict, result)
    return run.succeed(
        {
            **result,
            "approval_id": verdict.approval_id,
            "decided_by": verdict.decided_by,
            "comments": verdict.comments,
        }
    )


def ask(context: DurableContext, run: Run, content: Content) -> Verdict:
    """Put the content to the moderators. The first option is the yes: publish."""
    return request_approval(
        context,
        run=run,
        stage="moderation",
        title=content.run_title(),
        summary=content.excerpt,
        details={
            "content_id": content.content_id,
            "content_type": content.content_type,
            "author": content.author,
            "flags": content.flags,
            "if_nobody_answers": default_of(content.content_type),
            "urgent": True,
        },
        options=("publish", "remove"),
        policy=MODERATORS.excluding(content.author),
        timeout=waiting_time(content.timeout_seconds, default="MODERATION_TIMEOUT_SECONDS"),
    )


def action_for(content: Content, verdict: Verdict) -> str:
    """What happens to the content: the decision, or the safe default; a withdrawn request hides it."""
    if verdict.outcome is Outcome.TIMEOUT:
        return default_of(content.content_type)
    if verdict.decision is not None and verdict.outcome in (Outcome.APPROVED, Outcome.REJECTED):
        return verdict.decision
    return HIDE


def default_of(content_type: str) -> str:
    """What happens when nobody answers: hidden, unless the stack names the type as one that stays visible."""
    visible = {name.strip() for name in optional("MODERATION_VISIBLE_TYPES").split(",")}
    return SHOW if content_type in visible else HIDE
