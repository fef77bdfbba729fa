"""Telegram's formatted text on WhatsApp and in plain words."""

import html

import pytest
from aiogram.client.default import Default
from aiogram.types import MessageEntity
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.markup import to_plain, to_whatsapp

HTML = [
    ("<b>Nomor</b>: <code>K7Q2-M9FD-X</code>", "*Nomor*: `K7Q2-M9FD-X`", "Nomor: K7Q2-M9FD-X"),
    ("<b> Siap </b>diambil", "*Siap* diambil", "Siap diambil"),
    ("<b>satu\ndua</b>", "*satu*\n*dua*", "satu\ndua"),
    ("<b><i>dua</i></b>", "*_dua_*", "dua"),
    ("<b>a <i>b</i> c</b>", "*a _b_ c*", "a b c"),
    ("<i>a <b>b</b></i> c", "_a *b*_ c", "a b c"),
    ("<s>lama</s> <u>baru</u>", "~lama~ baru", "lama baru"),
    ("<blockquote>kata\nwarga</blockquote>", "> kata\n> warga", "kata\nwarga"),
    (
        '<a href="https://x.id/f">Isi di sini</a>',
        "Isi di sini (https://x.id/f)",
        "Isi di sini (https://x.id/f)",
    ),
    ('<a href="https://x.id">https://x.id</a>', "https://x.id", "https://x.id"),
    ('<a href="tg://user?id=42">Petrus</a>', "Petrus", "Petrus"),
    ("Lobalain &amp; Rote &lt;Barat&gt;", "Lobalain & Rote <Barat>", "Lobalain & Rote <Barat>"),
    ("<b>a*b</b>", "a*b", "a*b"),
    ("<b></b>kosong<i> </i>", "kosong", "kosong"),
    ("<code>*x*</code>", "`*x*`", "*x*"),
    ("nama <Budi> x", "nama <Budi> x", "nama <Budi> x"),
    ("3 < 4 dan 5 > 2", "3 < 4 dan 5 > 2", "3 < 4 dan 5 > 2"),
    ("tanda <b>terbuka", "tanda *terbuka*", "tanda terbuka"),
]


@pytest.mark.parametrize(("text", "on_whatsapp", "plain"), HTML)
def test_html(text: str, on_whatsapp: str, plain: str) -> None:
    assert to_whatsapp(text, "HTML") == on_whatsapp
    assert to_plain(text, "HTML") == plain


@pytest.mark.parametrize(
    ("text", "on_whatsapp"),
    [
        (r"*tebal* _miring_ 1\.000", "*tebal* _miring_ 1.000"),
        (r"__garis__ ||rahasia|| ~coret~", "garis rahasia ~coret~"),
        ("[Peta](https://x.id)", "Peta (https://x.id)"),
        ("```\nkode *x*\n```", "`kode *x*`"),
        ("harga_satuan", "harga_satuan"),
    ],
)
def test_markdown(text: str, on_whatsapp: str) -> None:
    assert to_whatsapp(text, "MarkdownV2") == on_whatsapp


def test_entities_count_utf16_units() -> None:
    text = "😀 Nomor Anda"
    bold = MessageEntity(type="bold", offset=3, length=5)
    link = MessageEntity(type="text_link", offset=9, length=4, url="https://x.id")
    assert to_whatsapp(text, None, [bold, link]) == "😀 *Nomor* Anda (https://x.id)"


@given(st.text())
def test_text_without_a_mode_stays_as_it_is(text: str) -> None:
    assert to_whatsapp(text) == text.strip()
    assert to_whatsapp(text, Default("parse_mode")) == text.strip()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_escaped_text_loses_nothing(text: str) -> None:
    assert to_plain(html.escape(text), "HTML") == text.strip()


@given(
    st.text(alphabet="ab <>/&;b\n*_~`\"='!?-[]", max_size=60),
    st.sampled_from(["HTML", "MarkdownV2", "Markdown"]),
)
def test_no_text_is_too_odd(text: str, mode: str) -> None:
    to_whatsapp(text, mode)
    letters = sorted(letter for letter in to_plain(text, "MarkdownV2") if letter == "a")
    assert letters == sorted(letter for letter in text if letter == "a")
