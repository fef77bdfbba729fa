"""The conversation that every bot on the bench holds, and the webhooks that carry it.

/start N → menu N        a name → confirm NAME        yes → done NAME
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Final

APP_SECRET: Final = "bench-app-secret"
TELEGRAM_SECRET: Final = "bench-secret-token"
NUMBER: Final = "106540352242922"
PAGE: Final = "107721348912345"

Webhook = tuple[bytes, bytes]  # body, headers


def said_and_expected(number: int, person: str) -> tuple[tuple[str, str], ...]:
    name = f"Warga {person[-5:]}-{number}"
    return (f"/start {number}", f"menu {number}"), (name, f"confirm {name}"), ("yes", f"done {name}")


def telegram(number: int, person: str, said: str) -> Webhook:
    message: dict[str, object] = {
        "message_id": number,
        "date": int(time.time()),
        "chat": {"id": int(person), "type": "private", "first_name": "Warga"},
        "from": {"id": int(person), "is_bot": False, "first_name": "Warga", "language_code": "id"},
        "text": said,
    }
    if said.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(said.split(maxsplit=1)[0])}]
    body = json.dumps({"update_id": number, "message": message}).encode()
    return body, f"X-Telegram-Bot-Api-Secret-Token: {TELEGRAM_SECRET}\r\n".encode()


def whatsapp(number: int, person: str, said: str) -> Webhook:
    message = {
        "from": person,
        "id": f"wamid.in{number}",
        "timestamp": str(int(time.time())),
        "type": "text",
        "text": {"body": said},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "62", "phone_number_id": NUMBER},
        "contacts": [{"wa_id": person, "profile": {"name": "Warga"}}],
        "messages": [message],
    }
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    return _signed({"object": "whatsapp_business_account", "entry": [entry]})


def messenger(number: int, person: str, said: str) -> Webhook:
    now = int(time.time() * 1000)
    event = {
        "sender": {"id": person},
        "recipient": {"id": PAGE},
        "timestamp": now,
        "message": {"mid": f"m_in{number}", "text": said},
    }
    return _signed({"object": "page", "entry": [{"id": PAGE, "time": now, "messaging": [event]}]})


def _signed(content: object) -> Webhook:
    body = json.dumps(content).encode()
    signature = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return body, f"X-Hub-Signature-256: sha256={signature}\r\n".encode()


WEBHOOKS: Final[dict[str, Callable[[int, str, str], Webhook]]] = {
    "telegram": telegram,
    "whatsapp": whatsapp,
    "messenger": messenger,
}
