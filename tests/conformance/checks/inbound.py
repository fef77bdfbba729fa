"""What people do, and what handlers are handed of it."""

from __future__ import annotations

import asyncio

from aiogram.types import Message

from models.files import FileState, StoredFile
from models.inbox import InboxKind, InboxState
from models.outbox import OutboxMessage
from tests.conformance.bench import THANKS, Bench
from tests.conformance.checks.behaviour import behaviour, can, one
from tests.fakes import pictures

WORDS = "Selamat pagi 🙏 <b>Ibu & _Bapak_</b>\nNama saya *Ndolu*."


@behaviour()
async def a_text_arrives_whole(here: Bench) -> None:
    assert await here.says(WORDS) == 200
    message = one(here.messages)
    assert message.text == WORDS
    assert message.from_user is not None and message.from_user.id == message.chat.id
    assert message.chat.type == "private" and 0 < message.chat.id < 2**53
    assert here.heard[0].told["channel"] == here.subject.name
    assert here.phone.heard == [THANKS]


@behaviour()
async def a_message_delivered_again_is_one(here: Bench) -> None:
    await here.says("satu")
    assert set(await here.phone.repeats(3)) == {200}  # type: ignore[attr-defined]
    await here.settles()
    assert here.texts == ["satu"]
    assert here.phone.everything == [THANKS]


@behaviour(lambda subject: subject.caps.signed)
async def a_message_delivered_five_times_at_once_is_one(here: Bench) -> None:
    raw = here.subject.body(here.phone, "satu")
    assert await asyncio.gather(*(here.subject.posts(raw) for _ in range(5))) == [200] * 5
    await here.settles()
    assert here.texts == ["satu"]


@behaviour(lambda subject: subject.caps.signed)
async def equal_words_said_twice_are_two(here: Bench) -> None:
    for _ in range(2):
        await here.subject.posts(here.subject.body(here.phone, "ya"))
        await here.settles()
    assert here.texts == ["ya", "ya"]


@behaviour()
async def what_is_said_quickly_is_heard_in_order(here: Bench) -> None:
    words = [f"kata {number}" for number in range(1, 9)]
    for word in words:
        assert await here.phone.says(word) == 200
    await here.settles()
    assert here.texts == words


@behaviour()
async def people_are_told_apart(here: Bench) -> None:
    other = await here.subject.somebody()
    await here.says("saya")
    await other.says("dan saya")
    await here.settles()
    assert here.texts == ["saya", "dan saya"]
    assert len({message.chat.id for message in here.messages}) == 2
    assert here.phone.everything == other.everything == [THANKS]


@behaviour(lambda subject: subject.hidden)
async def somebody_who_shows_no_number_is_answered(here: Bench) -> None:
    nobody = await here.subject.somebody()
    assert await nobody.says("halo") == 200
    await here.settles()
    assert here.texts == ["halo"]
    assert nobody.everything == [THANKS]


@behaviour(can("photo"))
async def a_photo_arrives_byte_by_byte(here: Bench) -> None:
    photo, caption = pictures.jpeg(3), "KTP saya" if here.subject.captions else None
    assert await here.phone.sends_photo(photo, caption) == 200
    await here.settles()
    message = one(here.messages)
    assert message.photo is not None and message.caption == caption
    assert await bytes_of(here, message) == photo
    assert here.phone.heard == [THANKS]


@behaviour(can("document"))
async def a_document_arrives_with_its_name(here: Bench) -> None:
    paper, caption = pictures.pdf(4), "Suratnya" if here.subject.captions else None
    assert await here.phone.sends_document(paper, "surat kehilangan.pdf", caption=caption) == 200
    await here.settles()
    message = one(here.messages)
    assert message.document is not None and message.caption == caption
    assert message.document.file_name == "surat kehilangan.pdf"
    assert message.document.mime_type == "application/pdf"
    assert await bytes_of(here, message) == paper


