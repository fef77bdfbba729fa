"""What channels share that send a method by calls of their own: its file, its parts, their order."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from aiogram.methods import (
    DeleteMessage,
    DeleteMessages,
    DeleteMyCommands,
    EditMessageMedia,
    PinChatMessage,
    SendAnimation,
    SendAudio,
    SendDocument,
    SendPhoto,
    SendVideo,
    SetChatMenuButton,
    SetMyCommands,
    TelegramMethod,
    UnpinAllChatMessages,
    UnpinChatMessage,
)

from bot.channels.base import DeliveryFailed, Fault, HeldFile, ReadFile
from bot.channels.keyboard import CallbackDataTooLong, Choice, choices

Taken = TypeVar("Taken")

# Where nothing can be changed, pinned or set, nothing is lost by leaving it out.
LEFT_OUT: Final = (
    DeleteMessage,
    DeleteMessages,
    DeleteMyCommands,
    PinChatMessage,
    SetChatMenuButton,
    SetMyCommands,
    UnpinAllChatMessages,
    UnpinChatMessage,
)
_SENDS: Final[Mapping[str, Callable[..., TelegramMethod[Any]]]] = {
    # the kind of a file that replaces another → how it would have been sent
    "animation": SendAnimation,
    "audio": SendAudio,
    "document": SendDocument,
    "photo": SendPhoto,
    "video": SendVideo,
}


async def in_order(
    bodies: Sequence[dict[str, Any]], shown: int, send: Callable[[dict[str, Any]], Awaitable[Taken]]
) -> Taken:
    """Send what one method takes, behind the ``shown`` that an earlier try has brought; the last answer.

    Raises: DeliveryFailed, which says how many have been shown by now.
    """
    first = min(shown, len(bodies) - 1)
    for number, body in enumerate(bodies[first:], start=first):
        try:
            taken = await send(body)
        except DeliveryFailed as failure:
            failure.shown = number
            raise
    return taken


def offered(method: TelegramMethod[Any]) -> list[Choice]:
    """The choices of a method's keyboard; of one that Telegram itself would refuse, none."""
    try:
        return choices(getattr(method, "reply_markup", None))
    except CallbackDataTooLong:
        return []


def sent_anew(method: EditMessageMedia) -> TelegramMethod[Any]:
    """The new file of an edit, with its caption, above the edit's keyboard.  Raises: DeliveryFailed."""
    new: Any = method.media
    send = _SENDS.get(new.type)
    if send is None:
        raise DeliveryFailed(Fault.GIVE_UP, "unsupported")
    return send(
        chat_id=method.chat_id or 0,
        caption=new.caption,
        parse_mode=new.parse_mode,
        caption_entities=new.caption_entities,
        reply_markup=method.reply_markup,
        **{new.type: new.media},
    )


async def held_file(given: object, files: ReadFile) -> HeldFile:
    """The file behind one of our ids.  Raises: DeliveryFailed."""
    if not isinstance(given, str):
        raise DeliveryFailed(Fault.GIVE_UP, "file_not_held")
    try:
        return await files(given)
    except FileNotFoundError:
        raise DeliveryFailed(Fault.GIVE_UP, "file_missing") from None
