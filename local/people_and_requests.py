"""Fill the demo: people, and their requests, which went through the real workflows. Safe to run again.

`python -m local.people_and_requests prepare|requests`, with the portal's environment. Nothing is written into the
mirror: requests are submitted and decided by the portal's own actions, and its worker carries them.
"""

import os
import sys
import time

from local.demo_expenses import EXPENSES
from local.demo_faults import Faults
from local.demo_filing import file, filed
from local.demo_forms import FORMS
from local.demo_office import furnish
from local.demo_playing import play
from local.demo_story import PEOPLE, Form, Story

STORIES: tuple[Story | Form, ...] = (*FORMS, *EXPENSES)
# Without any story getting on; a busy machine takes its time with each.
PATIENCE_SECONDS = 120.0


def prepare(password: str) -> None:
    """Bring database, mirror and static files up to date, and the people with them."""
    from django.core.management import call_command

    call_command("migrate", interactive=False)
    call_command("collectstatic", interactive=False)
    make_people(password)
    # Before the first request: it keeps the policy that it was opened under.
    furnish()
    # What changed while the demo was stopping may never have reached the queue: MiniStack keeps no stream records.
    call_command("reconcile")


def make_people(password: str) -> None:
    """Create or refresh accounts and groups; all get `password`."""
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import Group

    from approvals.models import User

    for name in sorted({group for person in PEOPLE for group in person.groups}):
        Group.objects.get_or_create(name=name)
    first = User.objects.filter(username=PEOPLE[0].username).first()
    # Hashing is slow by design: once for all of them, and not at all when the password is the same as last time.
    encoded = first.password if first and first.check_password(password) else make_password(password)
    is_as_before = first is not None and first.password == encoded
    for person in PEOPLE:
        user, _ = User.objects.get_or_create(username=person.username)
        user.first_name, _, user.last_name = person.full_name.partition(" ")
        user.email = f"{person.username}@example.com"
        # Both see Django's admin; what they may do there, the portal's own policy says.
        user.is_staff = not {"admins", "auditors"}.isdisjoint(person.groups)
        user.department = person.department
        if not (is_as_before and user.has_usable_password()):
            user.password = encoded
        user.save()
        user.groups.set(Group.objects.filter(name__in=person.groups))


def file_requests() -> None:
    """Submit every story and play its acts as the requests arrive. Raises TimeoutError if a workflow is stuck."""
    waiting: list[tuple[Story | Form, str]] = []
    with _faults() as faults:
        for story in STORIES:
            if story.out_of_order and not _has_come_to_its_end(story):
                faults.cause(story.out_of_order)
            run_name = file(story)
            if run_name is not None:
                waiting.append((story, run_name))
        left, deadline = len(waiting), time.monotonic() + PATIENCE_SECONDS
        while waiting := [(story, run_name) for story, run_name in waiting if not play(story, run_name)]:
            if len(waiting) < left:
                left, deadline = len(waiting), time.monotonic() + PATIENCE_SECONDS
            if time.monotonic() > deadline:
                stuck = ", ".join(story.title for story, _ in waiting)
                raise TimeoutError(f"The workflow did not get on with: {stuck}. See the worker's and MiniStack's log.")
            time.sleep(0.1)


def _faults() -> Faults:
    from django.conf import settings

    # arn:aws:lambda:REGION:ACCOUNT:function:STACK-workflow-travel:live
    stack = settings.WORKFLOW_ARNS["travel"].split(":")[6].removesuffix("-workflow-travel")
    return Faults(stack, [story.out_of_order for story in STORIES if story.out_of_order])


def _has_come_to_its_end(story: Story | Form) -> bool:
    run_name = filed(story)
    return run_name is not None and play(story, run_name)


def main(arguments: list[str]) -> None:
    """Run one part, with Django set up."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ["PROMPT_DELIVERY"] = "false"  # this process ends at once; the worker delivers
    django.setup()
    if arguments == ["prepare"]:
        prepare(os.environ["DEMO_PASSWORD"])
    elif arguments == ["requests"]:
        try:
            file_requests()
        except TimeoutError as error:
            sys.exit(str(error))
    else:
        sys.exit("usage: python -m local.people_and_requests prepare|requests")


if __name__ == "__main__":
    main(sys.argv[1:])