@behaviour(can("voice"))
async def a_voice_message_arrives(here: Bench) -> None:
    assert await here.phone.sends_voice() == 200
    await here.settles()
    message = one(here.messages)
    assert await bytes_of(here, message) == pictures.ogg_voice()


@behaviour(can("sticker"))
async def a_sticker_arrives(here: Bench) -> None:
    assert await here.phone.sends_sticker() == 200
    await here.settles()
    message = one(here.messages)
    assert await bytes_of(here, message) == pictures.sticker()


@behaviour(can("location"))
async def a_place_arrives(here: Bench) -> None:
    assert await here.subject.does("location") == 200
    await here.settles()
    message = one(here.messages)
    assert message.location is not None
    assert (message.location.latitude, message.location.longitude) == (-10.736, 123.054)


@behaviour(can("contact"))
async def a_card_arrives(here: Bench) -> None:
    assert await here.subject.does("contact") == 200
    await here.settles()
    message = one(here.messages)
    assert message.contact is not None
    assert message.contact.phone_number.lstrip("+") == "6281398765432"
    assert message.contact.first_name.startswith("Yakob")
    assert message.contact.user_id is None  # somebody else's card proves nothing about the sender


@behaviour(can("unknown"))
async def what_nobody_can_read_is_kept_and_answered(here: Bench) -> None:
    assert await here.phone.sends_unknown() == 200
    await here.settles()
    message = one(here.messages)
    assert message.text is None and message.photo is None and message.document is None
    assert here.phone.heard == [THANKS]
    event = one(await here.events())
    assert event.state is InboxState.DONE and event.kind in (InboxKind.OTHER, InboxKind.MESSAGE)


@behaviour(can("album"), quiet=1.5)
async def an_album_is_one_step(here: Bench) -> None:
    photos = pictures.photos(4)
    caption = "Papan" if here.subject.captions else None
    assert set(await here.phone.sends_album(photos, caption, shuffle=3, twice=(1,))) == {200}
    await here.settles()
    heard = one(here.heard)
    assert len(heard.album) == len(heard.files) == 4
    told = [await bytes_of(here, message) for message in heard.album]
    assert sorted(told) == sorted(photos)
    assert here.phone.heard == [THANKS]


@behaviour(can("document"))
async def a_file_that_is_too_big_is_refused_and_nothing_breaks(here: Bench) -> None:
    status = await here.phone.sends_document(pictures.huge(size=16 * 1024 * 1024), "besar.jpg", "image/jpeg")
    await here.settles()
    assert status in (200, 413)
    held = await StoredFile.all()
    assert [file.state for file in held] == ([FileState.REFUSED] if status == 200 else [])
    assert len(here.messages) == len(held)
    await here.says("masih di sini")
    assert here.texts[-1] == "masih di sini"


@behaviour(can("edit"))
async def a_corrected_message_is_no_new_one(here: Bench) -> None:
    await here.says("satu")
    assert await here.subject.does("edit") == 200
    await here.settles()
    assert here.texts == ["satu"]
    assert here.phone.everything == [THANKS]


@behaviour(can("reaction"))
async def a_reaction_is_no_message(here: Bench) -> None:
    await here.says("satu")
    assert await here.subject.does("reaction") == 200
    await here.settles()
    assert here.texts == ["satu"] and here.taps == []
    assert here.phone.everything == [THANKS]


@behaviour(can("echo"))
async def our_own_words_come_back_unanswered(here: Bench) -> None:
    await here.says("satu")
    assert set(await here.subject.echo(here.screen[-1])) == {200}
    await here.settles()
    assert here.texts == ["satu"]
    assert here.phone.everything == [THANKS]
    assert await OutboxMessage.all().count() == 1


async def bytes_of(here: Bench, message: Message) -> bytes:
    """The file of a message as a handler downloads it, whatever field it came in."""
    photo = message.photo[-1] if message.photo else None
    file = photo or message.document or message.voice or message.audio or message.sticker or message.video
    assert file is not None, message
    content = await here.bot.download(file.file_id)
    assert content is not None
    return content.read()
