"""What we write is never refused: any text with any choices, held against Meta's rules."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.keyboard import MAX_WORDS, Choice, decode
from bot.channels.whatsapp import compose
from bot.channels.whatsapp.asking import ACTIONS, Question
from tests.fakes import graph_content, graph_rules

letters = st.characters(exclude_categories=["Cs", "Cc"])
words = st.text(letters, min_size=1, max_size=80).filter(str.strip)
long_words = st.builds(lambda text, times: text * times, words, st.sampled_from([1, 20, 400]))
taps = st.builds(Choice, words, data=st.none() | st.text(min_size=1, max_size=16))
pages = st.builds(Choice, words, url=st.just("https://loket.id/f/T0KEN"))
offers = st.lists(taps | pages, max_size=14)


def seen(part: dict[str, Any]) -> graph_rules.Content:
    """What the person sees.  Raises GraphRefusal if Meta would refuse it."""
    return graph_content.read_message({"messaging_product": "whatsapp", "to": "+628", **part})


def labels(offered: list[Choice]) -> list[str]:
    return [" ".join(choice.label.split()) for choice in offered]


def carried(choice: Choice) -> str | None:
    """The label, where the id has room for it; else the platform's own title has to do."""
    return choice.label if len(choice.label.encode()) <= MAX_WORDS else None


@given(long_words, offers)
def test_any_text_with_any_choices_is_taken(text: str, offered: list[Choice]) -> None:
    content = seen(compose.text(text[:4096], offered, "Pilih"))
    reachable = [choice for choice in offered if choice.url is None]
    tapped = [button for button in content.buttons if not button.url]
    if tapped:
        assert len(tapped) == len(reachable)
        for button, choice in zip(tapped, reachable, strict=True):
            tap = decode(button.id)
            assert (tap.data, tap.words) == (
                choice.data,
                None if choice.data is not None else carried(choice),
            )
    elif len(text) < 100:
        for number, label in enumerate(labels(reachable), start=1):
            assert f"{number}. {label}" in content.text
    if len(text) < 100:
        assert text.strip()[:50] in content.text
        for choice in offered:
            assert choice.url is None or choice.url in content.text or content.buttons[0].url == choice.url


@given(st.sampled_from(["image", "document", "video"]), st.just("") | long_words, offers)
def test_any_caption_with_any_choices_is_taken(kind: str, caption: str, offered: list[Choice]) -> None:
    content = seen(compose.media(kind, {"id": "1"}, caption, offered, "Pilih", name="KK 😀.pdf"))
    assert (content.media_id, content.media_kind) == ("1", kind)
    assert caption.strip()[:20] in content.text or len(caption) > 900


@given(st.sampled_from([*ACTIONS]), long_words, offers)
def test_any_question_with_any_other_keys_is_taken(kind: Question, text: str, offered: list[Choice]) -> None:
    content = seen(compose.question(kind, text[:4096], offered))
    assert (content.type, content.buttons[0].asks) == (f"interactive.{kind}", ACTIONS[kind])


filled = st.dictionaries(words, words, min_size=1, max_size=3) | st.none()


@given(long_words, words, words, words, words | st.none(), filled)
def test_any_form_is_taken(
    text: str, button: str, form: str, token: str, screen: str | None, data: dict[str, str] | None
) -> None:
    content = seen(compose.flow(text[:4096], button, form, token, screen, data))
    assert (content.type, content.buttons[0].flow) == ("interactive.flow", form)


def of(*names: str) -> list[Choice]:
    return [Choice(name, data=f"d:{name}") for name in names]


@pytest.mark.parametrize(
    ("offered", "kind"),
    [
        ([], "text"),
        (of("Ya", "Tidak"), "interactive.button"),
        (of("Ya", "Tidak", "Batal"), "interactive.button"),
        (of("Ya", "Tidak", "Batal", "Menu"), "interactive.list"),
        (of("Kartu Keluarga hilang atau rusak"), "interactive.list"),  # would not show whole on a button
        (of(*"abcdefghij"), "interactive.list"),
        (of(*"abcdefghijk"), "text"),
        ([Choice("Isi data", url="https://loket.id/f/T")], "interactive.cta_url"),
        ([Choice("Isi data", url="https://loket.id/f/T"), *of("Batal")], "interactive.button"),
        ([Choice("Profil", url="tg://user?id=1")], "text"),
    ],
)
def test_the_richest_form_that_shows_every_choice(offered: list[Choice], kind: str) -> None:
    assert seen(compose.text("Pilih satu:", offered, "Pilih")).type == kind


def test_a_long_text_has_a_list_where_buttons_would_not_fit() -> None:
    assert seen(compose.text("x" * 1025, of("Ya", "Tidak"), "Pilih")).type == "interactive.list"


def test_eleven_choices_are_numbered_and_none_is_lost() -> None:
    content = seen(compose.text("Layanan:", of(*"abcdefghijk"), "Pilih"))
    assert content.text == "Layanan:\n\n" + "\n".join(
        f"{n}. {c}" for n, c in enumerate("abcdefghijk", start=1)
    )


def test_the_choices_stay_whole_when_the_text_has_to_give_way() -> None:
    content = seen(compose.text("x" * 4096, of(*"abcdefghijk"), "Pilih"))
    assert content.text.endswith(
        "…\n\n" + "\n".join(f"{n}. {c}" for n, c in enumerate("abcdefghijk", start=1))
    )
    assert len(content.text) <= 4096


def test_a_row_too_narrow_for_its_label_shows_it_below() -> None:
    (row,) = seen(compose.text("Pilih", of("Kartu Keluarga hilang atau rusak"), "Pilih")).buttons
    assert (row.title, row.description) == ("Kartu Keluarga hilang a…", "Kartu Keluarga hilang atau rusak")


def test_template_values_are_one_line() -> None:
    part = compose.template("siap_diambil", "id", {"nama": "A\n\tB     C", "nomor": " "})
    values = part["template"]["components"][0]["parameters"]
    assert [(v["parameter_name"], v["text"]) for v in values] == [("nama", "A B C"), ("nomor", "–")]
    assert "components" not in compose.template("halo", "id", {})["template"]
