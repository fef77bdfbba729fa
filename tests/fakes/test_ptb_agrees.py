"""python-telegram-bot, which nobody here wrote, is served by our fake as by Telegram, and reads our phones.

Its classes are stricter than aiogram's in places and laxer in others: what both agree on is no accident.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from telegram import (
    Bot,
    BotCommand,
    ChatMember,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    KeyboardButton,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    MessageOriginUser,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from tests.fakes import FakeBotApi, pictures
from tests.fakes.conftest import NOW
from tests.telegram_group import TelegramGroup
from tests.telegram_phone import TelegramPhone

PERSON = 501001


@pytest.fixture
async def judge(bot_api: FakeBotApi) -> AsyncIterator[Bot]:
    """PTB's own client; the person has pressed Start."""
    bot_api.meet({"id": PERSON, "type": "private", "first_name": "Maria"})
    base = bot_api.base_url
    async with Bot(bot_api.token, base_url=f"{base}/bot", base_file_url=f"{base}/file/bot") as bot:
        yield bot


def keys(*buttons: tuple[str, str]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(title, callback_data=data) for title, data in buttons]]
    )


# ---------------------------------------------------------------------- it sends


async def test_it_knows_who_it_is(judge: Bot) -> None:
    me = await judge.get_me()
    assert (me.id, me.is_bot, me.username) == (7042, True, "loket_bot")


async def test_a_text_with_marks_and_keys(judge: Bot, bot_api: FakeBotApi) -> None:
    said = await judge.send_message(
        PERSON, "Halo <b>Bapak 🌴 Adu</b>, <a href='https://a.id'>di sini</a>", ParseMode.HTML,
        reply_markup=keys(("Ya", "y"), ("Tidak", "t")),
    )  # fmt: skip
    assert (said.text, said.date, said.chat_id) == ("Halo Bapak 🌴 Adu, di sini", NOW, PERSON)
    marked = {entity.type: said.parse_entity(entity) for entity in said.entities}
    assert marked == {MessageEntity.BOLD: "Bapak 🌴 Adu", MessageEntity.TEXT_LINK: "di sini"}
    assert said.text_html == 'Halo <b>Bapak 🌴 Adu</b>, <a href="https://a.id">di sini</a>'
    assert said.reply_markup == keys(("Ya", "y"), ("Tidak", "t"))
    assert [b.title for b in bot_api.buttons_under(PERSON, said.message_id)] == ["Ya", "Tidak"]


@pytest.mark.parametrize(
    ("text", "mode", "written"),
    [
        ("*tebal* _miring_ __garis__ ~coret~ ||rahasia||", ParseMode.MARKDOWN_V2, None),
        ("`kode` dan [tautan](https://a.id)", ParseMode.MARKDOWN_V2, None),
        ("```py\nx = 1\n```", ParseMode.MARKDOWN_V2, "```py\nx = 1```"),
        ("*_keduanya_*", ParseMode.MARKDOWN_V2, None),
    ],
)
async def test_it_writes_the_marks_back_as_they_were(
    judge: Bot, text: str, mode: str, written: str | None
) -> None:
    said = await judge.send_message(PERSON, text, mode)
    assert said.text_markdown_v2 == (written or text)


async def test_marks_may_come_as_entities(judge: Bot) -> None:
    said = await judge.send_message(PERSON, "Nomor 7 hari ini", entities=[MessageEntity("bold", 6, 1)])
    assert said.text_html == "Nomor <b>7</b> hari ini"


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("Bapak <Yohanes>", ParseMode.HTML),
        ("<b>halo", ParseMode.HTML),
        ("<b><i>x</b></i>", ParseMode.HTML),
        ("Selesai.", ParseMode.MARKDOWN_V2),
        ("K7_Q2", ParseMode.MARKDOWN),
    ],
)
async def test_marks_that_cannot_be_read(judge: Bot, text: str, mode: str) -> None:
    with pytest.raises(BadRequest, match=r"(?i)can't parse entities"):
        await judge.send_message(PERSON, text, mode)


async def test_keyboards_of_every_kind(judge: Bot, bot_api: FakeBotApi) -> None:
    for markup in (
        ReplyKeyboardMarkup([["Status", KeyboardButton("Kirim lokasi", request_location=True)]]),
        ReplyKeyboardRemove(),
        ForceReply(),
        InlineKeyboardMarkup([[InlineKeyboardButton("Buka", url="https://loket.id/f/1")]]),
    ):
        await judge.send_message(PERSON, "x", reply_markup=markup)
    assert [[b.title for b in line.buttons] for line in bot_api.ledger.messages] == [
        ["Status", "Kirim lokasi"], [], [], ["Buka"],
    ]  # fmt: skip


