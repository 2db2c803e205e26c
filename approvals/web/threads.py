"""Comments as a conversation."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from approvals.models import ApprovalRequest, Comment

DEEPEST_INDENT = 2


@dataclass(frozen=True)
class Remark:
    """A comment and how far it is indented."""

    comment: Comment
    depth: int


def threads_of(request: ApprovalRequest) -> list[Remark]:
    """Return the comments in reading order, answers behind what they answer."""
    children: dict[int | None, list[Comment]] = defaultdict(list)
    for comment in request.comments.select_related("author"):
        children[comment.parent_id].append(comment)
    flat: list[Remark] = []
    waiting = [(comment, 0) for comment in reversed(children[None])]
    while waiting:
        comment, depth = waiting.pop()
        flat.append(Remark(comment, min(depth, DEEPEST_INDENT)))
        waiting.extend((answer, depth + 1) for answer in reversed(children[comment.pk]))
    return flat


@dataclass(frozen=True)
class Fresh:
    """A remark that a page does not show yet; ``after`` is the id of the comment that it stands behind, if any."""

    remark: Remark
    after: int | None


def fresh_of(remarks: Sequence[Remark], heard: int) -> list[Fresh]:
    """Return the remarks newer than the comment with the id ``heard``, each with its place in the conversation."""
    before = [None, *(remark.comment.pk for remark in remarks)]
    return [Fresh(remark, after) for remark, after in zip(remarks, before, strict=False) if remark.comment.pk > heard]
