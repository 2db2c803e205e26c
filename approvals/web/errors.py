"""Error pages: what happened, in words, and a way on."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

TEMPLATE = "approvals/pages/error.html"


def page(request: HttpRequest, status: HTTPStatus, title: str, text: str, typed: str = "") -> HttpResponse:
    """Return an error page in the product's look, with what the person had ``typed`` and would lose."""
    context = {"status": status.value, "title": title, "text": text, "typed": typed}
    return render(request, TEMPLATE, context, status=status)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form did not come from this portal or is too old."""
    return page(
        request,
        HTTPStatus.FORBIDDEN,
        _("This form cannot be used any more"),
        _(
            "It is too old, or did not come from this portal, so nothing was done. "
            "Go back, reload the page, and try again."
        ),
    )


def bad_form(request: HttpRequest, why: str) -> HttpResponse:
    """Say that a form came back changed; the caller has put it on the record."""
    return page(
        request,
        HTTPStatus.BAD_REQUEST,
        _("This form came back changed"),
        f"{why} " + _("Nothing was done, and the attempt is on the record. Open the page again to start afresh."),
    )


def forbidden(request: HttpRequest, why: str) -> HttpResponse:
    """Say why the person may not do this."""
    return page(request, HTTPStatus.FORBIDDEN, _("You may not do this"), why)


def no_longer_yours(request: HttpRequest, typed: str) -> HttpResponse:
    """Answer a person who was shown a request that they have no part in any more."""
    return page(
        request,
        HTTPStatus.FORBIDDEN,
        _("This is not yours to answer any more"),
        _("You were shown the request, but since then it is put to others. Your answer was not counted."),
        typed,
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot be read."""
    return page(
        request,
        HTTPStatus.BAD_REQUEST,
        _("This request cannot be read"),
        _("Something in it is missing or malformed. Nothing was done."),
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what the person may not do."""
    return forbidden(request, _("Your account does not allow it. If you need it, ask an admin of this portal."))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere, or to something that the person has no part in."""
    return page(
        request,
        HTTPStatus.NOT_FOUND,
        _("There is nothing here for you"),
        _("The address may be mistyped, or it leads to something that you are not part of."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault of ours. Renders without the database, which may be what failed."""
    context = {
        "status": 500,
        "title": _("That is our fault"),
        "text": _(
            "Something went wrong here, and it has been logged. Whatever was confirmed before is safe. "
            "Try this again in a moment."
        ),
    }
    # Without the request there are no context processors, and no queries.
    return HttpResponse(render_to_string(TEMPLATE, context), status=HTTPStatus.INTERNAL_SERVER_ERROR)
