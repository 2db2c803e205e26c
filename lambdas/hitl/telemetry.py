"""JSON logs and traces, made safe for code that is replayed.

A workflow logs through `context.logger`, which stays silent during a replay. Segments are opened inside steps only: the
handler runs on another thread and leaves it at each suspension, so a segment opened there could never be closed.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools import Logger, Tracer

logger = Logger()
tracer = Tracer()


@contextmanager
def traced(what: str, **annotations: str) -> Iterator[None]:
    """A trace segment round the body of a step; `annotations` are searchable in X-Ray."""
    with tracer.provider.in_subsegment(name=f"## {what}") as segment:
        # There is none where the invocation is not traced; a trace must never cost a run.
        for key, value in annotations.items() if segment else ():
            segment.put_annotation(key=key, value=value)
        yield
