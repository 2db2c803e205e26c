"""The language of a page: the person's own choice, else the one chosen in this browser, else what the browser asks for.

The last two are Django's LocaleMiddleware; the first comes with the viewer (approvals.web.middleware).
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from approvals.models import User

# The locale of a language where nothing says more: how it writes numbers and money.
LOCALES = {"en": "en_GB", "de": "de_DE", "fr": "fr_FR"}


def language_of(user: User) -> str:
    """Return the language that a person has chosen; empty where there is none, or one that the portal has dropped."""
    return user.language if user.language in dict(settings.LANGUAGES) else ""


def chosen_in(request: HttpRequest) -> str:
    """Return the language that was chosen in this browser, or nothing."""
    kept = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return kept if kept in dict(settings.LANGUAGES) else ""


def is_chosen(request: HttpRequest) -> bool:
    """Whether the language shown is somebody's choice, and not a guess from the browser."""
    user = getattr(request, "user", None)
    return bool((isinstance(user, User) and language_of(user)) or chosen_in(request))


def letters_to(user: User) -> "translation.override":
    """Return the context in which what is sent to a person is written."""
    return translation.override(language_of(user) or settings.LANGUAGE_CODE)


def keep_in_browser(answer: HttpResponse, language: str) -> None:
    """Have the browser speak the language where nobody is signed in, too; forget it where there is none."""
    if not language:
        answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
        return
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
