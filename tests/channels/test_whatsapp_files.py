"""Files that go out: in the right kind of message, and made to fit where WhatsApp is narrower than we are."""

import io
from dataclasses import replace
from typing import Any

import pytest
from aiogram.methods import (
    SendAnimation,
    SendAudio,
    SendDocument,
    SendPhoto,
    SendSticker,
    SendVideo,
    SendVideoNote,
    SendVoice,
    TelegramMethod,
)
from PIL import Image

from bot.channels.base import Fault, HeldFile
from bot.channels.whatsapp.adapter import WhatsAppAdapter
from bot.channels.whatsapp.caps import MAX_PHOTO
from bot.channels.whatsapp.files import fitting
from bot.channels.whatsapp.pictures import as_jpeg
from tests.channels.office import on_whatsapp
from tests.channels.whatsapp_sending import CHAT, deliver, fails, shelf
from tests.fakes import FakeGraph, pictures


@pytest.mark.parametrize(
    ("method", "kind", "file"),
    [
        (SendPhoto(chat_id=CHAT, photo="foto"), "image", "foto"),
        (SendPhoto(chat_id=CHAT, photo="pdf"), "document", "pdf"),
        (SendDocument(chat_id=CHAT, document="pdf"), "document", "pdf"),
        (SendDocument(chat_id=CHAT, document="foto"), "document", "foto"),
        (SendSticker(chat_id=CHAT, sticker="stiker"), "sticker", "stiker"),
        (SendVoice(chat_id=CHAT, voice="suara"), "audio", "suara"),
        (SendAudio(chat_id=CHAT, audio="suara"), "audio", "suara"),
    ],
)
async def test_a_file_arrives_whole(
    whatsapp: WhatsAppAdapter, graph: FakeGraph, method: TelegramMethod[Any], kind: str, file: str
) -> None:
    await deliver(whatsapp, method)
    (line,) = graph.ledger.messages
    assert line.type == kind
    assert line.media == shelf().files[file].content
    assert kind != "document" or line.filename == shelf().files[file].name


def noise(width: int, height: int) -> Image.Image:
    """A picture that no format can make small: a photo of a page, at its worst."""
    return Image.effect_noise((width, height), 120).convert("RGB")


def written(picture: Image.Image, kind: str, **how: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()


def read(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(
    "method", [SendPhoto(chat_id=CHAT, photo="besar"), SendDocument(chat_id=CHAT, document="besar")]
)
async def test_a_photo_over_five_megabytes_is_made_smaller(
    whatsapp: WhatsAppAdapter, graph: FakeGraph, method: TelegramMethod[Any]
) -> None:
    await deliver(whatsapp, method)
    (line,) = graph.ledger.messages
    assert line.type == ("image" if isinstance(method, SendPhoto) else "document")
    assert line.media is not None
    assert len(line.media) <= MAX_PHOTO < len(shelf().files["besar"].content)
    assert read(line.media).size == (640, 480)
    assert (line.mime_type, line.filename) == ("image/jpeg", "besar.jpg")
    assert graph.ledger.refused == []


async def test_a_large_scan_stays_as_sharp_as_five_megabytes_allow() -> None:
    scan = written(noise(4000, 3000), "PNG", compress_level=1)
    assert len(scan) > 3 * MAX_PHOTO
    kind, made = await fitting("image", HeldFile(scan, "image/png", "KK.png"))
    assert (kind, made.mime, made.name) == ("image", "image/jpeg", "KK.jpg")
    assert len(made.content) <= MAX_PHOTO
    assert read(made.content).width >= 2400


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (written(noise(60, 40), "WEBP"), "image/webp"),
        (written(noise(60, 40), "GIF"), "image/gif"),
        (written(noise(60, 40), "BMP"), "image/bmp"),
        (written(noise(60, 40), "TIFF"), "image/tiff"),
        (written(noise(60, 40).convert("CMYK"), "JPEG"), "image/jpeg"),  # as printers scan
        (written(noise(60, 40).convert("I;16"), "PNG"), "image/png"),
    ],
)
@pytest.mark.parametrize("wanted", ["image", "document", "sticker"])
async def test_what_whatsapp_cannot_show_becomes_a_jpeg(
    whatsapp: WhatsAppAdapter, content: bytes, mime: str, wanted: str
) -> None:
    if (wanted, mime) == ("sticker", "image/webp"):
        return  # the one kind that takes it
    kind, made = await fitting(wanted, HeldFile(content, mime, "berkas"))
    assert (kind, made.mime, made.name) == (wanted.replace("sticker", "image"), "image/jpeg", "berkas.jpg")
    shown = read(made.content)
    assert (shown.format, shown.mode, shown.size) == ("JPEG", "RGB", (60, 40))


def test_what_shines_through_is_white() -> None:
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    assert read(as_jpeg(written(clear, "PNG"))).getpixel((4, 4)) == (255, 255, 255)


