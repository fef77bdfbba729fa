"""aiogram's methods as texts; keyboards as numbered lines, which the core understands when one is typed."""

import hashlib
from typing import Any, Final

import aiohttp
from aiogram import methods
from aiogram.methods import TelegramMethod

from bot.channels.base import Degree, DeliveryFailed, Fault, ReadFile, Recipient, Sent
from bot.channels.keyboard import CallbackDataTooLong, choices, linked, numbered
from bot.channels.markup import to_plain
from bot.channels.sms.parts import parts
from bot.channels.sms.settings import SmsSettings
from bot.methods import SendTemplate

PHONE: Final = "phone"  # kind of address: a number in E.164
_TEXTS: Final = (methods.SendMessage, SendTemplate)
_IN_WORDS: Final = (
    methods.EditMessageText, methods.SendLocation, methods.SendVenue, methods.SendContact
)  # fmt: skip
_COSMETIC: Final = (
    methods.AnswerCallbackQuery, methods.DeleteMessage, methods.DeleteMessages, methods.DeleteMyCommands,
    methods.EditMessageReplyMarkup, methods.PinChatMessage, methods.SendChatAction, methods.SetChatMenuButton,
    methods.SetMessageReaction, methods.SetMyCommands, methods.UnpinChatMessage,
)  # fmt: skip

FAULTS: Final = {
    # HTTP status of the gateway → what it asks for.  An id it has already (409) is no fault: see `deliver`.
    400: Fault.GIVE_UP,  # not a number it can write to, or an empty text
    401: Fault.PAUSE, 403: Fault.PAUSE, 404: Fault.PAUSE,
    408: Fault.RETRY, 429: Fault.RETRY, 500: Fault.RETRY, 502: Fault.RETRY, 503: Fault.RETRY, 504: Fault.RETRY,
}  # fmt: skip
PATIENCE: Final = aiohttp.ClientTimeout(total=20, connect=10)  # seconds


class SmsSession:
    """The gateway takes each id once: a part that may have gone out is simply sent again under its own."""

    def __init__(self, settings: SmsSettings, http: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._http = http

    def degree(self, method: TelegramMethod[Any]) -> Degree:
        if isinstance(method, _TEXTS):
            return Degree.DEGRADED if getattr(method, "reply_markup", None) else Degree.NATIVE
        if isinstance(method, _IN_WORDS):
            return Degree.DEGRADED
        return Degree.COSMETIC if isinstance(method, _COSMETIC) else Degree.REFUSED

    async def deliver(self, method: TelegramMethod[Any], to: Recipient, tag: str, files: ReadFile) -> Sent:
        phone, said = to.value(PHONE), parts(_words(method))
        if phone is None:
            raise DeliveryFailed(Fault.UNREACHABLE, "no_address")
        if said == [""]:
            raise DeliveryFailed(Fault.GIVE_UP, "empty_text")
        ident = ""
        for number, text in enumerate(said, start=1):
            ident = f"{tag}-{number}.{len(said)}-{hashlib.sha256(f'{phone} {text}'.encode()).hexdigest()[:12]}"
            await self._post({"id": ident, "phoneNumbers": [phone], "textMessage": {"text": text}})
        return Sent(ident)

    async def close(self) -> None:
        """The HTTP session belongs to whoever handed it in."""

    async def _post(self, message: dict[str, Any]) -> None:
        try:
            status, wait = await self.call("POST", json={"withDeliveryReport": True, **message})
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            raise DeliveryFailed(Fault.RETRY, "no_answer") from None
        if status != 409 and not 200 <= status < 300:
            raise DeliveryFailed(FAULTS.get(status, Fault.GIVE_UP), f"http_{status}", retry_after=wait)

    async def call(self, verb: str, **content: Any) -> tuple[int, Any]:
        """The status of a call to ``/messages``, and how long it asks us to wait."""
        door = aiohttp.BasicAuth(self._settings.username, self._settings.password.get_secret_value())
        where = f"{self._settings.url}/messages"
        async with self._http.request(verb, where, auth=door, timeout=PATIENCE, **content) as answer:
            return answer.status, seconds(answer.headers.get("Retry-After"))


def _words(method: TelegramMethod[Any]) -> str:
    """What a method says, without markup; its choices below, numbered."""
    fields = method.model_dump(include={"text", "title", "address", "phone_number", "first_name"}, exclude_none=True)
    said = to_plain(fields.pop("text", ""), getattr(method, "parse_mode", "HTML"), getattr(method, "entities", None))
    if isinstance(method, methods.SendLocation | methods.SendVenue):
        fields["map"] = f"https://www.openstreetmap.org/?mlat={method.latitude}&mlon={method.longitude}"
    try:
        offered = choices(getattr(method, "reply_markup", None))
    except CallbackDataTooLong:
        raise DeliveryFailed(Fault.GIVE_UP, "callback_data_too_long") from None
    return "\n".join(filter(None, [said, *map(str, fields.values()), linked(offered), numbered(offered)]))
