"""Formatted text for the page: a handful of tags, everything else as it was typed."""

import html as stdlib_html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.webchat import html

LINK = '<a href="https://x.id/" target="_blank" rel="noopener noreferrer nofollow">'


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("<b>Nomor</b> K7Q2", "<b>Nomor</b> K7Q2"),
        (
            "<strong>a</strong><em>b</em><ins>c</ins><del>d</del><pre>e</pre>",
            "<b>a</b><i>b</i><u>c</u><s>d</s><code>e</code>",
        ),
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("Maria &amp; Yohana &lt;3", "Maria &amp; Yohana &lt;3"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("<b onclick='x'>a</b>", "<b>a</b>"),
        ('<a href="https://x.id/">di sini</a>', f"{LINK}di sini</a>"),
        ("<a href='https://x.id/'>di sini</a>", f"{LINK}di sini</a>"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ('<a href="java&#115;cript:alert(1)">x</a>', "x"),
        ('<a href="//x.id">x</a>', "x"),
        ('<a href="https://x.id/&quot; onmouseover=&quot;x">y</a>', "y"),
        ("<b>tanpa akhir", "<b>tanpa akhir</b>"),
        ("<b>a<i>b</b>c</i>", "<b>a<i>b</i></b><i>c</i>"),
        ("</b></a>x", "x"),
        ("<blockquote>kutipan</blockquote><tg-spoiler>x</tg-spoiler>", "kutipanx"),
        ("<!-- a --><?b?>", "&lt;!-- a --&gt;&lt;?b?&gt;"),
        ("buka https://x.id/, ya", f"buka {LINK}https://x.id/</a>, ya"),
        ("<code>https://x.id/</code>", "<code>https://x.id/</code>"),
    ],
)
def test_html_of_handlers(told: str, shown: str) -> None:
    assert html.safe(told) == shown


def test_entities_win_and_count_utf16() -> None:
    entities = [{"type": "bold", "offset": 3, "length": 4}]
    assert html.of("👍 <kuat>", "HTML", entities) == "👍 <b>&lt;kua</b>t&gt;"


def test_markdown_is_shown_plain() -> None:
    assert html.of(r"*Nomor* 1\.2 <b>", "MarkdownV2", None) == "Nomor 1.2 &lt;b&gt;"


def test_no_mode_is_no_markup() -> None:
    assert html.of("<b>a</b>", None, None) == "&lt;b&gt;a&lt;/b&gt;"


PIECES = st.sampled_from(
    [
        *("<b>", "</b>", "<i>", "</i>", "</a>", "<code>", "</code>", "<script>", "<svg/onload=x>", "<B\nx>"),
        *(
            '<a href="https://x.id/">',
            "<a href='javascript:x'>",
            '"><img src=x>',
            "https://x.id",
            "<!--",
            "-->",
        ),
        *(
            "<",
            ">",
            '"',
            "'",
            "&",
            "&lt;",
            "&#60;",
            "&amp;lt;",
            "<b",
            "<a href=",
            "<![CDATA[",
            "\n",
            " ",
            "\x00",
        ),
    ]
)
TELEGRAM = st.lists(PIECES | st.text(max_size=8), max_size=30).map("".join)
OURS = re.compile(
    r"<(?:(/?)(b|i|u|s|code|a)"
    r'|a href="(https?://[^"<>\s]*)" target="_blank" rel="noopener noreferrer nofollow")>'
)


@settings(max_examples=400)
@given(TELEGRAM)
def test_nothing_but_our_tags_survives_and_they_are_well_nested(told: str) -> None:
    shown = html.safe(told)
    opened: list[str] = []
    for tag in OURS.finditer(shown):
        closing, name = tag[1], tag[2] or "a"
        if closing:
            assert opened.pop() == name
        else:
            assert tag[2] != "a"  # a link without an address
            opened.append(name)
    assert opened == []
    words = OURS.sub("", shown)
    assert not set(words) & set("<>\"'")
    assert not re.search(r"&(?!(?:amp|lt|gt|quot|#x27);)", words)


@settings(max_examples=400)
@given(st.text())
def test_plain_words_stay_the_same_words(told: str) -> None:
    shown = html.plain(told)
    assert stdlib_html.unescape(re.sub(r"</?a[^>]*>", "", shown)) == told


@settings(max_examples=300)
@given(TELEGRAM)
def test_what_is_safe_stays_as_it_is(told: str) -> None:
    once = html.safe(told)
    assert html.safe(once) == once