def test_a_photo_taken_sideways_is_turned() -> None:
    sideways = Image.new("RGB", (40, 20), "white")
    exif = sideways.getexif()
    exif[0x0112] = 6  # orientation: the right side is up
    assert read(as_jpeg(written(sideways, "JPEG", exif=exif))).size == (20, 40)


async def test_a_sticker_too_heavy_for_one_is_a_photo() -> None:
    heavy = written(noise(512, 512), "WEBP", quality=100)
    assert len(heavy) > 100 * 1024
    kind, made = await fitting("sticker", HeldFile(heavy, "image/webp", "s.webp"))
    assert (kind, made.mime) == ("image", "image/jpeg")
    frames = [noise(256, 256) for _ in range(3)]
    moving = written(frames[0], "WEBP", save_all=True, append_images=frames[1:], quality=70)
    assert 100 * 1024 < len(moving) <= 500 * 1024
    assert (await fitting("sticker", HeldFile(moving, "image/webp", "s.webp")))[0] == "sticker"


@pytest.mark.parametrize("content", [b"", b"bukan gambar", pictures.truncated(1) * 400])
async def test_what_is_no_picture_is_given_up(whatsapp: WhatsAppAdapter, content: bytes) -> None:
    held = HeldFile(content, "image/heic", "IMG_0001.HEIC")

    async def files(_: str) -> HeldFile:
        return held

    with pytest.raises(Exception, match="picture_unreadable"):
        await whatsapp.session.deliver(SendPhoto(chat_id=CHAT, photo="x"), on_whatsapp(), "4711", files)


@pytest.mark.parametrize(
    ("held", "mime"),
    [
        (HeldFile(b'{"nama": "Yohana"}', "application/octet-stream", "data.json"), "text/plain"),
        (HeldFile("né".encode(), "application/octet-stream", "data.csv"), "text/plain"),
        (HeldFile(b"\0\1\2", "application/octet-stream", "data.bin"), "application/octet-stream"),
        (HeldFile(b"\xff\xfe", "application/octet-stream", "data.bin"), "application/octet-stream"),
        (HeldFile(b"", "application/octet-stream", "data.bin"), "application/octet-stream"),
    ],
)
async def test_a_text_is_known_by_its_letters(held: HeldFile, mime: str) -> None:
    kind, made = await fitting("document", held)
    assert (kind, made.mime, made.content) == ("document", mime, held.content)


@pytest.mark.parametrize(
    ("method", "sent_as"),
    [
        (SendVideo(chat_id=CHAT, video="film"), "video"),
        (SendAnimation(chat_id=CHAT, animation="film"), "video"),
        (SendAnimation(chat_id=CHAT, animation="gerak"), "image"),
        (SendVideoNote(chat_id=CHAT, video_note="film"), "video"),
    ],
)
async def test_what_moves(
    whatsapp: WhatsAppAdapter, graph: FakeGraph, method: TelegramMethod[Any], sent_as: str
) -> None:
    await deliver(whatsapp, method)
    assert [line.type for line in graph.ledger.messages] == [sent_as]


@pytest.mark.parametrize(("mime", "voice"), [("audio/ogg", True), ("audio/mpeg", False)])
async def test_a_voice_message_is_marked_as_one(
    whatsapp: WhatsAppAdapter, graph: FakeGraph, mime: str, voice: bool
) -> None:
    file = "suara" if voice else "lagu"
    await deliver(whatsapp, SendVoice(chat_id=CHAT, voice=file))
    (line,) = graph.ledger.messages
    assert (line.mime_type, line.request["audio"].get("voice", False)) == (mime, voice)
    await deliver(whatsapp, SendAudio(chat_id=CHAT, audio=file))
    assert "voice" not in graph.ledger.messages[-1].request["audio"]


async def test_a_file_of_a_kind_that_whatsapp_does_not_know(whatsapp: WhatsAppAdapter) -> None:
    failed = await fails(whatsapp, SendDocument(chat_id=CHAT, document="arsip"))
    assert (failed.fault, failed.code) == (Fault.GIVE_UP, "100")


async def test_what_was_half_shown_is_not_shown_again(whatsapp: WhatsAppAdapter, graph: FakeGraph) -> None:
    """Words beside a voice message go as a second one; refused alone, only they are tried again."""
    graph.pair_limit, graph._pairs.burst = True, 1
    voice = SendVoice(chat_id=CHAT, voice="suara", caption="Dengarkan")
    failed = await fails(whatsapp, voice)
    assert (failed.fault, failed.code, failed.shown) == (Fault.RETRY, "131056", 1)
    graph.pair_limit = False
    await deliver(whatsapp, voice, replace(on_whatsapp(), shown=failed.shown))
    assert [line.request["type"] for line in graph.ledger.messages] == ["audio", "text"]
