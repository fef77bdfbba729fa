"""The web chat's doors: the page, what it posts, and what it reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import structlog
from aiohttp import web

from bot import headers, ids, jsontext
from bot.allowance import Allowance
from bot.bell import Bell
from bot.callers import Callers
from bot.channels.base import Accept, Body, ChannelAdapter, Finding, ReadFile
from bot.channels.webchat import cookie, page_files, posts
from bot.channels.webchat.inbound import Kind
from bot.channels.webchat.newcomers import Newcomers
from bot.channels.webchat.posts import Keep, Refused
from bot.channels.webchat.reader import AWAY, Reader
from bot.channels.webchat.stream import follow
from bot.history import BadMark, Cursor, Mark

log = structlog.get_logger(__name__)

ACCOUNT: Final = "web"
PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})  # shown inside the page


@dataclass(frozen=True, slots=True)
class Site:
    """What the page says of the office, and where citizens find it.

    ``language_words``: language → what a person says to be spoken to in it; the page's switch says it too.
    ``account``: by which the conversations of this site are known.
    ``callers`` tells the addresses of browsers apart; None: nobody can, and new ones are not counted.
    """

    office_name: str
    public_url: str
    language_words: Mapping[str, str] = field(default_factory=dict)
    account: str = ACCOUNT
    callers: Callers | None = None
    newcomers_per_minute: int = 20  # of one address

    @property
    def over_https(self) -> bool:
        return self.public_url.startswith("https://")


class Doors:
    def __init__(
        self,
        site: Site,
        adapter: ChannelAdapter,
        *,
        reader: Reader,
        bell: Bell,
        allowance: Allowance,
        newcomers: Newcomers,
        put: Keep,
        read: ReadFile,
    ) -> None:
        self._site = site
        self._adapter = adapter
        self._reader = reader
        self._bell = bell
        self._allowance = allowance
        self._newcomers = newcomers
        self._put = put
        self._read = read
        self._files = page_files.load()

    def routes(self, accept: Accept) -> Sequence[web.AbstractRouteDef]:
        async def post(request: web.Request) -> web.Response:
            return await self._post(request, accept)

        return [
            web.get("/", self._page),
            web.get("/chat/static/{name}", self._static),
            web.get("/chat/about", self._about),
            web.get("/chat/history", self._history),
            web.get("/chat/stream", self._stream),
            web.get("/chat/files/{file_id}", self._file),
            web.post("/chat/messages", post),
        ]

    def check(self) -> Finding:
        return Finding("webchat", "index.html" in self._files, self._site.public_url)

    # ------------------------------------------------------------------ the page

    async def _page(self, request: web.Request) -> web.Response:
        secure = self._over_https(request)
        known = cookie.read(request, secure=secure)
        if "new" in request.query and self._is_asked_for(request):
            known = None
            response: web.Response = web.Response(status=303, headers={"Location": "/"})
        elif "new" in request.query:
            response = web.Response(status=303, headers={"Location": "/"})
        else:
            response = self._files["index.html"].answer(request, "no-store")
        cookie.set_on(response, known or cookie.new(), secure=secure)
        return response

    @staticmethod
    def _is_asked_for(request: web.Request) -> bool:
        """A person who starts anew leaves the old conversation for good: a link on another site, or a browser
        that loads pages ahead, may not do that."""
        elsewhere = request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")
        return not elsewhere and "Sec-Purpose" not in request.headers

    def _over_https(self, request: web.Request) -> bool:
        return request.secure or self._site.over_https

    async def _static(self, request: web.Request) -> web.Response:
        file = self._files.get(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound
        return file.answer(request, "no-cache")

    async def _about(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"office": self._site.office_name, "language_words": dict(self._site.language_words)}
        )

    # ------------------------------------------------------------------ what it posts

    async def _post(self, request: web.Request, accept: Accept) -> web.Response:
        try:
            session = self._allowed(request)
            body = await posts.read(request, session, self._keep) | self._newcomers.near(request)
            if body["kind"] == Kind.TAP:
                await self._was_offered(session, body)
            response = await accept(self._adapter, jsontext.dumps(body).encode())
        except Refused as refusal:
            told = {"error": refusal.word}
            return web.json_response(told, status=refusal.status, headers=refusal.headers)
        except AWAY as error:
            log.warning("webchat.not_stored", error=type(error).__name__)
            return web.json_response({"error": "try_later"}, status=503)
        if response.status != 200:
            word = "try_later" if response.status == 503 else "refused"
            return web.json_response({"error": word}, status=response.status)
        self._bell.news(session)  # the person's other windows
        return web.json_response({"id": body["id"]})

    def _allowed(self, request: web.Request) -> str:
        """The session of a post that may be read.  Raises: Refused."""
        if not headers.from_our_page(request, self._site.public_url):
            raise Refused(403, "cross_site")
        session = self._session(request)
        if session is None:
            raise Refused(403, "no_session")
        is_new = not self._allowance.knows(session)
        if wait := (self._newcomers.take(request) if is_new else 0.0) or self._allowance.take(session):
            raise Refused(429, "too_many", wait)
        return session

    async def _keep(self, key: str, content: bytes) -> None:
        """Raises: Refused.  Stores fail in as many ways as there are stores; to the page they are one."""
        try:
            await self._put(key, content)
        except Exception as error:
            log.warning("webchat.not_kept", error=type(error).__name__)
            raise Refused(503, "try_later") from error

    async def _was_offered(self, session: str, tap: Body) -> None:
        """A tap names a button that this person was shown; anything else was made up.  Raises: Refused."""
        row = ids.outbox_id(tap["message_id"])
        if row is None or not await self._reader.offered(session, row, tap["data"]):
            raise Refused(400, "unknown_choice")

    # ------------------------------------------------------------------ what it reads

    async def _history(self, request: web.Request) -> web.Response:
        session = self._session(request)
        if session is None:
            return web.json_response({"error": "no_session"}, status=403)
        try:
            before = Mark.parse(request.query["before"]) if "before" in request.query else None
            return web.json_response(await self._reader.page(session, before))
        except BadMark:
            return web.json_response({"error": "bad_mark"}, status=400)
        except AWAY as error:
            log.warning("webchat.unread", error=type(error).__name__)
            return web.json_response({"error": "try_later"}, status=503)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        session = self._session(request)
        if session is None:
            return web.json_response({"error": "no_session"}, status=403)
        told = request.headers.get("Last-Event-ID") or request.query.get("after")
        try:
            cursor = Cursor.parse(told) if told else None
        except BadMark:
            return web.json_response({"error": "bad_mark"}, status=400)
        try:
            return await follow(request, self._reader, self._bell, session, cursor)
        except AWAY as error:
            log.warning("webchat.unread", error=type(error).__name__)
            return web.json_response({"error": "try_later"}, status=503)

    async def _file(self, request: web.Request) -> web.Response:
        """Only to whom it belongs: sent by this person here, or sent to them."""
        session, file_id = self._session(request), request.match_info["file_id"]
        if session is None or not await self._reader.may_read(session, file_id):
            raise web.HTTPNotFound
        try:
            held = await self._read(file_id)
        except FileNotFoundError as error:
            raise web.HTTPNotFound from error
        shown = held.mime in PICTURES
        return web.Response(
            body=held.content,
            content_type=held.mime if shown or held.mime == "application/pdf" else "application/octet-stream",
            headers={
                "Content-Disposition": _disposition(held.name),
                "Content-Security-Policy": headers.FILE_POLICY,
            },
        )

    def _session(self, request: web.Request) -> str | None:
        known = cookie.read(request, secure=self._over_https(request))
        return None if known is None else cookie.session_of(known)


def _disposition(name: str) -> str:
    """An attachment: pages show pictures all the same, and nothing that was sent is a page of ours.

    RFC 6266: the name as it is in UTF-8, and a plain one for who cannot read that.
    """
    ending = name.rpartition(".")[2]
    plain = f"berkas.{ending}" if ending != name and ending.isascii() and ending.isalnum() else "berkas"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
