"""Let the people of the demo do what their stories say, as the requests arrive."""

from typing import TYPE_CHECKING, Any

from local.demo_story import EXPIRES_AT_ONCE, Act, Form, Story

if TYPE_CHECKING:
    from approvals.models import ApprovalRequest


def play(story: Story | Form, run_name: str) -> bool:
    """Play what can be played now; True when nothing of the story is left to do or to wait for."""
    for act in story.acts:
        request = _request(run_name, act.stage)
        if request is None:
            return False
        if not _played(act, request):
            if not request.is_pending:
                continue  # decided or expired by other hands: the story went its own way
            _do(act, request)
    return _arrived(story, run_name)


def _request(run_name: str, stage: str) -> "ApprovalRequest | None":
    from approvals.models import ApprovalRequest

    return ApprovalRequest.objects.filter(approval_id=f"{run_name}.{stage}").first()


def _played(act: Act, request: "ApprovalRequest") -> bool:
    if act.verb == "comment":
        return request.comments.filter(author__username=act.who, body=act.words).exists()
    if act.verb == "withdraw":
        return hasattr(request, "recorded")
    return request.votes.filter(voter__username=act.who).exists()


def _do(act: Act, request: "ApprovalRequest") -> None:
    from approvals.actions.close import close_request
    from approvals.actions.comment import comment
    from approvals.actions.decide import Ballot, decide

    viewer = viewer_called(act.who)
    if act.verb == "comment":
        comment(viewer, request, act.words)
    elif act.verb == "withdraw":
        close_request(viewer, request.approval_id, act.words)
    else:
        ballot = Ballot(act.verb, act.words, request.version, request.content_digest, dict(act.response) or None)
        decide(viewer, request.approval_id, ballot)


def _arrived(story: Story | Form, run_name: str) -> bool:
    """Whether the portal shows where the story ends: a waiting request, or a run that has ended."""
    from approvals.models import ApprovalRequest, Run
    from approvals.models.mirror import ENDED_RUNS

    run = Run.objects.filter(run_name=run_name).first()
    if run is None:
        return False
    if run.status in ENDED_RUNS:
        return True
    # A short timeout is there to be seen expired; anything else waits for whoever tries the demo.
    waits = ApprovalRequest.objects.filter(run_name=run_name, status="pending", recorded__isnull=True)
    return story.timeout_seconds != EXPIRES_AT_ONCE and waits.exists()


def viewer_called(username: str) -> Any:
    """The person as the portal's policy sees them."""
    from approvals.models import User
    from approvals.policy import Viewer

    return Viewer.of(User.objects.get(username=username))
