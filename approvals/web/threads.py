"""Comments as a conversation."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from approvals.models import ApprovalRequest, Comment
from approvals.policy import Viewer, may_edit_comment
from approvals.policy.talk import EDITABLE
from approvals.web.details import File
from approvals.web.markup import rendered

DEEPEST_INDENT = 2


@dataclass(frozen=True)
class Earlier:
    """What a comment said before an edit, and from when on."""

    html: SafeString
    at: datetime


@dataclass(frozen=True)
class Remark:
    """A comment as the page shows it; ``depth`` is how far it is indented."""

    comment: Comment
    depth: int
    html: SafeString
    earlier: list[Earlier]
    files: list[File]
    editable_until: datetime | None
    """Until when the viewer may change it; None where they may not."""

    @property
    def key(self) -> str:
        """Its id as text, for ids in the page."""
        return str(self.comment.pk)


def threads_of(request: ApprovalRequest, viewer: Viewer) -> list[Remark]:
    """Return the comments in reading order, answers behind what they answer; four queries for any number."""
    children: dict[int | None, list[Comment]] = defaultdict(list)
    everything = request.comments.select_related("author").prefetch_related("versions", "files", "mentions")
    for comment in everything:
        comment.request = request
        children[comment.parent_id].append(comment)
    flat: list[Remark] = []
    waiting = [(comment, 0) for comment in reversed(children[None])]
    while waiting:
        comment, depth = waiting.pop()
        flat.append(remark_of(comment, min(depth, DEEPEST_INDENT), viewer))
        waiting.extend((answer, depth + 1) for answer in reversed(children[comment.pk]))
    return flat


def remark_of(comment: Comment, depth: int, viewer: Viewer) -> Remark:
    """Return a comment with all that the page shows of it."""
    names = {person.username: person.get_full_name() for person in comment.mentions.all()}
    earlier = [Earlier(rendered(version.body, names), version.written_at) for version in comment.versions.all()]
    files = [
        File(str(file.id), file.name, file.content_type, file.size, is_stored=True) for file in comment.files.all()
    ]
    until = comment.created_at + EDITABLE if may_edit_comment(viewer, comment) else None
    return Remark(comment, depth, rendered(comment.body, names), earlier, files, until)


@dataclass(frozen=True)
class Fresh:
    """A remark that a page does not show yet; ``after`` is the id of the comment that it stands behind, if any."""

    remark: Remark
    after: int | None


def fresh_of(remarks: Sequence[Remark], heard: int) -> list[Fresh]:
    """Return the remarks newer than the comment with the id ``heard``, each with its place in the conversation."""
    before = [None, *(remark.comment.pk for remark in remarks)]
    return [Fresh(remark, after) for remark, after in zip(remarks, before, strict=False) if remark.comment.pk > heard]


def changed_of(remarks: Sequence[Remark], heard: int, edits: int) -> list[Remark]:
    """Return the edited remarks among those that the page shows, where it was drawn with another count of edits."""
    if edits_in(remarks) == edits:
        return []
    return [remark for remark in remarks if remark.earlier and remark.comment.pk <= heard]


def edits_in(remarks: Sequence[Remark]) -> int:
    """Return how often comments were edited."""
    return sum(len(remark.earlier) for remark in remarks)
