"""Comments as HTML: the markdown that people may use, and nothing else, whatever they type."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.models.markup import named_in
from approvals.web.markup import ATTRIBUTES, TAGS, in_words, rendered

VECTORS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<details open ontoggle=alert(1)>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<base href='https://evil.example/'>",
    "<form action='https://evil.example'><button>x</button></form>",
    "<!--><script>alert(1)</script>-->",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](https://a.example/\"onmouseover=\"alert(1))",
    "[x](https://a.example 'title\" onclick=\"alert(1)')",
    "[x](<javascript:alert(1)>)",
    "<javascript:alert(1)>",
    "<https://a.example/\" onclick=\"alert(1)>",
    "![x](javascript:alert(1))",
    "![x\"onerror=\"alert(1)](https://a.example/x.png)",
    "[x]: javascript:alert(1)\n\n[x]",
    "```\"><script>alert(1)</script>\nx\n```",
    "```html onload=alert(1)\n<b>\n```",
    "`<script>alert(1)</script>`",
    "@<script>alert(1)</script>",
    "@anna\"onclick=alert(1)",
    "https://a.example/?q=\"><script>alert(1)</script>",
    "[<img src=x onerror=alert(1)>](https://a.example)",
    "> <script>alert(1)</script>",
    "- <script>alert(1)</script>",
    "1. <img/src=x onerror=alert(1)>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "\u202e<script>alert(1)</script>",
    "<a href=\"x\" style=\"behavior:url(x)\">x</a>",
    "<x onclick=alert(1) style=position:fixed>x</x>",
]  # fmt: skip


class Reading(HTMLParser):
    """Reads HTML as a browser would: which elements, which attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.links: list[dict[str, str | None]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        if tag == "a":
            self.links.append(dict(attrs))


def harmless(html: str) -> None:
    read = Reading(html)
    assert read.tags <= TAGS
    allowed = {(tag, name) for tag, names in ATTRIBUTES.items() for name in names}
    assert read.attributes <= allowed | {("span", "class"), ("a", "rel")}
    assert not {name for _, name in read.attributes if name.startswith("on")}
    for link in read.links:
        assert (link.get("href") or "https:").lower().startswith(("https:", "http:", "mailto:"))
        assert link["rel"] == "nofollow noopener"


@pytest.mark.parametrize("vector", VECTORS)
def test_a_known_attack_becomes_text(vector: str) -> None:
    harmless(rendered(vector, {"anna": '"><script>alert(1)</script>'}))


MARKS = ("<", ">", '"', "'", "`", "```\n", "\n", "\n\n", "> ", "- ", "1. ", "**", "_", "[", "](", ")", "@", "@anna")
PIECES = st.sampled_from([*VECTORS, *MARKS])


@given(st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=14).map("".join))
def test_no_script_survives_whatever_is_typed(text: str) -> None:
    harmless(rendered(text, {"anna": "Anna <b>"}))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *italic*", "<p><strong>bold</strong> and <em>italic</em></p>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("```\nx = 1\n```", "<pre><code>x = 1\n</code></pre>"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("3. three", '<ol start="3">\n<li>three</li>\n</ol>'),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        ("two\nlines", "<p>two<br>\nlines</p>"),
        ("# no heading", "<p># no heading</p>"),
        ("see notes.md or a@b.example", "<p>see notes.md or a@b.example</p>"),
    ],
)
def test_the_subset_looks_as_people_expect(text: str, html: str) -> None:
    assert rendered(text, {}).strip() == html


def test_a_link_says_where_it_leads_unless_its_text_does() -> None:
    plain = rendered("https://a.example/x", {})
    assert plain == '<p><a href="https://a.example/x" rel="nofollow noopener">https://a.example/x</a></p>\n'
    assert '<span class="link-place">(a.example)</span>' in rendered("[the offer](https://a.example/x)", {})
    assert "(evil.example)" in rendered("[https://bank.example/](https://evil.example/)", {})
    assert "(evil.example)" in rendered("[https://bank.example/evil.example](https://evil.example/)", {})


def test_what_would_hide_or_reorder_text_is_shown_also_in_code() -> None:
    assert "U+202E" in rendered("pay \u202e05", {})
    assert "U+202E" in rendered("`pay \u202e05`", {})


def test_people_are_shown_by_name_and_what_names_nobody_stays_as_it_was_written() -> None:
    html = rendered("@Anna, see @bruno.", {"anna": "Anna Berg"})
    assert html == '<p><span class="mention" title="anna">@Anna Berg</span>, see @bruno.</p>\n'


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@anna and @anna, @bruno", ["anna", "bruno"]),
        ("(@anna) **@bruno** _@carla_\n- @dora", ["anna", "bruno", "carla", "dora"]),
        ("mail anna@example.com or a/@b", []),
        ("`@anna` and\n```\n@bruno\n```", []),
        ("\\@anna", []),
        ("[@anna](https://a.example/@bruno) https://a.example/@carla", []),
        ("@jan_k_x @rita@example.com", ["jan_k_x", "rita@example.com"]),
        ("@ @, @\n", []),
    ],
)
def test_names_are_found_where_people_mean_them(text: str, names: list[str]) -> None:
    assert named_in(text) == names


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("These are for `**new**` desks.", "These are for **new** desks."),
        ("**Bold**ly *so*,\nand on.", "Boldly so, and on."),
        ("@jonas did we not…", "@Jonas Weber did we not…"),
        ("Ask @jonas. Or @nobody", "Ask @Jonas Weber. Or @nobody"),
        ("- one\n- two\n\n> three\n\n```\ncode <b>\n```", "one two three code <b>"),
        ("See [this](https://a.example/x).", "See this (a.example)."),
    ],
)
def test_in_words_a_comment_has_no_marks_and_full_names(written: str, said: str) -> None:
    assert in_words(written, {"jonas": "Jonas Weber"}) == said
