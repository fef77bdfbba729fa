"""Every sentence of the conversation exists in both languages, with the same facts, rightly spelt."""

import re
from pathlib import Path
from string import Formatter

import pytest

from bot.reading.words import Problem, Verdict
from handlers import citizen
from office.paper_slots import PROBLEMS
from office.spelling import misspellings
from office.words import sentences

CODE = Path(citizen.__file__).parent
OURS = sorted(name for name in sentences("id") if name.startswith("citizen-"))
CALLED = re.compile(r'"(citizen-[a-z_-]+)"')
CALLED_BY_PART = re.compile(r'f"(citizen-[a-z_-]+-)\{')


def facts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def code() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in CODE.glob("*.py"))


def test_both_languages_have_the_same_sentences() -> None:
    assert sorted(name for name in sentences("en") if name.startswith("citizen-")) == OURS


@pytest.mark.parametrize("name", OURS)
def test_a_sentence_says_the_same_facts_in_both_languages(name: str) -> None:
    assert facts(sentences("id")[name]) == facts(sentences("en")[name])


@pytest.mark.parametrize("name", OURS)
def test_only_the_markup_we_know_and_no_misspelling(name: str) -> None:
    for language in ("id", "en"):
        assert not re.sub(r"</?[bi]>", "", sentences(language)[name]).count("<")
    assert not misspellings(sentences("id")[name])


def test_every_sentence_the_code_names_exists() -> None:
    assert set(CALLED.findall(code())) <= set(OURS) | {"citizen-"}


def test_no_sentence_is_left_that_nobody_says() -> None:
    by_part = tuple(CALLED_BY_PART.findall(code()))
    said = set(CALLED.findall(code()))

    assert [name for name in OURS if name not in said and not name.startswith(by_part)] == []


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_reason_of_the_reader_has_its_sentences(language: str) -> None:
    bad = [verdict.value for verdict in Verdict if verdict is not Verdict.READABLE]
    needed = {f"{who}-{verdict}" for who in ("citizen-unreadable", "operator-verdict") for verdict in bad}
    needed |= {f"citizen-papers-{problem.value}" for problem in Problem}
    assert needed <= set(sentences(language))
    assert {problem.value for problem in Problem} <= set(PROBLEMS)
