"""aiogram's methods as messages of WhatsApp: one, or two where the first has no room for words."""

from typing import Any, Final

from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageCaption,
    EditMessageMedia,
    EditMessageReplyMarkup,
    EditMessageText,
    SendContact,
    SendLocation,
    SendMessage,
    SendVenue,
    SendVoice,
    TelegramMethod,
)

from bot.channels.base import DeliveryFailed, Fault, ReadFile
from bot.channels.keyboard import choices
from bot.channels.markup import to_whatsapp
from bot.channels.sending import held_file, sent_anew
from bot.channels.whatsapp import compose
from bot.channels.whatsapp.asking import asked
from bot.channels.whatsapp.degrees import FILE_OF, WORDLESS
from bot.channels.whatsapp.files import fitting
from bot.channels.whatsapp.graph import Graph
from bot.methods import SendFlow, SendTemplate

_CAPTIONED: Final = frozenset({"image", "document", "video"})


class Saying:
    """``list_label``: the button that opens a list of choices, and the words above bare choices."""

    def __init__(self, graph: Graph, list_label: str) -> None:
        self._graph = graph
        self._list_label = list_label

    async def parts(self, method: TelegramMethod[Any], files: ReadFile) -> list[compose.Part]:
        """The messages that say the method, in order.  Files are uploaded; nobody sees anything yet.

        Raises: DeliveryFailed, CallbackDataTooLong.
        """
        if isinstance(method, SendTemplate):
            return [compose.template(method.name, method.language, method.parameters, method.buttons or ())]
        if isinstance(method, SendFlow):
            form = (method.flow_id, method.token, method.screen, method.data)
            return [compose.flow(method.text, method.button, *form)]
        if isinstance(method, EditMessageMedia):
            return await self.parts(sent_anew(method), files)
        if type(method) in FILE_OF:
            field, kind = FILE_OF[type(method)]
            return await self._with_file(method, kind, getattr(method, field), files)
        if isinstance(method, WORDLESS):
            return [_place_or_card(method), *self._words_after(method)]
        return [self._text(method)]

    def _text(self, method: TelegramMethod[Any]) -> compose.Part:
        if isinstance(method, SendMessage | EditMessageText):
            words = to_whatsapp(method.text or "", method.parse_mode, method.entities)
        elif isinstance(method, EditMessageCaption):
            words = _caption(method) or self._list_label
        elif isinstance(method, AnswerCallbackQuery):
            words = (method.text or "").strip()
        elif isinstance(method, EditMessageReplyMarkup):
            words = self._list_label
        else:
            raise DeliveryFailed(Fault.GIVE_UP, "unsupported")
        if not words:
            raise DeliveryFailed(Fault.GIVE_UP, "empty_text")
        markup = getattr(method, "reply_markup", None)
        if (question := asked(markup)) is not None:
            return compose.question(question, words, choices(markup))
        return compose.text(words, choices(markup), self._list_label)

    async def _with_file(
        self, method: TelegramMethod[Any], kind: str, given: object, files: ReadFile
    ) -> list[compose.Part]:
        name = ""
        if isinstance(given, str) and given.startswith(("https://", "http://")):
            file: compose.Part = {"link": given}
        else:
            kind, held = await fitting(kind, await held_file(given, files))
            name, file = held.name, {"id": await self._graph.upload(held)}
            if isinstance(method, SendVoice) and held.mime.startswith("audio/ogg"):
                file["voice"] = True
        if kind not in _CAPTIONED:
            return [{"type": kind, kind: file}, *self._words_after(method)]
        offered = choices(getattr(method, "reply_markup", None))
        return [compose.media(kind, file, _caption(method), offered, self._list_label, name)]

    def _words_after(self, method: TelegramMethod[Any]) -> list[compose.Part]:
        """Words and choices that the first message could not hold."""
        words, offered = _caption(method), choices(getattr(method, "reply_markup", None))
        if not words and not offered:
            return []
        return [compose.text(words or self._list_label, offered, self._list_label)]


def _place_or_card(method: TelegramMethod[Any]) -> compose.Part:
    if isinstance(method, SendLocation):
        return compose.location(method.latitude, method.longitude)
    if isinstance(method, SendVenue):
        return compose.location(method.latitude, method.longitude, method.title, method.address)
    if isinstance(method, SendContact):
        return compose.contact(method.phone_number, method.first_name, method.last_name)
    raise DeliveryFailed(Fault.GIVE_UP, "unsupported")


def _caption(method: TelegramMethod[Any]) -> str:
    return to_whatsapp(
        getattr(method, "caption", None) or "",
        getattr(method, "parse_mode", None),
        getattr(method, "caption_entities", None),
    )
