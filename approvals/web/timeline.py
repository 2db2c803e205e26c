"""What the timeline on the page of a run shows."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from approvals.models import ApprovalRequest, Run, Timeline
from approvals.policy import Viewer, may_audit
from approvals.timeline.keeping import is_stale
from approvals.timeline.mirrored import mirrored_story
from approvals.timeline.picture import picture_of
from approvals.timeline.saga import saga_of
from approvals.timeline.story import from_json
from approvals.web.endings import fault_for
from approvals.web.names import names_of
from approvals.web.timeline_words import Words, fault_words, saga_line


@dataclass(frozen=True)
class Reader:
    """Who looks: whether they may read what steps gave back, and how an error reads to them."""

    in_full: bool
    requests: list[ApprovalRequest]

    def error(self, text: str) -> str:
        """Return an error as this person may read it."""
        return fault_for(self.in_full, text, self.requests)


def timeline_context(
    viewer: Viewer, found: Run, requests: list[ApprovalRequest], timeline: Timeline | None, *, everything: bool = False
) -> dict[str, Any]:
    """Return what the timeline shows, without asking AWS."""
    story = from_json(timeline.story) if timeline and timeline.story else None
    picture = picture_of(story or mirrored_story(found, requests), timezone.now(), everything=everything)
    reader = Reader(bool(may_audit(viewer)), requests)
    words = Words(reader.in_full, reader.error, {stage_of(one): one for one in requests}, timezone.now())
    stations = saga_of(found, story, requests)
    return {
        "timeline": timeline,
        "picture": picture,
        "lines": [words.line(row) for row in picture.rows] if picture else [],
        "summary": words.summary(picture) if picture and story else "",
        "gaps": words.gaps(picture) if picture else [],
        "is_from_aws": story is not None,
        "is_stale": is_stale(found, timeline),
        "is_kept": bool(timeline and timeline.kept_at),
        "may_read": bool(found.run_arn) and not (timeline and timeline.kept_at),
        "trouble": fault_words(timeline, has_story=story is not None),
        "trouble_detail": timeline.fault_text if timeline and reader.in_full else "",
        "saga": [saga_line(one) for one in stations],
        "saga_names": names_of([one.by for one in stations]),
        "everything": everything,
    }


def stage_of(one: ApprovalRequest) -> str:
    """Return the stage as the execution names it, with its number: ``manager.2``."""
    return one.approval_id.removeprefix(f"{one.run_name}.")
