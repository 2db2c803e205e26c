"""Whether the process is up, and whether it can do its work."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from approvals.aws.faults import AwsError
from approvals.aws.queue import Depth, depth
from approvals.aws.stack import table_answers
from approvals.models import Pulse

OK = "ok"
# Anybody may ask, so AWS is asked at most this often, in seconds.
KEPT = 3.0
_kept: tuple[float, dict[str, str]] | None = None


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process is up; touches nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, queue and tables answer and the mirror's lag is in bounds, else 503.

    The body names each part: ``{"status": "ok", "parts": {"database": "ok", …}}``. No names, addresses or faults.
    """
    global _kept  # noqa: PLW0603 (one answer for all who ask at once)
    if _kept is None or time.monotonic() - _kept[0] > KEPT:
        _kept = (time.monotonic(), look())
    parts = _kept[1]
    ready = all(said == OK for said in parts.values())
    status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse({"status": OK if ready else "not ready", "parts": parts}, status=status)


def look() -> dict[str, str]:
    """Ask each part, AWS's side by side, each at most about three seconds."""
    with ThreadPoolExecutor(3) as pool:
        waiting = pool.submit(_asked, lambda: depth(settings.CHANGES_QUEUE_URL, probe=True))
        requests = pool.submit(_asked, lambda: table_answers(settings.APPROVALS_TABLE_NAME))
        runs = pool.submit(_asked, lambda: table_answers(settings.RUNS_TABLE_NAME))
    queue = waiting.result()
    tables = [requests.result(), runs.result()]
    parts = {
        "database": _database(),
        "queue": queue if isinstance(queue, str) else OK,
        "tables": next((said for said in tables if isinstance(said, str)), OK),
    }
    if parts["database"] == OK:
        parts["mirror"] = _mirror(queue if isinstance(queue, Depth) else None)
    return parts


def _asked[Answer](question: Callable[[], Answer]) -> Answer | str:
    try:
        return question()
    except AwsError as fault:
        return fault.kind


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        connection.close()
        return "does not answer"
    return OK


def _mirror(queue: Depth | None) -> str:
    lag = Pulse.objects.mirror_lag(is_empty=queue is not None and not queue.waiting and not queue.taken)
    if lag is None:
        return "no worker has run yet"
    return OK if lag <= settings.MIRROR_LAG_LIMIT else f"{lag:.0f} s behind"
