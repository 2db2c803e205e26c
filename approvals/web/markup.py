"""Comments as HTML: rendered by markdown-it-py, then sanitised by nh3, so that neither is trusted alone."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from approvals.models.markup import reader, readings
from approvals.web import safe_text

TAGS = {"p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote", "a", "span", "bdi"}
# nh3 would keep title and lang on everything: "*" says that nothing is kept everywhere.
ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}, "ol": {"start"}, "span": {"title"}}
CLASSES = {"span": {"mention", "link-place", "odd-character"}}
WITHIN = ("text", "strong", "em", "link")
SCHEMES = {"http", "https", "mailto"}
REL = "nofollow noopener"


def rendered(text: str, names: Mapping[str, str]) -> SafeString:
    """Return a comment as HTML. ``names``: full names by username, of those whom the text names with effect."""
    return _rendered(text, tuple(sorted(names.items())))


def in_words(text: str, names: Mapping[str, str]) -> str:
    """Return a comment as text without its marks, people by full name. It is as unsafe as it was: show it as such."""
    known = {username.casefold(): (username, name) for username, name in names.items()}
    pieces = (_said(token, known) for block in reader().parse(text) for token in block.children or [block])
    return " ".join("".join(pieces).split())


def _said(token: Token, known: Mapping[str, tuple[str, str]]) -> str:
    if token.type == "mention":
        called, rest = called_by(token.content, known)[1:]
        return f"@{called}{rest}"
    if token.type == "link_close" and (place := (token.meta or {}).get("place")):
        return f" ({place})"
    # Between blocks and lines there is a space; bold and the like stand within a word.
    return token.content or ("" if token.type.startswith(WITHIN) else " ")


def called_by(written: str, known: Mapping[str, tuple[str, str]]) -> tuple[str, str, str]:
    """Return the username and the name of whom a written name means, and what is left of it; else no username."""
    for reading in readings(written):
        if found := known.get(reading.casefold()):
            username, name = found
            return username, name or username, written[len(reading) :]
    return "", written, ""


@lru_cache(maxsize=2048)
def _rendered(text: str, names: tuple[tuple[str, str], ...]) -> SafeString:
    known = {username.casefold(): (username, name) for username, name in names}
    html = Writer().render(reader().parse(text), reader().options, {"known": known})
    return mark_safe(_cleaner().clean(html))  # noqa: S308 (sanitised on this line)


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS,
        clean_content_tags={"script", "style"},
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        url_schemes=SCHEMES,
        url_relative="deny",
        link_rel=REL,
    )


class Writer(RendererHTML):
    """Writes the tokens; every text passes through ``safe_text``, which shows what would hide."""

    def text(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """Write plain text."""
        return safe_text.shown(tokens[idx].content)

    def code_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """Write code within a line."""
        return format_html("<code>{}</code>", safe_text.shown(tokens[idx].content))

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """Write lines of code."""
        return format_html("<pre><code>{}</code></pre>", safe_text.shown(tokens[idx].content))

    def mention(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """Write a person by full name; a name that means nobody here stays as it was written."""
        username, name, rest = called_by(tokens[idx].content, env["known"])
        called = safe_text.shown(name)
        if not username:
            return "@" + called
        title = safe_text.plain(username)
        return format_html('<span class="mention" title="{}">@{}</span>{}', title, called, safe_text.shown(rest))

    def link_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """End a link, and say where it leads where its text does not."""
        place = (tokens[idx].meta or {}).get("place", "")
        return format_html('</a> <span class="link-place">({})</span>', safe_text.shown(place)) if place else "</a>"
