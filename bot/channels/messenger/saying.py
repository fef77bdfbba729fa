"""aiogram's methods as messages of Messenger: one, or several where one has no room."""

from typing import Any

from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageCaption,
    EditMessageMedia,
    EditMessageReplyMarkup,
    EditMessageText,
    SendMediaGroup,
    SendMessage,
    TelegramMethod,
)

from bot.channels import plain_text
from bot.channels.base import DeliveryFailed, Fault, ReadFile
from bot.channels.keyboard import choices
from bot.channels.markup import to_plain
from bot.channels.messenger import compose
from bot.channels.messenger.degrees import FILE_OF, IN_WORDS
from bot.channels.messenger.files import kind_for
from bot.channels.messenger.graph import Graph
from bot.channels.sending import held_file, sent_anew
from bot.methods import SendTemplate


class Saying:
    """``choose``: the words above choices that have none of their own."""

    def __init__(self, graph: Graph, choose: str) -> None:
        self._graph = graph
        self._choose = choose

    async def parts(
        self, method: TelegramMethod[Any], tag: str, files: ReadFile, *, single: bool = False
    ) -> list[compose.Part]:
        """The messages that say the method, in order.  Files are uploaded; nobody sees anything yet.

        ``single``: no more than one message will be taken, so that of a file only the words are said.
        Raises: DeliveryFailed, CallbackDataTooLong.
        """
        if isinstance(method, SendTemplate):
            return [compose.template(method.name, method.language, method.parameters)]
        if isinstance(method, EditMessageMedia):
            return await self.parts(sent_anew(method), tag, files, single=single)
        offered = choices(getattr(method, "reply_markup", None))
        words = self._words(method)
        given = [] if single and words else await self._given(method, files)
        if given and single:
            return compose.files(given, "", (), tag)
        if given:
            return compose.files(given, words, offered, tag)
        said = words or (self._choose if offered else "")
        if not said.strip():
            raise DeliveryFailed(Fault.GIVE_UP, "empty_text")
        return compose.texts(said, offered, tag, single=single)

    def _words(self, method: TelegramMethod[Any]) -> str:
        if isinstance(method, SendMessage | EditMessageText):
            return to_plain(method.text or "", method.parse_mode, method.entities)
        if isinstance(method, SendMediaGroup):
            return "\n\n".join(filter(None, (_caption(item) for item in method.media)))
        if isinstance(method, IN_WORDS):
            return plain_text.words(method.model_copy(update={"reply_markup": None}))
        if isinstance(method, EditMessageCaption) or type(method) in FILE_OF:
            return _caption(method)
        if isinstance(method, AnswerCallbackQuery):
            return (method.text or "").strip()
        if isinstance(method, EditMessageReplyMarkup):
            return ""
        raise DeliveryFailed(Fault.GIVE_UP, "unsupported")

    async def _given(self, method: TelegramMethod[Any], files: ReadFile) -> list[compose.Part]:
        """The attachments, in order."""
        if isinstance(method, SendMediaGroup):
            pictures = [await self._file("image", item.media, files) for item in method.media]
            if any(picture["type"] != "image" for picture in pictures):
                raise DeliveryFailed(Fault.GIVE_UP, "not_a_picture")
            return pictures
        if type(method) not in FILE_OF:
            return []
        field, kind = FILE_OF[type(method)]
        return [await self._file(kind, getattr(method, field), files)]

    async def _file(self, kind: str, given: object, files: ReadFile) -> compose.Part:
        if isinstance(given, str) and given.startswith(("https://", "http://")):
            return compose.file(kind, {"url": given})
        held = await held_file(given, files)
        kind = kind_for(kind, held)
        return compose.file(kind, {"attachment_id": await self._graph.upload(kind, held)})


def _caption(method: object) -> str:
    return to_plain(
        getattr(method, "caption", None) or "",
        getattr(method, "parse_mode", None),
        getattr(method, "caption_entities", None),
    )
