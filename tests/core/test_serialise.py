"""Every method of aiogram that sends or edits, into a row and back."""

import inspect
import typing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.default import Default, DefaultBotProperties
from aiogram.methods import EditMessageText, SendMediaGroup, SendMessage, SendPhoto, TelegramMethod
from aiogram.types import (
    BufferedInputFile,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from bot.methods import SendTemplate
from bot.serialise import METHODS, FileInMemory, from_row, to_row

BOT = Bot("42:TEST", default=DefaultBotProperties(parse_mode="HTML", protect_content=True))
SPOKEN = sorted(name for name in METHODS if name.startswith(("send", "edit", "delete", "copy", "answer")))

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
simple: dict[Any, st.SearchStrategy[Any]] = {
    str: texts,
    int: st.integers(-(2**53), 2**53),
    bool: st.booleans(),
    float: st.floats(-1e6, 1e6),
    datetime: st.datetimes(
        datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
        datetime(2100, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    timedelta: st.integers(0, 10**6).map(lambda seconds: timedelta(seconds=seconds)),
}
buttons = st.builds(
    InlineKeyboardMarkup,
    inline_keyboard=st.lists(
        st.lists(st.builds(InlineKeyboardButton, text=texts, callback_data=texts), max_size=2), max_size=2
    ),
)


def value_for(annotation: Any) -> st.SearchStrategy[Any] | None:
    """Values of the simple types among an annotation's; None where it holds only others."""
    options = typing.get_args(annotation) or (annotation,)
    if typing.get_origin(annotation) is dict:
        return st.dictionaries(texts, texts, max_size=3)
    if typing.get_origin(annotation) is list:
        inner = value_for(options[0])
        return None if inner is None else st.lists(inner, max_size=3)
    if InlineKeyboardMarkup in options:
        return buttons
    known = [simple[option] for option in options if option in simple]
    return st.one_of(known) if known else None


def methods_of(cls: type[TelegramMethod[Any]]) -> st.SearchStrategy[TelegramMethod[Any]] | None:
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in cls.model_fields.items():
        value = value_for(field.annotation)
        if value is None:
            if field.is_required():
                return None
            continue
        fields[name] = value if field.is_required() else st.none() | value
    return st.fixed_dictionaries(fields).map(
        lambda given: cls(**{name: value for name, value in given.items() if value is not None})
    )


BUILT = {name: built for name in SPOKEN if (built := methods_of(METHODS[name])) is not None}


def meaning(value: Any) -> Any:
    """All that a method or object says, with the bot's defaults filled in."""
    if isinstance(value, Default):
        return meaning(BOT.default[value.name])
    if isinstance(value, BaseModel):
        said = {name: meaning(getattr(value, name)) for name in type(value).model_fields}
        return type(value), {name: part for name, part in said.items() if part is not None}
    if isinstance(value, list):
        return [meaning(item) for item in value]
    return value


def test_nearly_every_method_that_speaks_is_tried() -> None:
    assert len(BUILT) >= 50
    assert {"sendMessage", "sendPhoto", "sendDocument", "editMessageText", "sendLocation"} <= BUILT.keys()


@pytest.mark.parametrize("name", sorted(BUILT))
@settings(max_examples=15)
@given(data=st.data())
def test_it_comes_back_as_it_went(name: str, data: st.DataObject) -> None:
    method = data.draw(BUILT[name])
    row = to_row(method, BOT)
    again = from_row(name, row)
    assert type(again) is type(method)
    assert meaning(again) == meaning(method)
    assert to_row(again, BOT) == row


def test_every_method_of_aiogram_has_its_name() -> None:
    classes = [
        cls
        for _, cls in inspect.getmembers(__import__("aiogram.methods").methods, inspect.isclass)
        if issubclass(cls, TelegramMethod) and cls is not TelegramMethod
    ]
    assert len(METHODS) == len(classes) + 3  # and our own
    assert METHODS["sendTemplate"] is SendTemplate


def test_defaults_are_resolved_when_the_row_is_written() -> None:
    method = SendMessage(chat_id=1, text="<b>x</b>")
    again = from_row("sendMessage", to_row(method, BOT))
    assert isinstance(again, SendMessage)
    assert (again.parse_mode, again.protect_content) == ("HTML", True)
    plain = from_row("sendMessage", to_row(SendMessage(chat_id=1, text="x", parse_mode=None), BOT))
    other = Bot("43:TEST", default=DefaultBotProperties(parse_mode="MarkdownV2"))
    assert getattr(from_row("sendMessage", to_row(plain, other)), "parse_mode", None) != "HTML"


def test_nested_objects_come_back_whole() -> None:
    method = SendMessage(
        chat_id=1,
        text="halo",
        entities=[MessageEntity(type="bold", offset=0, length=4)],
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_parameters=ReplyParameters(message_id=5, allow_sending_without_reply=True),
        reply_markup=ForceReply(force_reply=True, input_field_placeholder="…"),
    )
    assert meaning(from_row("sendMessage", to_row(method, BOT))) == meaning(method)
    group = SendMediaGroup(
        chat_id=1, media=[InputMediaPhoto(media="wa-1", caption="a"), InputMediaDocument(media="wa-2")]
    )
    again = from_row("sendMediaGroup", to_row(group, BOT))
    assert isinstance(again, SendMediaGroup)
    assert [type(item) for item in again.media] == [InputMediaPhoto, InputMediaDocument]
    assert [item.media for item in again.media] == ["wa-1", "wa-2"]


def test_what_no_database_holds_is_replaced() -> None:
    row = to_row(EditMessageText(chat_id=1, message_id=2, text="a\x00b\ud83d"), BOT)
    again = from_row("editMessageText", row)
    assert isinstance(again, EditMessageText)
    assert again.text == "a�b�"


def test_bytes_never_go_into_a_row() -> None:
    photo = BufferedInputFile(b"jpeg", "foto.jpg")
    for method in (
        SendPhoto(chat_id=1, photo=photo),
        SendMediaGroup(chat_id=1, media=[InputMediaPhoto(media=photo), InputMediaPhoto(media="wa-2")]),
    ):
        with pytest.raises(FileInMemory):
            to_row(method, BOT)
