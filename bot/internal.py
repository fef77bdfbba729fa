"""Events of our own pages: a form filled in, or a file taken in, on our address goes on in the chat as a tap.

They enter by the inbox like anything a person sends, so that they are handled once, in their lane.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.channels.base import MediaRef, Scene
from bot.outbox import TYPED


def internal_update(body: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    """An aiogram ``callback_query`` with ``data``, said by the person whose page it was."""
    person = {"id": scene.chat_id, "is_bot": False, "first_name": scene.name}
    chat = {"id": scene.chat_id, "type": "private", "first_name": scene.name}
    return {
        "update_id": scene.update_id,
        "callback_query": {
            "id": f"{TYPED}{scene.update_id}",
            "from": person,
            "chat_instance": str(scene.chat_id),
            "message": {"message_id": scene.message_id, "date": scene.at, "chat": chat, "text": "-"},
            "data": body["data"],
        },
    }


def internal_media(body: Mapping[str, Any]) -> Sequence[MediaRef]:
    """The file that the page has taken in, if it took one in."""
    return [MediaRef(external_id="", held=body["held"])] if "held" in body else []
