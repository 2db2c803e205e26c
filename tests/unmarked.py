"""Texts that nobody has marked for translation: ``python -m tests.unmarked [part of a path …]`` lists them.

Templates are read as files: what is left of one without its tags, variables and translated parts must hold no words.
Python is read as syntax: a text that looks like a sentence or a label must be inside a call that translates.
What pages show in the end, with every translated text in brackets: tests/unit/i18n.
"""

import ast
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import override

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "approvals" / "templates"
PYTHON = ("web", "admin", "actions", "policy", "models", "mailing", "notifying", "timeline")
# Attributes that people see or hear.
SEEN = ("aria-label", "title", "placeholder", "alt", "aria-description", "data-said", "data-text")
NAMES = frozenset({"Countersign", "AWS", "UTC", "CSV", "PDF", "JSON", "make demo", "manage.py runworker"})
WORD = re.compile(r"[^\W\d_]{2,}")

TRANSLATED = re.compile(r"{%-?\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", re.DOTALL)
# Comments, and blocks that fill attributes.
COMMENT = re.compile(
    r"{%\s*comment\b.*?{%\s*endcomment\s*%}|{#.*?#}"
    r"|{%\s*block (?:body_attributes|bodyclass|width)\b.*?{%\s*endblock\s*%}",
    re.DOTALL,
)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
# A text in a tag: what a component is given, and what stands in for an empty value.
GIVEN = re.compile(r"""(?<![_(\w])(?:\w+=|default(?:_if_none)?:|yesno:|pluralize:)"([^"]*)\"""")
# What a component is given that is no text.
KEYS_GIVEN = re.compile(r"[a-z0-9_.,:/#?=&-]*")


def in_templates() -> Iterator[tuple[Path, str]]:
    """Every text of every template that is not marked."""
    for path in sorted(TEMPLATES.rglob("*.*")):
        yield from ((path, text) for text in in_template(path.read_text(), is_html=path.suffix == ".html"))


def in_template(source: str, *, is_html: bool = True) -> list[str]:
    """The texts of one template that are not marked."""
    source = COMMENT.sub("", TRANSLATED.sub("", source))
    given = [
        text
        for tag in TAG.findall(source)
        if not tag.startswith(("{% url", "{% translate", "{% icon", "{% load", "{% extends"))
        for text in GIVEN.findall(tag)
        if not KEYS_GIVEN.fullmatch(text) or "pluralize" in tag
    ]
    plain = TAG.sub("\x00", source)
    seen = visible(plain) if is_html else plain.split("\n")
    return [text for text in (*given, *seen) if has_words(text)]


def has_words(text: str) -> bool:
    """Whether anything in a text would want translation."""
    for name in NAMES:
        text = text.replace(name, "")
    return bool(WORD.search(re.sub(r"&[a-z]+;", "", text)))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style", "code", "kbd"}:
            self.inside.append(tag)
        self.found += [value for name, value in attrs if name in SEEN and value]

    @override
    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    @override
    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.found.append(data)


def visible(html: str) -> list[str]:
    """The texts of a page: what stands between tags, and the attributes that people see or hear."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return [" ".join(text.replace("\x00", " … ").split()) for text in reader.found]


MARKS = {"_"} | {f"{kind}gettext{lazy}" for kind in ("", "n", "p", "np") for lazy in ("", "_lazy")}
# Calls whose texts are for programs, logs and the record, which has one language.
ELSEWHERE = frozenset(
    {"record", "line", "leave", "getLogger", "info", "warning", "exception", "error_log", "debug", "compile", "filter",
     "exclude", "Index", "UniqueConstraint", "CheckConstraint", "strftime", "ImproperlyConfigured", "TypeError", "raw",
     "KeyError", "RuntimeError", "AssertionError", "execute", "getattr", "Literal", "cast", "TypeVar", "startswith"}
)  # fmt: skip
ELSEWHERE_NAMED = frozenset({"help_text", "name", "dispatch_uid", "class", "template_name", "related_name"})
SENTENCE = re.compile(r"[A-Z][\w'-]* .*\w{2}|[A-Z][a-z]+\W*$|.*\w{2} \w+.*\.$")


def in_python() -> Iterator[tuple[Path, int, str]]:
    """Every text in Python that looks like one for people and is not marked. It may be wrong."""
    for path in sorted(path for part in PYTHON for path in (ROOT / "approvals" / part).rglob("*.py")):
        tree = ast.parse(path.read_text())
        for line, text in _unmarked(tree):
            yield path, line, text


def in_f_strings() -> Iterator[tuple[Path, int, str]]:
    """Every mark inside an f-string, where xgettext does not look."""
    for path in sorted((ROOT / "approvals").rglob("*.py")):
        strings = [one for one in ast.walk(ast.parse(path.read_text())) if isinstance(one, ast.JoinedStr)]
        calls = [one for string in strings for one in ast.walk(string) if isinstance(one, ast.Call)]
        yield from ((path, one.lineno, ast.unparse(one)) for one in calls if getattr(one.func, "id", "") in MARKS)


def _unmarked(node: ast.AST) -> Iterator[tuple[int, str]]:
    if _is_for_programs(node):
        return
    text = _text(node)
    if text is not None:
        if SENTENCE.match(text) and has_words(text):
            yield getattr(node, "lineno", 0), text
        return
    # Annotations hold names of types.
    types = {getattr(node, "annotation", None), getattr(node, "returns", None)}
    for child in ast.iter_child_nodes(node):
        if child not in types:
            yield from _unmarked(child)


def _is_for_programs(node: ast.AST) -> bool:
    """Whether it is marked, a docstring, or a text that nobody reads on a page."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)):
            return name in MARKS or name in ELSEWHERE
        case ast.keyword(arg=name):
            return name in ELSEWHERE_NAMED
        case ast.Expr(value=ast.Constant()) | ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
    return False


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{…}" for part in node.values)
    return None


def main(parts: list[str]) -> None:
    """Print them, of the paths that hold one of the parts."""
    found = [(path.relative_to(ROOT), "", text) for path, text in in_templates()]
    found += [(path.relative_to(ROOT), f":{line}", text) for path, line, text in in_python()]
    found += [
        (path.relative_to(ROOT), f":{line}", f"inside an f-string: {text}") for path, line, text in in_f_strings()
    ]
    for path, line, text in found:
        if not parts or any(part in str(path) for part in parts):
            print(f"{path}{line}: {text}")


if __name__ == "__main__":
    main(sys.argv[1:])
