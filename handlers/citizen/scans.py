"""What the messages of a step bring: papers with their captions, words, and kinds that are no papers."""

from collections.abc import Sequence
from typing import Final

from aiogram.enums import ContentType
from aiogram.types import Message

from handlers.citizen.turn import Scan, Turn
from handlers.citizen.typed import PAPER_KINDS, is_question, wants_a_person
from models.requests import Request
from office.catalogue import PaperUnknown
from office.papers import named
from office.words import say

LONGEST_LABEL: Final = 5  # words of a caption that may still be a paper's name
NAMED_KINDS: Final = {
    # kinds that have a sentence of their own
    ContentType.STICKER: "sticker",
    ContentType.ANIMATION: "sticker",
    ContentType.VOICE: "voice",
    ContentType.AUDIO: "voice",
    ContentType.VIDEO: "video",
    ContentType.VIDEO_NOTE: "video",
    ContentType.CONTACT: "contact",
    ContentType.LOCATION: "location",
    ContentType.VENUE: "location",
}


def papers_in(turn: Turn) -> list[Scan]:
    """The files that were sent as a photo or document, each with its caption; a sticker's picture is none."""
    sent_as = {file_id_of(message): message for message in turn.album}
    scans: list[Scan] = []
    for file in turn.files:
        message = sent_as.get(file.file_id)
        if message is None or message.content_type in PAPER_KINDS:
            scans.append((file, message.caption if message else None))
    return scans


def file_id_of(message: Message) -> str | None:
    """Our id of the file a message carries."""
    if message.photo:
        return message.photo[-1].file_id
    for carried in (
        message.document,
        message.sticker,
        message.animation,
        message.voice,
        message.audio,
        message.video,
        message.video_note,
    ):
        if carried is not None:
            return carried.file_id
    return None


def captions(turn: Turn) -> list[str]:
    """What was written on the pictures of the step, each once."""
    return list(dict.fromkeys(message.caption.strip() for message in turn.album if message.caption))


def words_on(turn: Turn, request: Request) -> list[str]:
    """Captions that name no paper of the request but say something: a person has to read them."""
    return [words for words in captions(turn) if _is_for_a_person(request, words)]


def plain_words_on(turn: Turn) -> list[str]:
    """The same while it is not known which request is meant: any short caption may name a paper."""
    return [words for words in captions(turn) if not may_name_a_paper(words)]


def words_on_held(scans: Sequence[Scan], request: Request) -> list[str]:
    """Short captions of held papers that turn out to name none of the request's."""
    held = dict.fromkeys(caption.strip() for _, caption in scans if caption)
    return [words for words in held if may_name_a_paper(words) and _is_for_a_person(request, words)]


def may_name_a_paper(words: str) -> bool:
    return not is_question(words) and len(words.split()) <= LONGEST_LABEL


def other_kinds(album: Sequence[Message]) -> list[str]:
    """A plain sentence for each kind of message that is neither a paper nor text."""
    kinds = dict.fromkeys(
        NAMED_KINDS.get(ContentType(message.content_type), "other")
        for message in album
        if message.content_type not in (*PAPER_KINDS, ContentType.TEXT)
    )
    return [say(f"citizen-kind-{kind}") for kind in kinds]


def _is_for_a_person(request: Request, words: str) -> bool:
    return wants_a_person(words) and not _names_a_paper(request, words)


def _names_a_paper(request: Request, words: str) -> bool:
    try:
        named(request, words)
    except PaperUnknown:
        return False
    return True
