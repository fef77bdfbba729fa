"""What the tests of WhatsApp's outgoing side hand in: files, keyboards, a person, and the call itself."""

from typing import Any

import pytest
from aiogram.methods import SendMessage, TelegramMethod
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.base import Degree, DeliveryFailed, HeldFile, Recipient, Sent
from bot.channels.whatsapp.adapter import WhatsAppAdapter
from tests.channels.office import Shelf, on_whatsapp
from tests.fakes import pictures

CHAT = 2**52 + 5


def shelf() -> Shelf:
    return Shelf(
        {
            "foto": HeldFile(pictures.jpeg(1), "image/jpeg", "KTP.jpg"),
            "pdf": HeldFile(pictures.pdf(1), "application/pdf", "KK keluarga.pdf"),
            "stiker": HeldFile(pictures.sticker(1), "image/webp", "stiker.webp"),
            "suara": HeldFile(pictures.ogg_voice(1), "audio/ogg", "suara.ogg"),
            "besar": HeldFile(pictures.huge(1, size=6 * 1024**2), "image/jpeg", "besar.jpg"),
            "kosong": HeldFile(b"", "image/jpeg", "kosong.jpg"),
            "film": HeldFile(b"\0\0\0\x18ftypmp42", "video/mp4", "film.mp4"),
            "gerak": HeldFile(pictures.gif(1), "image/gif", "gerak.gif"),
            "lagu": HeldFile(b"ID3\4" + bytes(60), "audio/mpeg", "lagu.mp3"),
            "arsip": HeldFile(b"PK\3\4" + bytes(60), "application/zip", "arsip.zip"),
            "hampa": HeldFile(b"", "application/pdf", "hampa.pdf"),
        }
    )


def keyboard(*labels: str) -> InlineKeyboardMarkup:
    rows = [[InlineKeyboardButton(text=label, callback_data=f"d:{label}")] for label in labels]
    return InlineKeyboardMarkup(inline_keyboard=rows)


async def deliver(adapter: WhatsAppAdapter, method: TelegramMethod[Any], to: Recipient | None = None) -> Sent:
    assert adapter.session.degree(method) is not Degree.REFUSED
    return await adapter.session.deliver(method, to or on_whatsapp(), "4711", shelf().read)


async def fails(
    adapter: WhatsAppAdapter, method: TelegramMethod[Any], to: Recipient | None = None
) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failed:
        await deliver(adapter, method, to)
    assert failed.value.__cause__ is None  # nothing with a header or a text in it hangs on
    return failed.value


def text(words: str = "Halo", **more: Any) -> SendMessage:
    return SendMessage(chat_id=CHAT, text=words, **more)
