"""The guard at the door out: every method passes it when it is said, and again when it is sent."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from aiogram.methods import TelegramMethod
from pydantic import BaseModel

from bot.channels.base import HeldFile
from bot.files import mime_of
from bot.guarding.asking import asked_for, unasked
from bot.guarding.attachments import ENDINGS, well_named
from bot.guarding.folding import faces, folded
from bot.guarding.links import NOWHERE, Allowed, dots_broken, links, unlinked
from bot.history import FILE_FIELDS
from models.files import StoredFile

_NOT_SHOWN: Final = frozenset(
    {"callback_data", "parse_mode", "business_connection_id", "message_effect_id", "callback_query_id"}
)  # never seen by a person, or no text


class Unfit(Exception):
    """This must not leave.  ``what``: ``link``, ``secret``, ``money`` or ``file``; ``shown`` the words.

    The words may be personal: printed, it is its kind alone.
    """

    def __init__(self, what: str, shown: str = "") -> None:
        super().__init__(f"unfit_{what}")
        self.what = what
        self.shown = shown

    @property
    def code(self) -> str:
        return f"unfit_{self.what}"


@dataclass(frozen=True, slots=True)
class Guard:
    """``allowed``: where messages may lead."""

    allowed: Allowed = NOWHERE

    def lets_pass(self, text: str) -> bool:
        try:
            self.words(text)
        except Unfit:
            return False
        return True

    def words(self, text: str) -> None:
        """Raises: Unfit."""
        for seen in faces(text):
            for link in links(seen, self.allowed):
                raise Unfit("link", link.shown)
            if (asked := asked_for(seen)) is not None:
                raise Unfit(asked.what, asked.shown)

    def method(self, method: TelegramMethod[Any]) -> None:
        """All that a person may see of it.  Raises: Unfit."""
        for text in _texts(method):
            self.words(text)

    async def files(self, named: Collection[str]) -> None:
        """By the kind that their bytes were found to be; what we do not hold is no file.  Raises: Unfit."""
        if not named:
            return
        held = {row.file_id: row.mime for row in await StoredFile.filter(file_id__in=named)}
        for file_id in named:
            if held.get(file_id) not in ENDINGS:
                raise Unfit("file", held.get(file_id) or "")

    @staticmethod
    def file(held: HeldFile) -> HeldFile:
        """The file, under a name that says what its bytes are.  Raises: Unfit."""
        mime = mime_of(held.content)
        if mime not in ENDINGS:
            raise Unfit("file", mime)
        return replace(held, mime=mime, name=well_named(held.name, mime))


def files_in(name: str, fields: Mapping[str, Any]) -> list[str]:
    """Our ids of the files that a method names."""
    media = fields.get("media")
    pictures = media if isinstance(media, list | tuple) else [media]
    named = [fields.get(FILE_FIELDS.get(name, "")), *(getattr(one, "media", None) for one in pictures)]
    return [one for one in named if isinstance(one, str)]


def broken(words: str, allowed: Allowed = NOWHERE) -> str:
    """What strangers said, so that it can be shown wherever: it leads nowhere and names nothing to ask for.

    ``bit[.]ly/x``, ``kirim O·TP``.  What has nothing of this is not touched.
    """
    once = unasked(unlinked(words, allowed))
    return once if Guard(allowed).lets_pass(once) else unasked(_letters_of(folded(once)))


def _letters_of(words: str) -> str:
    """Without any sign that could make a link of them; a dot that is spelt out is broken as in a link."""
    return dots_broken("".join(c if c.isalpha() or c.isspace() or c == "·" else " " for c in words))


def _texts(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, str):
        if name not in _NOT_SHOWN:
            yield value
    elif isinstance(value, BaseModel):
        for field, part in vars(value).items():
            yield from _texts(part, field)
    elif isinstance(value, Mapping):
        for field, part in value.items():
            yield from _texts(part, str(field))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part, name)