async def test_answers_and_what_they_answer(judge: Bot) -> None:
    first = await judge.send_message(PERSON, "Kirim foto KK.")
    second = await judge.send_message(
        PERSON, "Foto itu", reply_parameters=ReplyParameters(first.message_id, quote="foto")
    )
    assert second.reply_to_message is not None
    assert second.reply_to_message.text == "Kirim foto KK."
    with pytest.raises(BadRequest, match=r"(?i)message to be replied not found"):
        await judge.send_message(PERSON, "x", reply_parameters=ReplyParameters(9))
    with pytest.raises(BadRequest, match=r"(?i)QUOTE_TEXT_INVALID"):
        await judge.send_message(
            PERSON, "x", reply_parameters=ReplyParameters(first.message_id, quote="kartu")
        )
    lenient = ReplyParameters(9, allow_sending_without_reply=True)
    assert (await judge.send_message(PERSON, "x", reply_parameters=lenient)).reply_to_message is None


async def test_files_of_every_kind_come_back_byte_by_byte(judge: Bot, bot_api: FakeBotApi) -> None:
    photo, pdf, voice, sticker = pictures.jpeg(1), pictures.pdf(2), pictures.ogg_voice(), pictures.sticker()
    sent: list[tuple[Message, bytes]] = [
        (await judge.send_photo(PERSON, photo, "<i>KTP</i>", parse_mode="HTML"), photo),
        (await judge.send_document(PERSON, pdf, filename="kk.pdf"), pdf),
        (await judge.send_video(PERSON, b"ftypmp42", width=8, height=6, duration=2), b"ftypmp42"),
        (await judge.send_audio(PERSON, b"ID3", title="Bo Lelebo", performer="Rote"), b"ID3"),
        (await judge.send_voice(PERSON, voice, duration=3), voice),
        (await judge.send_video_note(PERSON, b"ftypisom", length=200), b"ftypisom"),
        (await judge.send_animation(PERSON, b"ftypgif"), b"ftypgif"),
        (await judge.send_sticker(PERSON, sticker), sticker),
    ]
    assert sent[0][0].caption_html == "<i>KTP</i>"
    for message, content in sent:
        shown = message.effective_attachment
        assert shown is not None
        file = shown[-1] if isinstance(shown, tuple) else shown
        handle = await judge.get_file(file.file_id)  # type: ignore[union-attr]
        assert bytes(await handle.download_as_bytearray()) == content
    assert [line.media for line in bot_api.ledger.messages] == [content for _, content in sent]
    assert bot_api.ledger.refused == []


async def test_a_file_is_sent_again_by_its_id_and_as_its_kind_only(judge: Bot) -> None:
    first = await judge.send_document(PERSON, pictures.pdf(), filename="kk.pdf")
    assert first.document is not None
    again = await judge.send_document(PERSON, first.document.file_id)
    assert again.document == first.document
    with pytest.raises(BadRequest, match=r"(?i)can't use file of type Document as Photo"):
        await judge.send_photo(PERSON, first.document.file_id)
    with pytest.raises(BadRequest, match=r"(?i)wrong file identifier"):
        await judge.send_document(PERSON, "BQACunknown")


async def test_places_cards_dice_and_polls(judge: Bot) -> None:
    place = (await judge.send_location(PERSON, -10.73, 123.06)).location
    venue = (await judge.send_venue(PERSON, -10.73, 123.06, "Disdukcapil", "Jalan Ba'a")).venue
    card = (await judge.send_contact(PERSON, "+6281138100100", "Loket")).contact
    dice = (await judge.send_dice(PERSON, emoji="🎯")).dice
    poll = await judge.send_poll(PERSON, "Hari apa?", ["Senin", "Selasa"], allows_multiple_answers=True)
    assert place is not None and (place.latitude, place.longitude) == (-10.73, 123.06)
    assert venue is not None and (venue.title, venue.location) == ("Disdukcapil", place)
    assert card is not None and (card.phone_number, card.first_name) == ("+6281138100100", "Loket")
    assert dice is not None and dice.emoji == "🎯" and 1 <= dice.value <= 6
    assert poll.poll is not None and [option.text for option in poll.poll.options] == ["Senin", "Selasa"]
    closed = await judge.stop_poll(PERSON, poll.message_id)
    assert closed.is_closed
    with pytest.raises(BadRequest, match=r"(?i)already been closed"):
        await judge.stop_poll(PERSON, poll.message_id)


