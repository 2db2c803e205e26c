"""Ask people from an AWS Lambda durable function, and record how the run goes.

    from hitl import Policy, WorkflowInput, request_approval, workflow

Docs: docs/asking-for-an-approval.md.
"""

from hitl.ask import request_approval
from hitl.ids import new_id
from hitl.policy import Policy, PolicyError
from hitl.runs import Run, RunFailed
from hitl.settings import MissingSettingError
from hitl.story import InvalidInputError, WorkflowInput, workflow
from hitl.verdict import Outcome, Verdict

__all__ = [
    "InvalidInputError",
    "MissingSettingError",
    "Outcome",
    "Policy",
    "PolicyError",
    "Run",
    "RunFailed",
    "Verdict",
    "WorkflowInput",
    "new_id",
    "request_approval",
    "workflow",
]
