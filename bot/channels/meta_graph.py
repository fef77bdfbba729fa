"""Calls to Meta's Graph API, for every channel that is one of Meta's.

Source: Meta, Graph API, "Handle Errors", "Rate Limits", read 2026-11.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, Protocol
from urllib.parse import quote, urlsplit

import aiohttp
import orjson
from pydantic import SecretStr

from bot.channels.base import DeliveryFailed, Fault
from bot.channels.public_names import is_metas_name
from bot.channels.shape import listing, mapping, seconds

PATIENCE: Final = aiohttp.ClientTimeout(total=20, connect=10)  # seconds
USAGE: Final = "X-Business-Use-Case-Usage"  # JSON: node → [{"estimated_time_to_regain_access": minutes}]

# Where no JSON of Meta's came back: a proxy, a load balancer, an outage.
_BY_STATUS: Final[Mapping[int, Fault]] = {
    401: Fault.PAUSE,
    403: Fault.PAUSE,
    404: Fault.PAUSE,
    408: Fault.RETRY,
    429: Fault.RETRY,
    502: Fault.UNKNOWN,
    504: Fault.UNKNOWN,
}


class Judge(Protocol):
    """What an answer (parsed JSON, None where it was none) means; None: it was taken."""

    def __call__(
        self, status: int, answer: Any, *, retry_after: timedelta | None = None
    ) -> DeliveryFailed | None: ...


class GraphApi:
    """The API as one token sees it.  Every call raises DeliveryFailed, and nothing else.

    Exceptions of aiohttp end here: they may carry headers, and the token is one.
    """

    def __init__(
        self, base: str, version: str, token: SecretStr, http: aiohttp.ClientSession, judge: Judge
    ) -> None:
        self._base = base
        self._version = version
        self._token = token
        self._http = http
        self._judge = judge

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token.get_secret_value()}"}

    def address(self, *nodes: str) -> str:
        path = "/".join(quote(node, safe="") for node in (self._version, *nodes))
        return f"{self._base}/{path}"

    async def get(self, *nodes: str, **query: str) -> Mapping[str, Any]:
        return await self.call("GET", *nodes, params=query)

    async def call(self, verb: str, *nodes: str, **content: Any) -> Mapping[str, Any]:
        """The answer, a JSON object.  Silence after the bytes have left is `Fault.UNKNOWN`."""
        try:
            async with self._http.request(
                verb,
                self.address(*nodes),
                headers=self.bearer,
                timeout=PATIENCE,
                allow_redirects=False,
                **content,
            ) as response:
                raw = await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise DeliveryFailed(Fault.RETRY, "not_connected") from None
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            raise DeliveryFailed(Fault.UNKNOWN, "no_answer") from None
        answer = _parsed(raw)
        failure = self._judge(response.status, answer, retry_after=_patience(response.headers))
        if failure is not None:
            raise failure
        if not isinstance(answer, dict):
            raise DeliveryFailed(Fault.UNKNOWN, "unreadable_answer")
        return answer

    async def call_again(self, verb: str, *nodes: str, **content: Any) -> Mapping[str, Any]:
        """A `call` that shows nothing to anybody, so that silence only means to try once more."""
        try:
            return await self.call(verb, *nodes, **content)
        except DeliveryFailed as failure:
            if failure.fault is not Fault.UNKNOWN:
                raise
            raise DeliveryFailed(Fault.RETRY, failure.code) from None


def by_status(status: int, *, retry_after: timedelta | None = None) -> DeliveryFailed | None:
    """The failure in an answer without an error of Meta's; None if the call was taken."""
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return DeliveryFailed(Fault.PAUSE, f"http_{status}")  # the API does not redirect: a wrong address
    otherwise = Fault.RETRY if status >= 500 else Fault.GIVE_UP
    return DeliveryFailed(_BY_STATUS.get(status, otherwise), f"http_{status}", retry_after=retry_after)


def is_metas(url: str, api_base: str) -> bool:
    """Whether a link leads to one of Meta's hosts, by https, or to the very server that is the API."""
    try:
        link, api = urlsplit(url), urlsplit(api_base)
        port = link.port
    except ValueError:
        return False
    if link.username is not None or link.password is not None or not link.hostname:
        return False
    if (link.scheme, link.hostname, port) == (api.scheme, api.hostname, api.port):
        return True
    return link.scheme == "https" and port in (None, 443) and is_metas_name(link.hostname)


def _parsed(raw: bytes | str) -> Any:
    try:
        return orjson.loads(raw)
    except ValueError:
        return None


def _patience(headers: Mapping[str, str]) -> timedelta | None:
    """How long the answer asks us to wait, in whichever of its headers says so."""
    told = seconds(headers.get("Retry-After"))
    usages = mapping(_parsed(headers.get(USAGE, "")))
    minutes = [
        mapping(usage).get("estimated_time_to_regain_access")
        for node in usages.values()
        for usage in listing(node)
    ]
    longest = max((m for m in minutes if isinstance(m, int) and 0 < m < 20_000), default=0)
    return max(filter(None, (told, timedelta(minutes=longest))), default=None)