@pytest.mark.parametrize(
    ("method", "given", "words"),
    [
        ("send_location", {"latitude": 91, "longitude": 0}, "latitude must be between"),
        ("send_dice", {"emoji": "🐟"}, "wrong dice emoji"),
        ("send_poll", {"question": "", "options": ["a"]}, "question must be non-empty"),
        ("send_poll", {"question": "x", "options": ["a"] * 13}, "between 1 and 12"),
        ("send_poll", {"question": "x", "options": ["", "b"]}, "between 1 and 100"),
        ("send_contact", {"phone_number": "6" * 257, "first_name": "a"}, "PHONE_NUMBER_INVALID"),
        ("send_message", {"text": "x" * 4097}, "message is too long"),
        ("send_message", {"text": "x", "message_thread_id": 5}, "message thread not found"),
        ("send_photo", {"photo": b"no picture"}, "IMAGE_PROCESS_FAILED"),
        ("send_photo", {"photo": pictures.jpeg(), "caption": "x" * 1025}, "caption is too long"),
        ("send_chat_action", {"action": "dancing"}, "wrong parameter action"),
    ],
)
async def test_what_is_out_of_shape_is_refused(
    judge: Bot, bot_api: FakeBotApi, method: str, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadRequest) as no:
        await getattr(judge, method)(PERSON, **given)
    assert words.lower() in no.value.message.lower()
    assert bot_api.ledger.messages == []


async def test_an_album(judge: Bot) -> None:
    photos = [InputMediaPhoto(data, caption=f"Foto {n}") for n, data in enumerate(pictures.photos(2))]
    told = await judge.send_media_group(PERSON, [*photos, InputMediaVideo(b"ftypmp42")])
    assert len({message.media_group_id for message in told}) == 1
    assert [message.caption for message in told] == ["Foto 0", "Foto 1", None]
    with pytest.raises(BadRequest, match=r"(?i)can't be mixed"):
        await judge.send_media_group(PERSON, [photos[0], InputMediaDocument(pictures.pdf())])
    with pytest.raises(BadRequest, match=r"(?i)message content can't be changed"):
        await judge.edit_message_media(InputMediaDocument(pictures.pdf()), PERSON, told[0].message_id)


# ---------------------------------------------------------------------- it changes


async def test_edits_of_every_kind(judge: Bot, bot_api: FakeBotApi) -> None:
    text = await judge.send_message(PERSON, "Satu", reply_markup=keys(("Ya", "y")))
    two = await text.edit_text("<b>Dua</b>", "HTML", reply_markup=keys(("Tidak", "t")))
    assert isinstance(two, Message) and two.text_html == "<b>Dua</b>"
    assert isinstance(await two.edit_reply_markup(None), Message)
    assert bot_api.buttons_under(PERSON, text.message_id) == ()
    photo = await judge.send_photo(PERSON, pictures.jpeg(1), "lama")
    caption = await photo.edit_caption("baru")
    assert isinstance(caption, Message) and caption.caption == "baru"
    media = await photo.edit_media(InputMediaDocument(pictures.pdf(), caption="berkas", filename="kk.pdf"))
    assert isinstance(media, Message) and media.document is not None
    assert (media.document.file_name, media.caption, media.photo) == ("kk.pdf", "berkas", ())


async def test_what_cannot_be_edited(judge: Bot) -> None:
    text = await judge.send_message(PERSON, "Satu")
    photo = await judge.send_photo(PERSON, pictures.jpeg())
    menu = await judge.send_message(PERSON, "x", reply_markup=ReplyKeyboardMarkup([["Status"]]))
    forwarded = await judge.forward_message(PERSON, PERSON, text.message_id)
    for words, edit in (
        ("message is not modified", text.edit_text("Satu")),
        ("message is not modified", text.edit_reply_markup(None)),
        ("no text in the message", photo.edit_text("x")),
        ("no caption in the message", text.edit_caption("x")),
        ("message text is empty", text.edit_text(" ")),
        ("message can't be edited", menu.edit_text("y")),
        ("message can't be edited", forwarded.edit_text("y")),
        ("message to edit not found", judge.edit_message_text("x", PERSON, 9)),
    ):
        with pytest.raises(BadRequest) as no:
            await edit
        assert words in no.value.message.lower()


