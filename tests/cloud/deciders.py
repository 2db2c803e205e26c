"""A process of approvers for the flood: `python -m tests.cloud.deciders adam anna`, with a portal's environment.

Everybody in it decides, by the portal's own action, whatever the queue shows them, and races everybody else for it.
Ends when its input ends, and prints how many answers counted and how many came second.
"""

import json
import os
import sys
import threading
import time
from collections import Counter

PAUSE_SECONDS = 0.3


def main(usernames: list[str]) -> None:
    """Decide until nobody holds our input open."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    os.environ["PROMPT_DELIVERY"] = "false"  # the workers carry
    django.setup()
    stop, counted = threading.Event(), Counter[str]()
    people = [threading.Thread(target=decide_all, args=(name, stop, counted)) for name in usernames]
    for person in people:
        person.start()
    sys.stdin.read()
    stop.set()
    for person in people:
        person.join()
    print(json.dumps(counted))


def decide_all(username: str, stop: threading.Event, counted: Counter[str]) -> None:
    """Answer what waits for this person; one of the others may be quicker."""
    from django.db import connection

    from approvals.actions.decide import Ballot, decide
    from approvals.actions.errors import Refused
    from approvals.models import ApprovalRequest, User
    from approvals.policy import Viewer

    user = User.objects.get(username=username)
    while not stop.is_set():
        # Anew, as for each request of a browser: who is asked changes as requests arrive.
        viewer = Viewer.of(user)
        waiting = ApprovalRequest.objects.open().filter(audience__in=viewer.audiences).not_barred_for(username)
        for request in waiting.order_by("expires_at", "id")[:20]:
            choice = "rejected" if "reject" in request.summary else "approved"
            ballot = Ballot(choice, "As announced.", request.version, request.content_digest)
            try:
                decide(viewer, request.approval_id, ballot)
                counted["counted"] += 1
            except Refused:
                counted["second"] += 1
        time.sleep(PAUSE_SECONDS)
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1:])
