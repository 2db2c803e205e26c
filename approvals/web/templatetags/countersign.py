"""What templates say often: icons, amounts, moments, states, people."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeData, SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest, Run, User, groups
from approvals.web import approved, endings, formats, safe_text, states, summaries

register = template.Library()

# State → tone and icon; colour never stands alone.
TONES = {
    "pending": ("info", "clock"),
    "waiting": ("info", "clock"),
    "running": ("info", "flow"),
    "submitted": ("info", "send"),
    "queued": ("info", "send"),
    "approved": ("good", "check"),
    "succeeded": ("good", "check"),
    "delivered": ("good", "check"),
    "rejected": ("bad", "cross"),
    "denied": ("bad", "cross"),
    "error": ("bad", "alert"),
    "failed": ("bad", "alert"),
    "stuck": ("bad", "alert"),
    "changes_requested": ("warn", "undo"),
    "timeout": ("warn", "clock"),
    "timed_out": ("warn", "clock"),
    "lost": ("warn", "info"),
    "draft": ("quiet", "edit"),
    "cancelled": ("quiet", "undo"),
    "withdrawn": ("quiet", "undo"),
    "dropped": ("quiet", "undo"),
}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; decorative unless it has a label."""
    sprite = static("approvals/icons.svg")
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>', label, sprite, name
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite, name)


@register.simple_tag(takes_context=True)
def money(context: template.Context, amount: object, currency: str = "") -> str:
    """An amount in the viewer's number format; nothing where there is none."""
    return formats.money(as_decimal(amount), currency, formats.locale_of(context.get("request")))


@register.simple_tag(takes_context=True)
def summary_of(context: template.Context, item: ApprovalRequest) -> SafeString:
    """What the workflow says of a request."""
    return safe_text.shown(summaries.summary_words(item, formats.locale_of(context.get("request"))))


@register.simple_tag(takes_context=True)
def number_locale(context: template.Context) -> str:
    """The viewer's number format as browsers name it: ``de-CH``."""
    return formats.locale_of(context.get("request")).replace("_", "-")


@register.simple_tag(takes_context=True)
def currencies(context: template.Context) -> str:
    """Each currency's decimals and sign for the viewer, for scripts."""
    return formats.currencies_of(formats.locale_of(context.get("request")))


@register.simple_tag(takes_context=True)
def money_shape(context: template.Context, currency: str) -> SafeString:
    """What a script needs to write amounts of a currency as the page does."""
    locale = formats.locale_of(context.get("request"))
    said = locale.replace("_", "-"), currency, formats.sign_of(currency, locale), formats.places_of(currency)
    return format_html('data-locale="{}" data-currency="{}" data-sign="{}" data-digits="{}"', *said)


def as_decimal(amount: object) -> Decimal | None:
    """Return a number given as Decimal, int or text, or None."""
    if amount is None or amount == "":
        return None
    try:
        return Decimal(str(amount))
    except InvalidOperation:
        return None


@register.simple_tag
def when(moment: datetime | None) -> SafeString | str:
    """A moment: relative in the text, exact on hover and for machines."""
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        formats.exact(moment),
        formats.relative(moment),
    )


@register.simple_tag
def at(moment: datetime | None) -> SafeString | str:
    """A moment, exact, in the person's zone."""
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        formats.relative(moment),
        formats.exact(moment),
    )


@register.simple_tag
def deadline(moment: datetime) -> SafeString:
    """A deadline, with a word and an icon when it is near or over."""
    state = formats.urgency(moment, timezone.now())
    mark = {"overdue": _("Overdue"), "soon": _("Due soon")}.get(state, "")
    badge = format_html('<span class="due-mark">{} {}</span> ', icon("alert" if state == "overdue" else "clock"), mark)
    return format_html(
        '<span class="due" data-urgency="{}">{}<time datetime="{}" title="{}">{}</time></span>',
        state,
        badge if mark else "",
        moment.isoformat(),
        formats.exact(moment),
        formats.relative(moment),
    )


@register.simple_tag
def state(value: str, label: str = "") -> SafeString:
    """A badge for a state of a request, run, submission or delivery."""
    tone, picture = TONES.get(value, ("quiet", "info"))
    return format_html(
        '<span class="badge" data-tone="{}">{}{}</span>', tone, icon(picture), label or formats.words(value)
    )


@register.simple_tag
def state_of(one: ApprovalRequest | Run) -> SafeString:
    """The badge of a request or run; what its requester withdrew is called so."""
    return state(*endings.state_of(one))


