"""The catalogs of German and French: nothing is missing in them, nothing is stale, and clones need no gettext."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings

APP = Path(settings.ROOT) / "approvals"
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
PLACE = re.compile(r"\{\w+\}|%(?:\(\w+\))?[sdr]")
TAG = re.compile(r"</?\w+")


def po(language: str, root: Path = APP / "locale") -> Path:
    return root / language / "LC_MESSAGES" / "django.po"


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


@cache
def catalog(language: str) -> Catalog:
    return read(po(language))


def messages(language: str) -> Iterator[tuple[Message, list[str], list[str]]]:
    """Every message but the head, with what it says in English and in the language, each with its plural."""
    for one in catalog(language):
        if one.id:
            yield (
                one,
                list(one.id) if one.pluralizable else [one.id],
                list(one.string) if one.pluralizable else [one.string],
            )


def translated(language: str) -> list[tuple[Message, list[str], list[str]]]:
    """Those that say something in the language; another test sees to the others."""
    return [(one, english, said) for one, english, said in messages(language) if all(said)]


def keys(found: Catalog) -> set[tuple[str, str]]:
    """What tells messages apart: their context and their English."""
    return {(one.context or "", one.id[0] if one.pluralizable else one.id) for one in found if one.id}


def fields(text: str) -> set[str]:
    """The places of a text that something is put into."""
    return {found.group(0) for found in PLACE.finditer(text)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_in_all_its_forms(language: str) -> None:
    empty = [said for one, english, said in messages(language) if not all(said) or len(said) < len(english)]
    assert not empty, empty
    forms = catalog(language).num_plurals
    assert not [english for one, english, said in messages(language) if one.pluralizable and len(said) != forms]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_a_guess(language: str) -> None:
    assert not [english for one, english, _ in messages(language) if one.fuzzy]
    assert not catalog(language).obsolete


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_has_the_places_and_tags_of_its_text(language: str) -> None:
    wrong = []
    for _one, english, said in translated(language):
        wanted = set().union(*map(fields, english))
        # The singular may do without its number: "a minute".
        wrong += [form for form in said[-1:] if fields(form) != wanted]
        wrong += [form for form in said[:-1] if not fields(form) <= wanted]
        tags = sorted(TAG.findall(english[-1]))
        wrong += [form for form in said if sorted(TAG.findall(form)) != tags]
    assert not wrong, wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_begin_and_end_as_their_texts_do(language: str) -> None:
    ends = ":…"
    wrong = [
        (english[-1], form)
        for _one, english, said in translated(language)
        for form in said
        if any(form.rstrip().endswith(mark) != english[-1].endswith(mark) for mark in ends)
        or (form[:1].isspace(), form[-1:].isspace()) != (english[-1][:1].isspace(), english[-1][-1:].isspace())
    ]
    assert not wrong, wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_portal_reads_is_what_translators_wrote(language: str) -> None:
    with po(language).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined] # there is no other way to list it
    written: dict[object, str] = {}
    for one, english, said in messages(language):
        key = f"{one.context}\x04{english[0]}" if one.context else english[0]
        if one.fuzzy or not all(said):
            continue
        written |= {(key, number): form for number, form in enumerate(said)} if one.pluralizable else {key: said[0]}
    assert {key: said for key, said in compiled.items() if key} == written


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalog_holds_exactly_the_texts_that_are_marked(language: str, tmp_path: Path) -> None:
    if shutil.which("xgettext") is None:
        why = "no xgettext on this machine: install Debian's gettext"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    copy = tmp_path / "approvals"
    shutil.copytree(APP, copy, ignore=shutil.ignore_patterns("locale", "static", "migrations", "__pycache__"))
    (copy / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "--locale", language]
    # As in `make messages`: without settings Django reads the folder that it stands in.
    bare = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(command, cwd=copy, env=bare, check=True, capture_output=True)
    found = keys(read(po(language, copy / "locale")))
    assert found - keys(catalog(language)) == set(), "run `make messages`, and translate what is new"
    assert keys(catalog(language)) - found == set(), "run `make messages`"
