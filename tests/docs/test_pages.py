"""What is written for people: links lead somewhere, nothing points outside, Indonesian is spelt right."""

import re
from pathlib import Path

import pytest

from office.spelling import misspellings

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
BY_NAME = [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES]
SENTENCES = [*sorted((ROOT / "locales" / "id").glob("*.po")), ROOT / "bot/channels/webchat/page/chat.js"]

LINK = re.compile(r"\]\(([^)\s]+)\)")
OUTSIDE = re.compile(r"\.\./shared|/work/|/home/|/root/|/tmp/")


def anchors(page: Path) -> set[str]:
    """The names under which a page's headings can be linked to, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", BY_NAME)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", BY_NAME)
def test_nothing_points_at_a_place_that_readers_lack(page: Path) -> None:
    assert OUTSIDE.findall(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", BY_NAME)
def test_indonesian_is_spelt_right(page: Path) -> None:
    assert misspellings(page.read_text(encoding="utf-8")) == ()


@pytest.mark.parametrize("sentences", SENTENCES, ids=lambda file: file.name)
def test_the_sentences_are_spelt_right(sentences: Path) -> None:
    assert misspellings(sentences.read_text(encoding="utf-8")) == ()
