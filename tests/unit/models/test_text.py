"""Text from people and producers: kept, but without what deceives or breaks."""

from hypothesis import given
from hypothesis import strategies as st

from approvals.models.text import clean, one_line, readable, revealed


def test_line_ends_are_one_kind_and_accents_one_form() -> None:
    assert clean("a\r\nb\rc\td e\u0301") == "a\nb\nc\td \u00e9"


def test_letters_of_every_script_and_emoji_stay() -> None:
    for kept in ("عربي", "עברית", "می\u200cخواهم", "👩\u200d💻", "日本語", "naïve", "½ €"):  # noqa: RUF001
        assert clean(kept) == kept


def test_marks_are_written_out_for_those_who_must_see_them() -> None:
    assert revealed("a\u202eb\u200bc\x00\n") == "a[U+202E]b[U+200B]c[U+0000]\n"


@given(st.text())
def test_what_is_cleaned_can_be_stored_and_is_clean(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert "\x00" not in once
    once.encode("utf-8")
    assert revealed(once) == once


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(json_values)
def test_every_text_in_a_json_value_is_cleaned(value: object) -> None:
    assert "\\u0000" not in ascii(readable(value)).replace("\\x00", "\\u0000")
    assert readable(readable(value)) == readable(value)
