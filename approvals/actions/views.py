"""Keep, drop and prefer views of the queue."""

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from approvals.actions.errors import Invalid
from approvals.models import AuditEvent, SavedView, User
from approvals.models.text import clean, one_line
from approvals.models.views import LONGEST_NAME, MOST_VIEWS
from approvals.policy import Viewer

LONGEST_QUERY = 2000


def save_view(viewer: Viewer, name: str, query: str, group: str = "") -> SavedView:
    """Keep a view under a name, for oneself or for all of a group that one is in. Raises Invalid."""
    name = one_line(clean(name))
    if not name:
        raise Invalid("name", _("Give the view a name."))
    if len(name) > LONGEST_NAME:
        raise Invalid("name", _("Keep the name under {most} characters."), most=LONGEST_NAME)
    if len(query) > LONGEST_QUERY:
        raise Invalid("query", _("This search is too long to be kept as a view."))
    if group and group not in viewer.groups:
        raise Invalid("group", _("You can share a view with a group that you are in."))
    try:
        with transaction.atomic():
            if SavedView.objects.filter(owner=viewer.user).count() >= MOST_VIEWS:
                said = ngettext_lazy(
                    "You keep {most} view, which is the most. Delete one first.",
                    "You keep {most} views, which is the most. Delete one first.",
                    "most",
                )
                raise Invalid("name", said, most=MOST_VIEWS)
            shared = Group.objects.get(name=group) if group else None
            view = SavedView.objects.create(owner=viewer.user, group=shared, name=name, query=query)
            AuditEvent.objects.record(viewer.actor, "view.saved", f"view:{view.pk}", name, query=query, group=group)
    except IntegrityError:
        raise Invalid("name", _("You have a view called {name} already."), name=name) from None
    return view


@transaction.atomic
def delete_view(viewer: Viewer, pk: int) -> str:
    """Drop one of one's own views, for everybody it was shared with; return its name. Raises Invalid."""
    view = SavedView.objects.filter(owner=viewer.user, pk=pk).first()
    if view is None:
        raise Invalid("view", _("There is no such view among your own."))
    AuditEvent.objects.record(viewer.actor, "view.deleted", f"view:{view.pk}", view.name, query=view.query)
    view.delete()
    return view.name


@transaction.atomic
def prefer_view(viewer: Viewer, pk: int | None) -> SavedView | None:
    """Open the queue with this view from now on; None: with what waits for the person. Raises Invalid."""
    view = None
    if pk is not None:
        view = SavedView.objects.offered_to(viewer.user, viewer.groups).filter(pk=pk).first()
        if view is None:
            raise Invalid("view", _("There is no such view."))
    User.objects.filter(pk=viewer.user.pk).update(default_view=view)
    said = view.name if view else "what waits for me"
    AuditEvent.objects.record(viewer.actor, "view.preferred", viewer.user, said, view=view.pk if view else None)
    return view
