"""What a message shows: text is text, and only what Django has escaped itself is markup."""

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.utils.html import format_html

from approvals.web.templatetags.countersign import message_text


@pytest.mark.parametrize("said", ["<b>bold</b>", "<img src=x onerror=alert(1)>"])
def test_the_text_of_a_message_is_never_markup(said: str) -> None:
    assert "<" not in message_text(Message(constants.SUCCESS, said))


def test_a_link_that_the_admin_has_made_stays_one() -> None:
    said = format_html('“<a href="{}">{}</a>” was saved.', "/admin/", "<i>\u202e")
    assert message_text(Message(constants.SUCCESS, said)) == '“<a href="/admin/">&lt;i&gt;[U+202E]</a>” was saved.'
