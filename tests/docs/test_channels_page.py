"""docs/channels.md says what the code does."""

from aiogram.methods import TelegramMethod

from bot.serialise import METHODS
from tests.docs.channels_page import PAGE, page
from tests.docs.samples import built


async def test_the_page_is_what_the_code_would_write() -> None:
    assert PAGE.read_text(encoding="utf-8") == await page(), "run `make docs` and commit docs/channels.md"


def test_every_method_can_be_made_to_ask_about() -> None:
    made = {name: built(kind) for name, kind in METHODS.items()}
    assert len(made) > 180
    assert all(isinstance(method, TelegramMethod) for method in made.values())


async def test_the_page_names_every_method() -> None:
    text = await page()
    assert [name for name in METHODS if f"`{name}`" not in text] == []
