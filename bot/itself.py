"""Calls about the bot itself, which concern no chat: answered here, or noted for the channels."""

from typing import Any, Final

from aiogram.methods import (
    Close,
    DeleteMyCommands,
    DeleteWebhook,
    GetMe,
    GetMyCommands,
    GetMyDescription,
    GetMyName,
    GetMyShortDescription,
    GetWebhookInfo,
    LogOut,
    SetMyCommands,
    SetMyDefaultAdministratorRights,
    SetMyDescription,
    SetMyName,
    SetMyShortDescription,
    SetWebhook,
    TelegramMethod,
)
from aiogram.types import (
    BotCommand,
    BotDescription,
    BotName,
    BotShortDescription,
    User,
    WebhookInfo,
)

NAME: Final = "Loket"
NOT_OURS: Final = object()  # the call is about a chat, or about one chat's commands

_OURS_TO_DO: Final = (
    Close,
    DeleteWebhook,
    LogOut,
    SetMyDefaultAdministratorRights,
    SetMyDescription,
    SetMyName,
    SetMyShortDescription,
    SetWebhook,
)  # webhooks and sessions are the channels' own business; a bot's name is set where its account is kept
_HERE: Final = (
    *_OURS_TO_DO,
    GetMe,
    GetMyCommands,
    GetMyDescription,
    GetMyName,
    GetMyShortDescription,
    GetWebhookInfo,
)


class Itself:
    """``commands``: what the menu of the bot holds, as it last said."""

    def __init__(self) -> None:
        self.commands: list[BotCommand] = []

    def answer(self, method: TelegramMethod[Any], bot_id: int) -> Any:
        """The Bot API's answer, or `NOT_OURS`."""
        if isinstance(method, SetMyCommands | DeleteMyCommands):
            return self._set_commands(method)
        return answer(method, bot_id, self.commands)

    def _set_commands(self, method: SetMyCommands | DeleteMyCommands) -> Any:
        if getattr(method.scope, "chat_id", None) is not None:
            return NOT_OURS
        if getattr(method.scope, "type", "default") in ("default", "all_private_chats"):
            self.commands = list(method.commands) if isinstance(method, SetMyCommands) else []
        return True


def is_about_itself(method: TelegramMethod[Any]) -> bool:
    """Whether `answer` has an answer."""
    return isinstance(method, _HERE)


def answer(method: TelegramMethod[Any], bot_id: int, commands: list[BotCommand]) -> Any:
    if isinstance(method, GetMe):
        return User(id=bot_id, is_bot=True, first_name=NAME, username="loket_bot")
    if isinstance(method, GetMyCommands):
        return commands
    if isinstance(method, GetWebhookInfo):
        return WebhookInfo(url="", has_custom_certificate=False, pending_update_count=0)
    if isinstance(method, GetMyName):
        return BotName(name=NAME)
    if isinstance(method, GetMyDescription):
        return BotDescription(description="")
    if isinstance(method, GetMyShortDescription):
        return BotShortDescription(short_description="")
    return True if isinstance(method, _OURS_TO_DO) else NOT_OURS