async def test_deleted_one_by_one_and_many_at_once(judge: Bot, bot_api: FakeBotApi) -> None:
    said = [await judge.send_message(PERSON, str(n)) for n in range(4)]
    assert await said[0].delete()
    with pytest.raises(BadRequest, match=r"(?i)message to delete not found"):
        await said[0].delete()
    assert await judge.delete_messages(PERSON, [m.message_id for m in said])  # the first is gone already
    assert not any(bot_api.has(PERSON, m.message_id) for m in said)
    old = await judge.send_message(PERSON, "x")
    bot_api.clock = lambda: NOW + timedelta(hours=49)
    with pytest.raises(BadRequest, match=r"(?i)can't be deleted"):
        await old.delete()


async def test_copied_and_forwarded(judge: Bot, bot_api: FakeBotApi) -> None:
    bot_api.meet({"id": 2, "type": "private", "first_name": "Petugas"})
    text = await judge.send_message(PERSON, "<b>Satu</b>", "HTML")
    photo = await judge.send_photo(PERSON, pictures.jpeg(5), "KTP")
    copy = await judge.copy_message(2, PERSON, photo.message_id, caption="Salinan")
    forwarded = await judge.forward_message(2, PERSON, text.message_id)
    assert isinstance(forwarded.forward_origin, MessageOriginUser) and forwarded.text_html == "<b>Satu</b>"
    ids = [text.message_id, photo.message_id]
    assert len(await judge.copy_messages(2, PERSON, [9, *ids])) == 2
    assert len(await judge.forward_messages(2, PERSON, ids)) == 2
    assert [line.text for line in bot_api.ledger.to("2")] == ["Salinan", "Satu", "Satu", "KTP", "Satu", "KTP"]
    assert bot_api.message(2, copy.message_id)["caption"] == "Salinan"
    for words, call in (
        ("message to copy not found", judge.copy_message(2, PERSON, 9)),
        ("no messages to copy", judge.copy_messages(2, PERSON, [8, 9])),
        ("strictly increasing", judge.forward_messages(2, PERSON, list(reversed(ids)))),
    ):
        with pytest.raises(BadRequest) as no:
            await call
        assert words in no.value.message.lower()
    secret = await judge.send_message(PERSON, "rahasia", protect_content=True)
    with pytest.raises(BadRequest, match=r"(?i)protected content"):
        await secret.forward(2)


async def test_reactions_and_pins(judge: Bot, bot_api: FakeBotApi) -> None:
    said = await judge.send_message(PERSON, "x")
    assert await said.set_reaction("👍")
    assert bot_api.reactions[PERSON, said.message_id] == ["👍"]
    assert await said.set_reaction([])
    assert bot_api.reactions[PERSON, said.message_id] == []
    with pytest.raises(BadRequest, match=r"(?i)REACTION_INVALID"):
        await said.set_reaction("🐟")
    assert await said.pin()
    assert await said.unpin()
    with pytest.raises(BadRequest, match=r"(?i)message to unpin not found"):
        await said.unpin()


async def test_answers_to_taps(judge: Bot, bot_api: FakeBotApi) -> None:
    phone = TelegramPhone(bot_api)
    await phone.starts()
    await judge.send_message(phone.user_id, "Benar?", reply_markup=keys(("Ya", "y"), ("Tidak", "t")))
    for title in ("Ya", "Tidak"):
        await phone.taps(title)
    queries = [update.callback_query for update in await judge.get_updates() if update.callback_query]
    assert [query.data for query in queries] == ["y", "t"]
    assert await queries[0].answer("Tersimpan")
    assert await queries[1].answer("Tidak bisa", show_alert=True)
    assert (phone.toasts, phone.alerts) == (["Tersimpan"], ["Tidak bisa"])
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await judge.answer_callback_query("1")


# ---------------------------------------------------------------------- it is refused


async def test_who_cannot_be_reached(judge: Bot, bot_api: FakeBotApi) -> None:
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await judge.send_message(999, "x")
    for state, words in ((bot_api.blocked, "blocked by the user"), (bot_api.deactivated, "deactivated")):
        state.add(PERSON)
        with pytest.raises(Forbidden, match=words):
            await judge.send_message(PERSON, "x")
        state.clear()


