"""How values and links look on a page of the record."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from approvals.models import AuditEvent, Delivery, Letter, Policy, Run, Submission, User
from approvals.models.audit import name_of
from approvals.models.mirror import ApprovalRequest
from approvals.models.text import revealed

NOTHING = "\N{EN DASH}"
# How the record names a thing → its list, and the column that holds the name.
LISTS: dict[str, tuple[type[models.Model], str]] = {
    "request": (ApprovalRequest, "approval_id"),
    "run": (Run, "run_name"),
    "submission": (Submission, "ref"),
    "user": (User, "username"),
    "delivery": (Delivery, "key"),
    "policy": (Policy, "name"),
    "letter": (Letter, "key"),
}

# What the columns of rows within a thing are called; the keys of the JSON stay as they are.
ROW_COLUMNS = {
    "action": pgettext_lazy("column", "action"),
    "actor": pgettext_lazy("column", "actor"),
    "answer": pgettext_lazy("column", "answer"),
    "at": pgettext_lazy("column", "at"),
    "content_type": pgettext_lazy("column", "content_type"),
    "field": pgettext_lazy("column", "field"),
    "level": pgettext_lazy("column", "level"),
    "message": pgettext_lazy("column", "message"),
    "name": pgettext_lazy("column", "name"),
    "note": pgettext_lazy("column", "note"),
    "size": pgettext_lazy("column", "size"),
    "step": pgettext_lazy("column", "step"),
}


def exact(moment: datetime | None) -> str:
    """Return e.g. ``21 Nov 2026, 14:05:33 CET``: to the second, in the reader's zone, and no doubt which."""
    return NOTHING if moment is None else date_format(timezone.localtime(moment), "DATETIME_FORMAT")


def as_json(value: Any) -> SafeString | str:
    """Return a JSON value laid out for reading, with marks made visible that would change how it looks."""
    if value in (None, {}, []):
        return NOTHING
    return format_html('<pre class="json">{}</pre>', revealed(json.dumps(value, indent=2, ensure_ascii=False)))


def as_text(value: str) -> SafeString | str:
    """Return text as it was written, line by line, with deceptive marks made visible."""
    return format_html('<div class="written">{}</div>', revealed(value)) if value else NOTHING


def as_rows(entries: Any, columns: Iterable[str]) -> SafeString | str:
    """Return a list of JSON objects as a table; what does not fit the columns is left to ``as_json``."""
    names = list(columns)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return as_json(entries)
    if not entries:
        return NOTHING
    head = format_html_join("", "<th scope='col'>{}</th>", ([ROW_COLUMNS.get(name, name)] for name in names))
    body = format_html_join(
        "",
        "<tr>{}</tr>",
        (
            [format_html_join("", "<td>{}</td>", ([revealed(str(entry.get(name) or ""))] for name in names))]
            for entry in entries
        ),
    )
    return format_html("<table class='rows'><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, body)


def link_to(thing: models.Model | None) -> SafeString | str:
    """Return a link to the page of a thing."""
    if thing is None or thing.pk is None:
        return NOTHING
    opts = thing._meta
    return format_html(
        '<a href="{}">{}</a>',
        reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[thing.pk]),
        revealed(str(thing)),
    )


def links_to(things: Iterable[models.Model]) -> SafeString | str:
    """Return links to several things, one a line."""
    return format_html_join("", "{}<br>", ([link_to(thing)] for thing in things)) or NOTHING


def link_by_name(kind: str, name: str) -> SafeString | str:
    """Return a link to what the record calls by this kind and name; found without asking the database."""
    if kind not in LISTS or not name:
        return revealed(name) or NOTHING
    model, column = LISTS[kind]
    opts = model._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, urlencode({f"{column}__exact": name}), revealed(name))


def link_to_events(target: models.Model) -> SafeString:
    """Return a link to the lines of the record about a thing."""
    return format_html('<a href="{}">{}</a>', events_address(target), _("What the record says"))


def events_address(target: models.Model) -> str:
    """Return the address of the record's lines about a thing."""
    kind, key = name_of(target)
    opts = AuditEvent._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    return f"{address}?{urlencode({'object_kind__exact': kind, 'object_id__exact': key})}"
