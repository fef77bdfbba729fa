"""Texts that no message holds: cut where a reader would, nothing lost."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.longtext import LONGEST, pieces

words = st.text("abcde é😀", min_size=1, max_size=400)


@given(st.lists(words, max_size=30).map("\n".join), st.integers(100, 400))
def test_pieces_fit_and_hold_every_word(text: str, limit: int) -> None:
    parts = pieces(text, limit)
    assert all(len(part) <= limit for part in parts)
    assert "".join(parts).replace("\n", "").replace(" ", "") == text.replace("\n", "").replace(" ", "")


def test_a_text_that_fits_is_left_alone() -> None:
    text = "x" * LONGEST
    assert pieces(text, LONGEST) == [text]
    assert pieces("", LONGEST) == [""]


def test_it_is_cut_at_a_line_end_before_a_space() -> None:
    lines = "\n".join(f"{n} baris yang panjangnya biasa saja" for n in range(20))
    for part in pieces(lines, 200):
        assert part.endswith("saja")


@given(st.lists(st.sampled_from(["<b>", "</b>", "<i>", "</i>", "kata ", "x" * 60]), max_size=60))
def test_a_tag_open_at_a_cut_is_closed_and_opened_again(parts: list[str]) -> None:
    opened: list[str] = []
    text = ""
    for part in parts:  # well nested, as `say` writes it
        if part.startswith("</"):
            if not opened or opened[-1] != part[2]:
                continue
            opened.pop()
        elif part.startswith("<"):
            if part[1] in opened:
                continue
            opened.append(part[1])
        text += part
    text += "".join(f"</{tag}>" for tag in reversed(opened))
    for piece in pieces(text, 120):
        depth: list[str] = []
        for closing, tag in re.findall(r"<(/?)([bi])>", piece):
            if closing:
                assert depth.pop() == tag
            else:
                depth.append(tag)
        assert depth == []


def test_no_cut_goes_through_a_tag_or_an_entity() -> None:
    for before in range(60, 100):
        cut = pieces("x" * before + "&amp;" * 30, 120)
        assert "".join(cut) == "x" * before + "&amp;" * 30
        assert all(part.count("&") == part.count(";") for part in cut)
        assert all(
            "<" not in part.replace("<i>", "").replace("</i>", "")
            for part in pieces("x" * before + "<i>y</i>" * 20, 120)
        )