@register.simple_tag
def answer_of(request: ApprovalRequest, choice: str) -> SafeString:
    """The badge of one answer to a request."""
    return state(*endings.answer_of(request, choice))


@register.simple_tag
def allowed_of(request: ApprovalRequest, response: object) -> str:
    """The lower amount that one answer names, of what was asked; nothing where it names none."""
    return approved.allowed_in_words(request, response)


@register.filter
def on_day(day: date) -> str:
    """A day, with its month in letters."""
    return formats.on_day(day)


@register.filter
def state_label(one: ApprovalRequest | Run) -> str:
    """The same in a word."""
    return endings.state_of(one)[1]


@register.filter
def state_in_words(one: ApprovalRequest | Run) -> str:
    """The same within a sentence."""
    return states.state_words(one)


@register.filter
def run_ending(how: str) -> str:
    """How the run of a request ended before anybody answered, to begin a sentence with."""
    return states.run_ending(how)


@register.filter
def orphaned_words(how: str) -> str:
    """What became of a request that outlived its run."""
    return states.orphaned_words(how)


@register.simple_tag
def person(username: object, names: dict[str, str] | None = None) -> SafeString | str:
    """A person by name, with initials; the username stays visible on hover."""
    if not username:
        return ""
    name = (names or {}).get(str(username)) or str(username)
    return format_html(
        '<span class="person" title="{}"><span class="avatar" aria-hidden="true">{}</span><bdi>{}</bdi></span>',
        safe_text.plain(username),
        formats.initials(name),
        safe_text.shown(name),
    )


@register.filter
def offered(user: User) -> str:
    """A person in a list to choose from: by full name, and by username, for two may have one name."""
    name = user.get_full_name()
    return f"{name} ({user.username})" if name else user.username


@register.simple_tag(takes_context=True)
def current(context: template.Context, *names: str) -> str:
    """``page`` when the page shown is one of these addresses: a value for aria-current."""
    request: HttpRequest | None = context.get("request")
    match = getattr(request, "resolver_match", None)
    return "page" if match and match.url_name in names else "false"


@register.filter
def safe_text_of(value: object) -> SafeString:
    """Escaped text whose hidden and reordering characters are made visible."""
    return safe_text.shown(value)


@register.filter
def message_text(message: Message) -> SafeString:
    """What a message says: links that Django's admin has made stay links, anything else is escaped."""
    said = message.message
    if isinstance(said, SafeData):
        # Odd characters in the names that it holds are written out without markup, so they do no harm in a link either.
        return mark_safe(safe_text.plain(said))  # noqa: S308 (Django escaped what it put in)
    return safe_text.shown(said)


@register.filter
def plain_text(value: object) -> str:
    """The same for places without markup."""
    return safe_text.plain(value)


@register.filter
def labelled(cells: Iterable[SafeString], headers: Iterable[Mapping[str, Any]]) -> Iterator[SafeString]:
    """Cells of a list of Django's admin, each with what its column is called: a narrow page shows no head."""
    for cell, header in zip(cells, headers, strict=False):
        tag, rest, title = cell[:3], cell[3:], header["text"]
        # A cell is markup that Django has made, and begins with its tag; the head of the tick boxes is markup itself.
        label = format_html(' data-label="{}"', "" if isinstance(title, SafeData) else capfirst(title))
        yield mark_safe(f"{tag}{label}{rest}") if tag in {"<td", "<th"} else cell  # noqa: S308


@register.filter
def heading(item: Any) -> str:
    """What a request or submission is called; a request without a title goes by its id."""
    return str(item.title or getattr(item, "approval_id", ""))


@register.filter
def group_words(name: object) -> str:
    """What a group is called, within a sentence."""
    return groups.group_words(str(name or ""))


@register.filter
def words(value: object) -> str:
    """A key as words."""
    return formats.words(str(value or ""))


@register.filter
def place_of(item: ApprovalRequest) -> str:
    """Workflow and stage: ``Loan · Manager``; one word where both are the same."""
    return " · ".join(dict.fromkeys((formats.words(item.workflow), formats.words(item.stage))))


@register.filter
def initials(value: object) -> str:
    """Up to two letters for a person."""
    return formats.initials(str(value))


@register.filter
def file_size(value: Any) -> str:
    """Bytes as people say them; nothing where the number is missing."""
    return formats.size(value) if isinstance(value, int) else ""
