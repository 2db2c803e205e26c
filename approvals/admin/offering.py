"""A field of the record that knows some words and takes any."""

from typing import Any, override

from django.contrib.admin.widgets import AdminTextInputWidget
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class Offering(AdminTextInputWidget):
    """A text that the browser offers known words for."""

    def __init__(self, words: list[str]) -> None:
        super().__init__()
        self.words = words

    @override
    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Add the words as a list of the browser's."""
        words = format_html_join("", '<option value="{}"></option>', ([word] for word in self.words))
        field = super().render(name, value, {**(attrs or {}), "list": f"{name}_known"}, renderer)
        return format_html('{}<datalist id="{}_known">{}</datalist>', field, name, words)
