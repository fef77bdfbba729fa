"""aiogram's methods as calls to the Send API."""

from collections import OrderedDict
from typing import Any, Final

from aiogram.methods import SendChatAction, TelegramMethod

from bot.channels.base import AddressKey, Degree, DeliveryFailed, Fault, ReadFile, Recipient, Sent
from bot.channels.keyboard import CallbackDataTooLong
from bot.channels.messenger import compose, degrees
from bot.channels.messenger.errors import BLOCKED, MOST
from bot.channels.messenger.graph import Graph, Taken
from bot.channels.messenger.saying import Saying
from bot.channels.messenger.senders import COMMENT, PSID, REPLIED, key
from bot.channels.sending import in_order
from bot.methods import HandOver, SendTemplate

REMEMBERED: Final = 10_000  # rows


class MessengerSession:
    """``choose``: the words above choices that have none of their own."""

    def __init__(self, graph: Graph, choose: str) -> None:
        self._graph = graph
        self._saying = Saying(graph, choose)
        self._vague: OrderedDict[str, int] = OrderedDict()  # row → how often Meta did not say why

    def degree(self, method: TelegramMethod[Any]) -> Degree:
        return degrees.degree(method)

    async def deliver(self, method: TelegramMethod[Any], to: Recipient, tag: str, files: ReadFile) -> Sent:
        """Files are uploaded first; then each message that the method takes, the tag on the last."""
        if isinstance(method, SendChatAction):
            return await self._typing(to)
        if isinstance(method, HandOver):
            return await self._hand_over(method, to)
        whom = _whom(to)
        try:
            parts = await self._saying.parts(method, tag, files, single=COMMENT_ID in whom)
        except CallbackDataTooLong:
            raise DeliveryFailed(Fault.GIVE_UP, "callback_data_too_long") from None
        parts[0] |= _quote(method, to) if PSID_ID in whom else {}
        parts[-1] |= {"metadata": tag}
        kind = "UTILITY" if isinstance(method, SendTemplate) else "RESPONSE"
        try:
            envelope = {"recipient": whom, "messaging_type": kind}
            bodies = [envelope | {"message": part} for part in parts]
            taken = await in_order(bodies, to.shown, self._graph.send)
        except DeliveryFailed as failure:
            raise self._judged(failure, tag, template=kind == "UTILITY") from None
        self._vague.pop(tag, None)
        return Sent(taken.mid, _learned(taken, whom))

    async def close(self) -> None:
        """The HTTP session belongs to whoever handed it in."""

    def _judged(self, failure: DeliveryFailed, tag: str, *, template: bool) -> DeliveryFailed:
        """What a refusal means in the light of what was sent, and of the tries before."""
        if template and failure.fault is Fault.GIVE_UP:
            return DeliveryFailed(Fault.TEMPLATE_FAULT, failure.code)
        if failure.code != BLOCKED:
            return failure
        refused = self._vague.pop(tag, 0) + 1
        if refused >= MOST:
            return DeliveryFailed(Fault.UNREACHABLE, failure.code, certain=False)
        self._vague[tag] = refused
        if len(self._vague) > REMEMBERED:
            self._vague.popitem(last=False)
        return failure

    async def _typing(self, to: Recipient) -> Sent:
        """Lost without harm, so tried once; only a fault of the whole channel is told."""
        psid = to.value(PSID)
        try:
            for action in ("mark_seen", "typing_on") if psid else ():
                await self._graph.act(psid or "", action)
        except DeliveryFailed as failure:
            if failure.fault is Fault.PAUSE:
                raise
        return Sent(None)

    async def _hand_over(self, method: HandOver, to: Recipient) -> Sent:
        psid = to.value(PSID)
        if psid is None:
            raise DeliveryFailed(Fault.GIVE_UP, "no_conversation")
        await self._graph.pass_on(psid, method.reason)
        return Sent(None)


PSID_ID: Final = "id"  # how a recipient is named: a person …
COMMENT_ID: Final = "comment_id"  # … or whoever wrote a comment, who is answered in private, once


def _whom(to: Recipient) -> dict[str, str]:
    """Raises: DeliveryFailed for nobody, and for a comment that was answered before."""
    if psid := to.value(PSID):
        return {PSID_ID: psid}
    answered = {address.value for address in to.addresses if address.kind == REPLIED}
    comments = [address.value for address in to.addresses if address.kind == COMMENT]
    if waiting := [comment for comment in comments if comment not in answered]:
        return {COMMENT_ID: waiting[-1]}
    if comments:
        raise DeliveryFailed(Fault.GIVE_UP, "comment_answered")
    raise DeliveryFailed(Fault.UNREACHABLE, "no_address")


def _learned(taken: Taken, whom: dict[str, str]) -> tuple[AddressKey, ...]:
    """By a private reply we get to know the person; and their comment takes no other."""
    comment = whom.get(COMMENT_ID)
    return (*key(PSID, taken.psid), AddressKey(REPLIED, comment)) if comment else ()


def _quote(method: TelegramMethod[Any], to: Recipient) -> compose.Part:
    """The message that is answered, where Meta knows it by an id of its own."""
    answers = getattr(method, "reply_parameters", None)
    named = getattr(answers, "message_id", None) or getattr(method, "reply_to_message_id", None)
    mid = to.messages.get(named) if isinstance(named, int) else None
    return {"reply_to": {"mid": mid}} if mid is not None and mid.startswith(("m_", "mid.")) else {}
