"""What we write is never refused: any text with any choices, held against Meta's rules."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.keyboard import MAX_WORDS, Choice
from bot.channels.messenger import compose, payloads
from bot.channels.messenger.caps import TEXT_LIMIT
from tests.fakes import messenger_rules

TAG = "4711"
letters = st.characters(exclude_categories=["Cs", "Cc"])
words = st.text(letters, min_size=1, max_size=80).filter(str.strip)
long_words = st.builds(lambda text, times: text * times, words, st.sampled_from([1, 20, 400]))
taps = st.builds(Choice, words, data=st.none() | st.text(min_size=1, max_size=16))
pages = st.builds(
    Choice,
    words,
    url=st.sampled_from(["https://loket.id/f/T0KEN", "tg://user?id=1", "https://a b", "http://["]),
)
offers = st.lists(taps | pages, max_size=16)


def seen(parts: list[dict[str, Any]]) -> list[messenger_rules.Content]:
    """What the person sees.  Raises MessengerRefusal if Meta would refuse it."""
    return [messenger_rules.read_message({**part, "metadata": TAG}) for part in parts]


def labels(offered: list[Choice]) -> list[str]:
    return [" ".join(choice.label.split()) for choice in offered]


def carried(choice: Choice) -> str | None:
    """The label, where the payload has room for it; else Messenger's own title has to do."""
    return choice.label if choice.data is None and len(choice.label.encode()) <= MAX_WORDS else None


def comes_back(content: messenger_rules.Content, offered: list[Choice]) -> bool:
    """Whether all that can be tapped under this message is all that was offered, with its data."""
    tapped = [payloads.read(button.id) for button in content.buttons if not button.url]
    return [(one.tap.data, one.tap.words, one.outbox) for one in tapped] == [
        (choice.data, carried(choice), int(TAG)) for choice in offered if choice.url is None
    ]


@given(long_words, offers)
def test_any_text_with_any_choices_is_taken(text: str, offered: list[Choice]) -> None:
    *first, last = seen(compose.texts(text[:4096], offered, TAG))
    assert all(not content.buttons for content in first)
    reachable = [choice for choice in offered if choice.url is None]
    whole = "\n".join(content.text for content in (*first, last))
    if [button for button in last.buttons if not button.url]:
        assert comes_back(last, offered)
    for number, label in enumerate(labels(reachable), start=1):
        assert label in [b.title for b in last.buttons] or f"{number}. " in whole
    if len(text) < 100:
        assert text.strip()[:50] in whole
        for choice in offered:
            url = choice.url or ""
            shown = url in whole or url in [button.url for button in last.buttons]
            assert shown or not url.startswith("https://loket")


@given(long_words, offers)
def test_one_message_is_enough_where_only_one_is_allowed(text: str, offered: list[Choice]) -> None:
    (content,) = seen(compose.texts(text[:4096], offered, TAG, single=True))
    assert content.text.strip()
    assert not any(not button.url for button in content.buttons) or comes_back(content, offered)


@given(st.integers(1, 4), st.just("") | long_words, offers)
def test_any_files_with_any_words_and_choices_are_taken(count: int, text: str, offered: list[Choice]) -> None:
    pictures = [compose.file("image", {"attachment_id": str(n)}) for n in range(1, count + 1)]
    told = seen(compose.files(pictures, text, offered, TAG))
    (shown,) = [content for content in told if content.files]
    assert [ref.attachment_id for ref in shown.files] == [str(n) for n in range(1, count + 1)]
    under = [content for content in told if any(not button.url for button in content.buttons)]
    assert len(under) <= 1 and all(content is told[-1] and comes_back(content, offered) for content in under)
    if text and len(text) < 100:
        assert any(text.strip()[:50] in content.text for content in told)


def of(*names: str) -> list[Choice]:
    return [Choice(name, data=f"d:{name}") for name in names]


LINK = Choice("Isi data di halaman kami sekarang", url="https://loket.id/f/T")
LONG = "Kartu Keluarga hilang atau rusak"


