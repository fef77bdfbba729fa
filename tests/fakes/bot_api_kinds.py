"""What a message can be besides text: files of eight kinds, places, cards, dice and polls.

Source: Telegram, Bot API 10.3, "sendPhoto" to "sendDice"; the sentences of the refusals are the server's.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes import bot_api_rules as rules
from tests.fakes.bot_api_rules import Call, bad_request
from tests.fakes.bot_api_state import File

Json = dict[str, Any]

#: kind (field of the call and of the message) → what Telegram takes the file for
MIME = {
    "photo": "image/jpeg",
    "video": "video/mp4",
    "audio": "audio/mpeg",
    "voice": "audio/ogg",
    "video_note": "video/mp4",
    "animation": "video/mp4",
    "sticker": "image/webp",
    "document": "",
}
WITHOUT_CAPTION = {"video_note", "sticker"}
ALBUM_KINDS = ({"photo", "video"}, {"document"}, {"audio"})
DICE = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}
PHONE = 256  # characters that a phone number may have at most


def described(file: File, facts: Mapping[str, Any]) -> Json:
    """The parts of a message that show this file; ``facts``: what the caller said of it."""
    width, height = file.size
    bare, seconds = file.as_bare(), _whole(facts, "duration")
    across, down = _whole(facts, "width") or width or 1280, _whole(facts, "height") or height or 960
    shape = {"width": across, "height": down}
    typed = {"mime_type": file.mime_type} | ({"file_name": file.filename} if file.filename else {})
    named = {key: str(facts[key]) for key in ("performer", "title") if facts.get(key)}
    match file.kind:
        case "photo":
            return {"photo": [bare | shape]}
        case "document":
            return {"document": file.as_document()}
        case "video":
            return {"video": bare | shape | typed | {"duration": seconds}}
        case "animation":
            shown = bare | shape | typed | {"duration": seconds}
            return {"animation": shown, "document": bare | typed}
        case "audio":
            return {"audio": bare | typed | named | {"duration": seconds}}
        case "voice":
            return {"voice": bare | {"mime_type": file.mime_type, "duration": seconds}}
        case "video_note":
            return {"video_note": bare | {"length": _whole(facts, "length") or 240, "duration": seconds}}
        case _:
            whole = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
            return {"sticker": bare | whole}


def _whole(facts: Mapping[str, Any], name: str) -> int:
    try:
        return int(facts.get(name) or 0)
    except (TypeError, ValueError):
        raise bad_request(f"{name} is not a number") from None


# ---------------------------------------------------------------------- without a file

Said = tuple[Json, str]  # parts of the message, and the words a person sees of it


def _location(call: Call) -> Said:
    return {"location": _place(call)}, ""


def _place(call: Call) -> Json:
    return {"latitude": call.degrees("latitude", 90), "longitude": call.degrees("longitude", 180)}


def _venue(call: Call) -> Said:
    title, address = call.text("title"), call.text("address")
    if not title or not address:
        raise bad_request("title and address of a venue are needed")
    place = _place(call)
    return {"venue": {"location": place, "title": title, "address": address}, "location": place}, (
        f"{title}\n{address}"
    )


def _contact(call: Call) -> Said:
    number, first = call.text("phone_number"), call.text("first_name")
    if not number or len(number) > PHONE:
        raise bad_request("PHONE_NUMBER_INVALID")
    if not first:
        raise bad_request("first name of a contact is needed")
    card = {"phone_number": number, "first_name": first}
    card |= {key: call.text(key) for key in ("last_name", "vcard") if call.text(key)}
    return {"contact": card}, " ".join(filter(None, (first, call.text("last_name")))) + f"\n{number}"


def _dice(call: Call) -> Said:
    emoji = call.text("emoji") or "🎲"
    if emoji not in DICE:
        raise bad_request("wrong dice emoji")
    return {"dice": {"emoji": emoji, "value": 1 + secrets.randbelow(DICE[emoji])}}, emoji


def _poll(call: Call) -> Said:
    question, marks = rules.spoken(
        call.text("question"),
        call.text("question_parse_mode"),
        call.json("question_entities"),
        most=300,
        what="poll question",
    )
    if not question:
        raise bad_request("poll question must be non-empty")
    options = _options(call.json("options"))
    quiz = call.text("type") == "quiz"
    right = call.json("correct_option_ids")
    right = [call.number("correct_option_id")] if right is None and quiz else right or []
    if quiz and (not right or not all(isinstance(one, int) and 0 <= one < len(options) for one in right)):
        raise bad_request("wrong correct option ID specified")
    poll: Json = {
        "id": str(5 * 10**18 + secrets.randbelow(10**18)),
        "question": question,
        "options": [
            {"persistent_id": str(n), "text": text, "voter_count": 0} for n, text in enumerate(options)
        ],
        "total_voter_count": 0,
        "is_closed": call.flag("is_closed"),
        "is_anonymous": call.flag("is_anonymous") or "is_anonymous" not in call.fields,
        "type": "quiz" if quiz else "regular",
        "allows_multiple_answers": call.flag("allows_multiple_answers"),
        "allows_revoting": call.flag("allows_revoting") or not quiz,
        "members_only": call.flag("members_only"),
    }
    poll |= {"question_entities": marks} if marks else {}
    poll |= {"correct_option_ids": right, "correct_option_id": right[0]} if right else {}
    return {"poll": poll}, "\n".join((question, *options))


def _options(given: object) -> list[str]:
    if not isinstance(given, list) or not 1 <= len(given) <= 12:
        raise bad_request("poll must have between 1 and 12 answer options")
    texts = [option.get("text") if isinstance(option, dict) else option for option in given]
    for text in texts:
        if not isinstance(text, str) or not 1 <= len(text.strip()) <= 100:
            raise bad_request("poll options length must be between 1 and 100")
    return [str(text) for text in texts]


WITHOUT_FILE: dict[str, Callable[[Call], Said]] = {
    "sendLocation": _location,
    "sendVenue": _venue,
    "sendContact": _contact,
    "sendDice": _dice,
    "sendPoll": _poll,
}
