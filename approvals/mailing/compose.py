"""A letter as a message: HTML and text, in the reader's language and zone, with headers that nobody else can shape."""

import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.models import ApprovalRequest, Letter, Notification
from approvals.models.clock import zone_of
from approvals.models.text import one_line
from approvals.web.email_links import link_to
from approvals.web.formats import exact, in_sentence, money, own_locale, words
from approvals.web.language import letters_to
from approvals.web.safe_text import plain
from approvals.web.summaries import summary_words
from approvals.web.tellings import Telling, tellings_of

LONGEST_SUBJECT = 150
LONGEST_ABOUT = 400
SHOWN_IN_DIGEST = 50


def compose(letter: Letter) -> EmailMultiAlternatives | None:
    """Return the message, or None where everything that it would say has been overtaken."""
    rows = Notification.objects.filter(letter=letter, over_at=None).select_related(
        "occasion", "request__effective", "person", "for_person"
    )
    with timezone.override(zone_of(letter.person)), letters_to(letter.person):
        told = tellings_of(rows.order_by("-id"), own_locale())
        if not told:
            return None
        return _message(letter, *(_digest(letter, told) if letter.is_digest else _notice(letter, told[0])))


def _notice(letter: Letter, telling: Telling) -> tuple[str, str, dict[str, Any]]:
    facts = _facts(telling.request) if telling.asks and telling.request else []
    subject = _("{label}: {heading}").format(label=telling.label, heading=telling.heading)
    return subject, "notice", {"telling": telling, "link": link_of(telling), "facts": facts}


def _facts(request: ApprovalRequest) -> list[tuple[str, str]]:
    """What helps to see whether it can wait."""
    about = "" if request.summary == request.title else Truncator(summary_words(request)).chars(LONGEST_ABOUT)
    told = [
        (_("Amount"), money(request.amount, request.currency)),
        (_("About"), about),
        (_("Kind"), f"{words(request.workflow)}, {in_sentence(words(request.stage))}"),
        (_("Due"), exact(request.answer_by)),
        (_("Reference"), request.run_name),
    ]
    return [(name, value) for name, value in told if value]


def link_of(telling: Telling) -> str:
    """Return the address of the page that it leads to; where an answer is asked for, by a link of the reader's own."""
    path = telling.address
    if telling.asks and telling.request is not None:
        path = link_to(telling.notification.person, telling.request)
    return f"{settings.PORTAL_URL}{path}"


def _digest(letter: Letter, told: Sequence[Telling]) -> tuple[str, str, dict[str, Any]]:
    asking = [one for one in told if one.asks]
    parts = [(_("Waits for you"), asking), (_("For your information"), [one for one in told if not one.asks])]
    count = len(told)
    subject = ngettext(
        "Your day in Countersign: {count} notice", "Your day in Countersign: {count} notices", count
    ).format(count=count)
    if asking:
        waiting = len(asking)
        # Translators: follows the subject "Your day in Countersign: 5 notices".
        subject += ngettext(", {count} waits for you", ", {count} wait for you", waiting).format(count=waiting)
    return subject, "digest", {"parts": [_part(title, some) for title, some in parts if some]}


def _part(title: str, told: Sequence[Telling]) -> tuple[str, list[tuple[Telling, str]], int]:
    shown = [(telling, link_of(telling)) for telling in told[:SHOWN_IN_DIGEST]]
    return title, shown, len(told) - len(shown)


def _message(letter: Letter, subject: str, template: str, values: dict[str, Any]) -> EmailMultiAlternatives:
    subject = one_line(plain(subject))
    if len(subject) > LONGEST_SUBJECT:
        subject = f"{subject[:LONGEST_SUBJECT].rstrip()}…"
    context = {"letter": letter, "person": letter.person, "subject": subject, "portal": settings.PORTAL_URL, **values}
    text = render_to_string(f"approvals/mail/{template}.txt", context)
    message = EmailMultiAlternatives(
        subject, text, settings.DEFAULT_FROM_EMAIL, [letter.person.email], headers=_headers(letter, values)
    )
    message.attach_alternative(render_to_string(f"approvals/mail/{template}.html", context), "text/html")
    return message


def _headers(letter: Letter, values: dict[str, Any]) -> dict[str, str]:
    headers = {
        "Message-ID": _id("letter", letter.key),
        # No out-of-office answers to a machine.
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    telling = values.get("telling")
    if telling is not None and telling.request is not None:
        # Mail clients lay letters about one request together.
        headers["References"] = _id("request", telling.request.approval_id)
    return headers


def _id(kind: str, key: str) -> str:
    """Return an id that is the same whenever it is made, and says nothing about what it stands for."""
    digest = hashlib.blake2b(f"{settings.PORTAL_URL}|{kind}|{key}".encode(), digest_size=18).hexdigest()
    return f"<{digest}@{urlsplit(settings.PORTAL_URL).hostname or 'countersign'}>"
