"""The phones of WhatsApp and Telegram: what a person does becomes the bodies that Meta and Telegram send.

citizen = WhatsAppPhone(graph, f"{app}/webhooks/whatsapp")
await citizen.says("halo")
assert "Selamat" in await citizen.hears()
await citizen.taps("KTP-el hilang")
"""

from tests.phone import NoSuchButton, Phone
from tests.posted_phone import PostedPhone
from tests.telegram_phone import TelegramPhone
from tests.whatsapp_phone import WhatsAppPhone

__all__ = ["NoSuchButton", "Phone", "PostedPhone", "TelegramPhone", "WhatsAppPhone"]