async def test_a_group_that_moved_or_threw_it_out(judge: Bot, bot_api: FakeBotApi) -> None:
    group = TelegramGroup(TelegramPhone(bot_api))
    await group.adds_bot()
    await judge.send_message(group.group_id, "Selamat pagi")
    assert (await judge.get_chat(group.group_id)).title == "Warga Ba'a"
    assert (await judge.get_chat_member(group.group_id, 501001)).status == ChatMember.OWNER
    old = group.group_id
    await group.becomes_supergroup()
    with pytest.raises(ChatMigrated) as moved:
        await judge.send_message(old, "x")
    assert moved.value.new_chat_id == group.group_id
    assert [line.text for line in group.heard] == []
    bot_api.threads[group.group_id] = {7}
    in_topic = await judge.send_message(group.group_id, "x", message_thread_id=7)
    assert in_topic.is_topic_message
    await group.removes_bot()
    with pytest.raises(Forbidden, match="kicked from the supergroup"):
        await judge.send_message(group.group_id, "x")


async def test_it_leaves_a_group_and_not_a_person(judge: Bot, bot_api: FakeBotApi) -> None:
    group = TelegramGroup(TelegramPhone(bot_api))
    await group.adds_bot()
    assert await judge.leave_chat(group.group_id)
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await judge.send_message(group.group_id, "x")
    with pytest.raises(BadRequest, match="private chats"):
        await judge.leave_chat(PERSON)


async def test_too_fast(judge: Bot, bot_api: FakeBotApi) -> None:
    bot_api.next_send("http429", retry_after=7)
    with pytest.raises(RetryAfter) as no:
        await judge.send_message(PERSON, "x")
    assert no.value.retry_after in (7, timedelta(seconds=7))
    bot_api.chat_limit = True
    group = TelegramGroup(TelegramPhone(bot_api))
    await group.adds_bot()
    for n in range(20):
        await judge.send_message(group.group_id, str(n))
    with pytest.raises(RetryAfter):
        await judge.send_message(group.group_id, "20")


async def test_a_wrong_token_and_a_second_poller(judge: Bot, bot_api: FakeBotApi) -> None:
    stranger = Bot("7042:wrong", base_url=f"{bot_api.base_url}/bot")
    with pytest.raises(InvalidToken):
        await stranger.get_me()
    await judge.set_webhook("https://loket.id/webhooks/telegram", secret_token="abc")
    assert (await judge.get_webhook_info()).url == "https://loket.id/webhooks/telegram"
    with pytest.raises(Conflict):
        await judge.get_updates()
    assert await judge.delete_webhook()


async def test_a_server_in_trouble(judge: Bot, bot_api: FakeBotApi) -> None:
    bot_api.next_send("http500")
    with pytest.raises(TelegramError, match="Internal Server Error"):
        await judge.send_message(PERSON, "x")


async def test_set_up(judge: Bot) -> None:
    assert await judge.set_my_commands([BotCommand("status", "Sampai di mana")])
    assert await judge.get_my_commands() == (BotCommand("status", "Sampai di mana"),)
    assert await judge.delete_my_commands()
    assert await judge.get_my_commands() == ()
    with pytest.raises(BadRequest, match=r"(?i)BOT_COMMAND_INVALID"):
        await judge.set_my_commands([("Status!", "x")])
    assert await judge.send_chat_action(PERSON, ChatAction.TYPING)
    assert await judge.send_message(PERSON, "x", link_preview_options=LinkPreviewOptions(is_disabled=True))


# ---------------------------------------------------------------------- it reads


def read_by(judge: Bot, bot_api: FakeBotApi) -> list[Update]:
    """What waits for the bot, as PTB's webhook would parse it."""
    waiting = json.loads(json.dumps(bot_api.pending))
    updates = [Update.de_json(update, judge) for update in waiting]
    assert [update.update_id for update in updates] == [update["update_id"] for update in bot_api.pending]
    return updates


async def test_it_reads_what_a_person_says_and_sends(judge: Bot, bot_api: FakeBotApi) -> None:
    phone = TelegramPhone(bot_api, name="Maria Adu", username="maria_adu")
    await phone.starts("KK")
    await phone.says("Selamat pagi, cek https://a.id 🌴")
    await phone.edits("Selamat siang")
    start, text, edited = read_by(judge, bot_api)
    assert start.message is not None and start.message.from_user is not None
    assert (start.message.text, start.message.from_user.full_name) == ("/start KK", "Maria Adu")
    assert start.message.parse_entities([MessageEntity.BOT_COMMAND]).popitem()[1] == "/start"
    assert text.message is not None and text.message.text == "Selamat pagi, cek https://a.id 🌴"
    assert edited.edited_message is not None and edited.message is None
    assert (edited.edited_message.text, edited.edited_message.message_id) == (
        "Selamat siang", text.message.message_id,
    )  # fmt: skip


