"""aiogram's methods as texts in parts, each under an id that the gateway takes once."""

import hashlib
from datetime import timedelta
from typing import Any, Final

import aiohttp
from aiogram.methods import TelegramMethod

from bot.channels import plain_text
from bot.channels.base import Degree, DeliveryFailed, Fault, ReadFile, Recipient, Sent
from bot.channels.shape import seconds
from bot.channels.sms.errors import FAULTS
from bot.channels.sms.parts import parts
from bot.channels.sms.settings import SmsSettings

PHONE: Final = "phone"  # kind of address: a number in E.164
PATIENCE: Final = aiohttp.ClientTimeout(total=20, connect=10)  # seconds


class SmsSession:
    """A part that may have gone out is simply sent again: nothing here is ever `Fault.UNKNOWN`."""

    def __init__(self, settings: SmsSettings, http: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._http = http

    def degree(self, method: TelegramMethod[Any]) -> Degree:
        return plain_text.degree(method)

    async def deliver(self, method: TelegramMethod[Any], to: Recipient, tag: str, files: ReadFile) -> Sent:
        phone, said, ident = to.value(PHONE), parts(plain_text.words(method)), ""
        if phone is None:
            raise DeliveryFailed(Fault.UNREACHABLE, "no_address")
        for number, text in enumerate(said, start=1):
            print_of = hashlib.sha256(f"{phone} {text}".encode()).hexdigest()[:12]
            ident = f"{tag}-{number}.{len(said)}-{print_of}"
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
            fault = next((fault for fault, codes in FAULTS.items() if status in codes), Fault.GIVE_UP)
            raise DeliveryFailed(fault, f"http_{status}", retry_after=wait)

    async def call(self, verb: str, **content: Any) -> tuple[int, timedelta | None]:
        """The status of a call to ``/messages``, and how long it asks us to wait."""
        who = aiohttp.encode_basic_auth(self._settings.username, self._settings.password.get_secret_value())
        how = {"headers": {"Authorization": who}, "timeout": PATIENCE, "allow_redirects": False, **content}
        async with self._http.request(verb, f"{self._settings.url}/messages", **how) as answer:
            return answer.status, seconds(answer.headers.get("Retry-After"))
