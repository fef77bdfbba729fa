"""aiogram's methods as calls to the WhatsApp Cloud API."""

from typing import Any

from aiogram.methods import SendChatAction, SetMessageReaction, TelegramMethod

from bot.channels.base import AddressKey, Degree, DeliveryFailed, Fault, ReadFile, Recipient, Sent
from bot.channels.keyboard import CallbackDataTooLong
from bot.channels.sending import in_order
from bot.channels.whatsapp import compose, degrees
from bot.channels.whatsapp.graph import Graph, Taken
from bot.channels.whatsapp.saying import Saying
from bot.channels.whatsapp.senders import BSUID, WA_ID, keys


class WhatsAppSession:
    """``list_label``: the button that opens a list of choices, at most 20 characters."""

    def __init__(self, graph: Graph, list_label: str) -> None:
        self._graph = graph
        self._saying = Saying(graph, list_label)

    def degree(self, method: TelegramMethod[Any]) -> Degree:
        return degrees.degree(method)

    async def deliver(self, method: TelegramMethod[Any], to: Recipient, tag: str, files: ReadFile) -> Sent:
        """Files are uploaded first.  Where one message has no room for the words, a second one follows."""
        if isinstance(method, SendChatAction):
            return await self._typing(to)
        if isinstance(method, SetMessageReaction):
            return await self._react(method, to, tag)
        envelope = _envelope(to, tag)
        try:
            parts = await self._saying.parts(method, files)
        except CallbackDataTooLong:
            raise DeliveryFailed(Fault.GIVE_UP, "callback_data_too_long") from None
        parts[0] |= _quote(method, to)
        taken = await in_order([envelope | part for part in parts], to.shown, self._graph.send)
        return Sent(taken.wamid, _learned(taken, to))

    async def close(self) -> None:
        """The HTTP session belongs to whoever handed it in."""

    async def _typing(self, to: Recipient) -> Sent:
        """Under the last thing the person said; where we do not know it, nothing is shown."""
        if to.last is not None:
            await self._adorn({"messaging_product": "whatsapp"} | compose.read_and_typing(to.last))
        return Sent(None)

    async def _react(self, method: SetMessageReaction, to: Recipient, tag: str) -> Sent:
        about, emoji = to.messages.get(method.message_id), degrees.emoji(method)
        if about is not None and emoji is not None:
            await self._adorn(_envelope(to, tag) | compose.reaction(about, emoji))
        return Sent(None)

    async def _adorn(self, payload: compose.Part) -> None:
        """What is lost without harm is tried once; only a fault of the whole channel is told."""
        try:
            await self._graph.mark(payload)
        except DeliveryFailed as failure:
            if failure.fault is Fault.PAUSE:
                raise


def _envelope(to: Recipient, tag: str) -> compose.Part:
    """To the number with a plus: without one Meta may put the office's own country code before it."""
    whole = {"messaging_product": "whatsapp", "recipient_type": "individual", "biz_opaque_callback_data": tag}
    phone, bsuid = to.value(WA_ID), to.value(BSUID)
    if phone:
        return whole | {"to": "+" + phone.lstrip("+")}
    if bsuid:
        return whole | {"recipient": bsuid}
    raise DeliveryFailed(Fault.UNREACHABLE, "no_address")


def _quote(method: TelegramMethod[Any], to: Recipient) -> compose.Part:
    """The message that is answered, where the platform knows it."""
    answers = getattr(method, "reply_parameters", None)
    named = getattr(answers, "message_id", None) or getattr(method, "reply_to_message_id", None)
    quoted = to.messages.get(named) if isinstance(named, int) else None
    return {"context": {"message_id": quoted}} if quoted else {}


def _learned(taken: Taken, to: Recipient) -> tuple[AddressKey, ...]:
    """What the answer tells of the person besides: Meta's own spelling of the number, an id we lacked.

    Another id than the one we know is of a person who got the number after ours: nothing is learned from it.
    """
    ids = {address.value for address in to.addresses if address.kind == BSUID}
    if ids and taken.user_id and taken.user_id not in ids:
        return ()
    told = keys(ids=[taken.user_id], phones=[taken.wa_id])
    return tuple(key for key in told if key not in to.addresses)
