"""Calls to the Bot API.

Own calls instead of aiogram's: we need the HTTP status where no JSON comes back, and the difference between
"not sent" and "no answer".  The token stands in every address, so no exception of aiohttp leaves this file.
"""

import json
from functools import cache
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.methods import TelegramMethod
from yarl import URL

from bot.channels.base import MediaGone
from bot.channels.download import read_capped
from bot.channels.telegram.errors import NoAnswer, NotSent, Refused, refusal_in
from bot.channels.telegram.settings import TelegramSettings

PATIENCE: Final = aiohttp.ClientTimeout(total=20, connect=10)  # seconds
UPLOAD: Final = aiohttp.ClientTimeout(total=90, connect=10)
DOWNLOAD: Final = aiohttp.ClientTimeout(total=60, connect=10, sock_read=20)


@cache
def _writer() -> AiohttpSession:
    """Writes forms and never connects, but reads all certificates when it is made: one is enough."""
    return AiohttpSession()


class BotApi:
    """Every call raises Refused, NotSent or NoAnswer, and nothing else."""

    def __init__(self, settings: TelegramSettings, http: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._http = http
        self._urls: dict[str, URL] = {}
        self._bot = Bot(settings.token.get_secret_value(), session=_writer())

    async def make(self, method: TelegramMethod[Any]) -> Any:
        """The ``result`` of an aiogram method, as plain data."""
        files: dict[str, Any] = {}
        writer = _writer()
        fields = {
            name: told
            for name, value in vars(method).items()
            if value is not None
            and (told := writer.prepare_value(value, self._bot, files, _dumps_json=False)) is not None
        }
        if files:
            form = writer.build_form_data(self._bot, method)
            return await self._post(method.__api_method__, UPLOAD, data=form)
        return await self._post(method.__api_method__, PATIENCE, json=fields)

    async def call(self, name: str, *, patience: float = 20, **parameters: Any) -> Any:
        """The ``result`` of a method by its name.  ``patience`` in seconds."""
        timeout = aiohttp.ClientTimeout(total=patience, connect=10)
        return await self._post(name, timeout, json=parameters)

    async def download(self, file_path: str, limit: int) -> bytes:
        """Raises: MediaGone beside the usual three."""
        url = f"{self._settings.api_base}/file/bot{self._token}/{quote(file_path, safe='/')}"
        try:
            async with self._http.get(url, timeout=DOWNLOAD, allow_redirects=False) as response:
                if response.status != 200:
                    raise Refused(response.status, "")
                return await read_capped(response, limit)
        except (MediaGone, Refused):
            raise
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            raise NoAnswer from None

    async def _post(self, name: str, timeout: aiohttp.ClientTimeout, **content: Any) -> Any:
        try:
            async with self._http.post(
                self._url(name), timeout=timeout, allow_redirects=False, **content
            ) as response:
                status, raw = response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise NotSent from None
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            raise NoAnswer from None
        answer = _parsed(raw)
        if 200 <= status < 300 and not isinstance(answer, dict):
            raise NoAnswer
        refused = refusal_in(status, answer)
        if refused is not None:
            raise refused
        return answer.get("result")

    def _url(self, name: str) -> URL:
        """Read once for each method: it stands in every call."""
        url = self._urls.get(name)
        if url is None:
            url = self._urls[name] = URL(f"{self._settings.api_base}/bot{self._token}/{name}")
        return url

    @property
    def _token(self) -> str:
        return self._settings.token.get_secret_value()


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