async def test_it_finds_the_files_that_the_phone_wrote(judge: Bot, bot_api: FakeBotApi) -> None:
    phone = TelegramPhone(bot_api)
    photo, pdf = pictures.jpeg(3), pictures.pdf(4)
    await phone.sends_photo(photo, "KTP saya")
    await phone.sends_document(pdf, "kk.pdf")
    await phone.sends_video(caption="rumah")
    await phone.sends_audio()
    await phone.sends_voice()
    await phone.sends_video_note()
    await phone.sends_animation()
    await phone.sends_sticker()
    messages = [update.effective_message for update in read_by(judge, bot_api)]
    kinds = ["photo", "document", "video", "audio", "voice", "video_note", "animation", "sticker"]
    for kind, message in zip(kinds, messages, strict=True):
        assert message is not None
        shown = getattr(message, kind)
        file = max(shown, key=lambda size: size.width) if kind == "photo" else shown
        got = bytes(await (await judge.get_file(file.file_id)).download_as_bytearray())
        assert got == bot_api.files[file.file_id].data
    assert messages[0] is not None and messages[0].caption == "KTP saya"
    assert messages[1] is not None and messages[1].document is not None
    assert messages[1].document.file_name == "kk.pdf"


async def test_it_reads_albums_places_cards_and_answers(judge: Bot, bot_api: FakeBotApi) -> None:
    phone = TelegramPhone(bot_api)
    await phone.starts()
    said = await judge.send_message(phone.user_id, "Di mana rumah Mama?")
    await phone.sends_album(pictures.photos(3), "tiga")
    await phone.sends_location(-10.73, 123.06)
    await phone.sends_contact("+6281234567890", "Maria", phone.user_id)
    await phone.replies("Di Ba'a", phone.last_message)
    _, *photos, place, card, answer = [u.effective_message for u in read_by(judge, bot_api)]
    assert len({photo.media_group_id for photo in photos if photo}) == 1
    assert [photo.caption for photo in photos if photo] == ["tiga", None, None]
    assert place is not None and place.location is not None and place.location.latitude == -10.73
    assert card is not None and card.contact is not None and card.contact.user_id == phone.user_id
    assert answer is not None and answer.reply_to_message is not None
    assert answer.reply_to_message.message_id == said.message_id


async def test_it_reads_taps_also_on_what_is_gone(judge: Bot, bot_api: FakeBotApi) -> None:
    phone = TelegramPhone(bot_api)
    await phone.starts()
    said = await judge.send_message(phone.user_id, "Benar?", reply_markup=keys(("Ya", "y")))
    await phone.taps("Ya")
    await phone.taps_old("Ya")
    await phone.taps_old("Ya", left=False)
    there, dated, absent = [u.callback_query for u in read_by(judge, bot_api) if u.callback_query]
    assert isinstance(there.message, Message) and there.message.message_id == said.message_id
    assert dated.message is not None and not dated.message.is_accessible
    assert absent.message is None
    assert [query.from_user.id for query in (there, dated, absent)] == [phone.user_id] * 3


async def test_it_reads_who_came_and_went(judge: Bot, bot_api: FakeBotApi) -> None:
    phone = TelegramPhone(bot_api)
    await phone.starts()
    said = await judge.send_message(phone.user_id, "Selesai")
    await phone.reacts("👍", phone.last_message)
    await phone.blocks()
    await phone.unblocks()
    _, reaction, left, back = read_by(judge, bot_api)
    assert reaction.message_reaction is not None
    assert reaction.message_reaction.message_id == said.message_id
    assert left.my_chat_member is not None and back.my_chat_member is not None
    assert left.my_chat_member.new_chat_member.status == ChatMember.BANNED
    assert back.my_chat_member.new_chat_member.status == ChatMember.MEMBER


async def test_it_reads_what_happens_in_a_group(judge: Bot, bot_api: FakeBotApi) -> None:
    group = TelegramGroup(TelegramPhone(bot_api))
    await group.adds_bot()
    await group.says("/mulai@loket_bot")
    await group.becomes_supergroup()
    added, joined, command, left, arrived = read_by(judge, bot_api)
    assert added.my_chat_member is not None and added.my_chat_member.chat.type == "group"
    assert joined.message is not None and joined.message.new_chat_members[0].id == 7042
    assert command.message is not None and command.message.text == "/mulai@loket_bot"
    assert left.message is not None and left.message.migrate_to_chat_id == group.group_id
    assert arrived.message is not None and arrived.message.migrate_from_chat_id == -4001
