"""Keyboards, edits and files, as bots in the wild use them."""

from aiogram import F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    KeyboardButton,
    Message,
    ReactionTypeEmoji,
    ReplyKeyboardMarkup,
)

from pictures import DOT

router = Router()
HIDDEN = "\u2063\u2064\u200d\u2062"  # as aiogram_dialog writes what a key of a reply keyboard is about


def keyboard(*labels: str) -> InlineKeyboardMarkup:
    """A button a row, whose data is its label."""
    keys = [[InlineKeyboardButton(text=label, callback_data=f"k:{label}")] for label in labels]
    return InlineKeyboardMarkup(inline_keyboard=keys)


@router.message(Command("age"))
async def age(message: Message) -> None:
    await message.answer("How old?", reply_markup=keyboard("Stop", "Skip"))


@router.message(Command("places"))
async def places(message: Message) -> None:
    await message.answer(
        "Where?", reply_markup=keyboard(*(f"Place {n}" for n in range(1, 21)), "1", ">", "4")
    )


@router.message(Command("days"))
async def days(message: Message) -> None:
    await message.answer("When?", reply_markup=keyboard("Mon", " ", " ", *(f"{n:02}" for n in range(1, 31))))


@router.message(Command("marks"))
async def marks(message: Message) -> None:
    await message.answer("<b>Which?</b>", reply_markup=keyboard("[ ] a", "[ ] b"))


@router.callback_query(F.data.startswith("k:["))
async def mark(query: CallbackQuery) -> None:
    await query.answer()
    told = [row[0].text for row in query.message.reply_markup.inline_keyboard]
    marked = (label.replace("[ ]", "[x]") if query.data.endswith(label) else label for label in told)
    await query.message.edit_reply_markup(reply_markup=keyboard(*marked))


@router.callback_query(F.data.startswith("k:"))
async def picked(query: CallbackQuery) -> None:
    await query.answer()
    await query.message.answer(f"picked {query.data.removeprefix('k:')}")


@router.message(Command("hidden"))
async def hidden(message: Message) -> None:
    keys = [[KeyboardButton(text=f"{label}{HIDDEN}")] for label in ("Buy", "Sell")]
    await message.answer("Which?", reply_markup=ReplyKeyboardMarkup(keyboard=keys))


@router.message(F.text.endswith(HIDDEN))
async def key(message: Message) -> None:
    await message.answer(f"key {message.text.removesuffix(HIDDEN)}")


@router.message(Command("empty"))
async def empty(message: Message) -> None:
    for words in ("", " ", "<b> </b>"):
        try:
            await message.answer(words)
        except TelegramBadRequest as error:
            await message.answer(error.message)


@router.message(Command("raw"))
async def raw(message: Message) -> None:
    sent = await message.answer("<b>as it is</b> & so on", parse_mode=None)
    await sent.copy_to(message.chat.id)


@router.message(Command("picture"))
async def picture(message: Message) -> None:
    sent = await message.answer_photo(BufferedInputFile(DOT, "dot.png"), caption="old")
    changed = await sent.edit_media(InputMediaPhoto(media=BufferedInputFile(DOT, "dot.png"), caption="new"))
    await message.answer(f"a picture: {bool(changed.photo)}")


@router.message(Command("like"))
async def like(message: Message) -> None:
    await message.react([ReactionTypeEmoji(emoji="👍")])
    await (await message.answer("liked")).pin()
    await message.answer("pinned")


@router.message(F.photo)
async def photo(message: Message) -> None:
    await message.answer(f"a photo: {message.photo[-1].file_size}")


@router.message(F.text.regexp(r"^\d+$"))
async def number(message: Message) -> None:
    await message.answer(f"{message.text} years")
