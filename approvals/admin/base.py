"""What every page of the record has in common: read only, by the policy, cheap at any size."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, override

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from approvals.admin.lists import CappedPaginator, FastChangeList
from approvals.admin.search import MOST_HITS, by_key
from approvals.admin.shown import events_address
from approvals.admin.view import viewer_of
from approvals.policy import may_audit

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
    InlineBase = admin.TabularInline[Any, Any]
else:
    Base, InlineBase = admin.ModelAdmin, admin.TabularInline


class ReadOnly:
    """Those who may audit look; nobody adds, changes or deletes, admins included."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the policy."""
        viewer = viewer_of(request)
        return viewer is not None and bool(may_audit(viewer))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the subject to whoever may look."""
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


class Listed(Base):
    """A list that costs the same at any size. ``begins`` and ``equals`` are the indexed fields that search asks."""

    begins: Sequence[str] = ()
    equals: Sequence[str] = ()
    change_list_template = "approvals/admin/list.html"
    sortable_by = ()
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    actions: Any = ()

    @override
    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[FastChangeList]:
        """Use the list with one order."""
        return FastChangeList

    @override
    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Show the search box where something can be searched."""
        return [*self.begins, *self.equals]

    @override
    def get_search_results(
        self, request: HttpRequest, queryset: "models.QuerySet[Any]", search_term: str
    ) -> tuple["models.QuerySet[Any]", bool]:
        """Search by key."""
        text = search_term.strip()
        if not text:
            return queryset, False
        found, cut = by_key(queryset, text, self.begins, self.equals)
        if cut:
            sentence = _("More than {count} begin with this. Type more of it to see the others.")
            messages.warning(request, sentence.format(count=MOST_HITS))
        return found, False

    @override
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the lines of the record about this thing: there is no second history."""
        thing = self.get_object(request, unquote(object_id))
        if thing is None:
            raise Http404
        if not self.has_view_permission(request, thing):
            raise PermissionDenied
        return HttpResponseRedirect(events_address(thing))


class RecordAdmin(ReadOnly, Listed):
    """A subject of the record."""


class RecordInline(ReadOnly, InlineBase):
    """What belongs to a thing, on its page."""

    template = "approvals/admin/inline.html"
    extra = 0
    can_delete = False
