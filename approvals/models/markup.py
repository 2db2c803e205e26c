"""The markdown that comments are written in: bold, italic, code, lists, quotes and links, and people by ``@name``.

No raw HTML, no pictures, no headings. This module reads; ``approvals.web.markup`` writes the HTML.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

RULES = (
    "emphasis", "backticks", "escape", "newline", "link", "autolink", "linkify",
    "list", "blockquote", "fence",
)  # fmt: skip
# Django's characters of a username; a mark in front of the @ makes it an e-mail address or the like.
MENTION = re.compile(r"(?<![\w.@+/-])@([\w.@+-]+)")
# What may end a sentence right behind a name.
TRAILING = ".+-@"
ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x1f]+", re.IGNORECASE)


@cache
def reader() -> MarkdownIt:
    """Return the reader of this subset; it holds no state between texts."""
    found = MarkdownIt("zero", {"html": False, "breaks": True, "linkify": True}).enable(RULES)
    found.validateLink = lambda url: ADDRESS.fullmatch(url) is not None  # type: ignore[method-assign]
    if found.linkify is not None:
        # Only whole addresses: "see notes.md" is no link.
        found.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
        for scheme in ("ftp:", "//"):
            found.linkify.add(scheme, None)
    # Before neighbouring texts are joined: an escaped \@ is a text of its own then, and names nobody.
    found.core.ruler.before("text_join", "mention", _mark)
    return found


def named_in(text: str) -> list[str]:
    """Return the names behind an ``@``, in order and once each, as written; not those in code or in links."""
    named = (token.content for token in _inside(reader().parse(text)) if token.type == "mention")
    return list(dict.fromkeys(named))


def readings(name: str) -> list[str]:
    """Return what a written name may mean, the longest first: ``anna.`` is anna at the end of a sentence."""
    return list(dict.fromkeys([name, name.rstrip(TRAILING)]))


def _inside(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _inside(token.children or [])


def _mark(state: StateCore) -> None:
    for block in state.tokens:
        if block.type == "inline" and block.children:
            block.children = list(_marked(block.children))
            _tell_hosts(block.children)


def _marked(tokens: list[Token]) -> Iterator[Token]:
    """Cut the names out of texts that stand in no link."""
    links = 0
    for token in tokens:
        links += (token.type == "link_open") - (token.type == "link_close")
        if token.type != "text" or links:
            yield token
            continue
        end = 0
        for found in MENTION.finditer(token.content):
            yield _piece(token, "text", token.content[end : found.start()])
            yield _piece(token, "mention", found[1])
            end = found.end()
        yield _piece(token, "text", token.content[end:])


def _piece(of: Token, kind: str, content: str) -> Token:
    return Token(kind, "", 0, content=content, level=of.level)


def _tell_hosts(tokens: list[Token]) -> None:
    """Note on a link's end where it leads, unless its text says so: a link must not pass for another."""
    href, said = "", ""
    for token in tokens:
        if token.type == "link_open":
            href, said = str(token.attrGet("href") or ""), ""
        elif token.type == "link_close":
            place = place_of(href)
            token.meta = {"place": "" if place in {place_of(said), said.strip().lower()} else place}
        else:
            said += token.content


def place_of(href: str) -> str:
    """Return the host or mailbox that an address leads to, or nothing where it is none."""
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return ""
    return (parts.path if parts.scheme.lower() == "mailto" else parts.netloc.rpartition("@")[2]).lower()