@pytest.mark.parametrize(
    ("offered", "kind", "titles"),
    [
        ([], "text", []),
        (of("Ya", "Tidak"), "template.button", ["Ya", "Tidak"]),
        (of("Ya", "Tidak", "Batal"), "template.button", ["Ya", "Tidak", "Batal"]),
        (of("Ya", "Tidak", "Batal", "Menu"), "text", ["Ya", "Tidak", "Batal", "Menu"]),
        (of(LONG), "text", ["Kartu Keluarga hila…"]),
        (of(*"abcdefghijklm"), "text", [*"abcdefghijklm"]),
        (of(*"abcdefghijklmn"), "text", []),
        ([LINK], "template.button", ["Isi data di halaman…"]),
        ([LINK, *of("Batal")], "template.button", ["Isi data di halaman…", "Batal"]),
        ([LINK, *of("Ya", "Tidak", "Batal")], "text", ["Ya", "Tidak", "Batal"]),
        ([Choice("Profil", url="tg://user?id=1")], "text", []),
        (of("Ya", "Ya"), "template.button", ["Ya", "Ya (2)"]),
    ],
)
def test_the_richest_form_that_shows_every_choice(
    offered: list[Choice], kind: str, titles: list[str]
) -> None:
    (content,) = seen(compose.texts("Pilih satu:", offered, TAG))
    assert (content.type, [button.title for button in content.buttons]) == (kind, titles)


def test_a_label_too_long_for_a_quick_reply_is_read_above_it() -> None:
    (content,) = seen(compose.texts("Layanan:", of(LONG, "Batal"), TAG))
    assert content.text == f"Layanan:\n\n1. {LONG}\n2. Batal"


def test_a_link_that_does_not_fit_beside_three_choices_is_a_line() -> None:
    (content,) = seen(compose.texts("Pilih", [LINK, *of("Ya", "Tidak", "Batal")], TAG))
    assert content.text.endswith(f"{LINK.label}: {LINK.url}")


def test_fourteen_choices_are_numbered_and_none_is_lost() -> None:
    (content,) = seen(compose.texts("Layanan:", of(*"abcdefghijklmn"), TAG))
    lines = (f"{number}. {letter}" for number, letter in enumerate("abcdefghijklmn", start=1))
    assert content.text == "Layanan:\n\n" + "\n".join(lines)


@pytest.mark.parametrize("count", [640, 641, 2000])
def test_buttons_give_way_to_quick_replies_under_a_longer_text(count: int) -> None:
    (content,) = seen(compose.texts("x" * count, of("Ya", "Tidak"), TAG))
    assert content.type == ("template.button" if count == 640 else "text")
    assert comes_back(content, of("Ya", "Tidak"))


def test_a_long_text_is_cut_at_its_lines_and_the_last_part_has_the_buttons() -> None:
    lines = [f"Baris {number}: permohonan Bapak/Ibu diproses." for number in range(150)]
    told = seen(compose.texts("\n".join(lines), of("Ya", "Tidak"), TAG))
    assert [line for content in told for line in content.text.split("\n")] == lines
    assert [bool(content.buttons) for content in told] == [False] * (len(told) - 1) + [True]
    assert all(len(one.text) + len(two.text) > TEXT_LIMIT // 2 for one, two in pairwise(told))


def test_words_about_a_file_come_after_it_but_choices_stand_last() -> None:
    photo = compose.file("image", {"attachment_id": "1"})
    plain = seen(compose.files([photo], "KTP lama", [], TAG))
    assert [content.type for content in plain] == ["image", "text"]
    asked = seen(compose.files([photo], "Foto ini?", of("Ya", "Tidak"), TAG))
    assert [content.type for content in asked] == ["text", "image"]
    assert [button.title for button in asked[1].buttons] == ["Ya", "Tidak"]


def test_a_template_s_values_are_one_line_in_their_order() -> None:
    part = compose.template("siap_diambil", "id", {"nomor": "A\n\tB     C", "nama": " "})
    payload = part["attachment"]["payload"]
    assert payload["template_type"] == "utility_messages"
    assert [value["text"] for value in payload["components"][0]["parameters"]] == ["A B C", "–"]
    assert "components" not in compose.template("halo", "id", {})["attachment"]["payload"]
