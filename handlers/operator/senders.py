"""``/pengirim``: who sends for many people, or more than a day takes.  It is shown, nothing more."""

from datetime import datetime

from aiogram import Router
from aiogram.types import Message

from handlers.operator.commands import called
from models.staff import Staff
from office.places import channel_name
from office.senders import LATELY, Sender, notable
from office.words import plain, say


async def list_senders(message: Message, staff: Staff, now: datetime) -> None:
    found = await notable(staff, now)
    if not found:
        await message.answer(say("operator-senders-none", days=LATELY.days))
        return
    await message.answer("\n".join([say("operator-senders"), *map(_line, found)]))


def router() -> Router:
    here = Router(name="operator.senders")
    here.message.register(list_senders, called("pengirim"))
    return here


def _line(sender: Sender) -> str:
    why = [plain(f"operator-sender-{what}") for what in sender.reached]
    if sender.strangers:
        why.insert(0, plain("operator-sender-strangers", count=sender.strangers, days=LATELY.days))
    return say(
        "operator-sender",
        contact=sender.contact_id,
        channels=", ".join(map(channel_name, sender.channels)) or "–",
        why="; ".join(why),
        numbers=", ".join(f"#{number}" for number in sender.numbers) or "–",
    )
