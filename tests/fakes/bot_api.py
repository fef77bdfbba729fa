"""A pretend Bot API for one bot, which refuses what Telegram refuses.

``POST|GET /bot<token>/<method>`` (query, form, multipart, JSON) and ``GET /file/bot<token>/<path>``.
A method this fake has not learnt is answered 404 and stands in the ledger as refused.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes import bot_api_rules as rules
from tests.fakes.bot_api_rules import BotRefusal, Call, bad_request
from tests.fakes.bot_api_state import LINK_LIVES, File, TelegramMemory
from tests.fakes.ledger import Sent
from tests.fakes.server import FakeServer, Fault, Throttle

Json = dict[str, Any]
TOKEN = "7042:AAtestTokenOfTheOffice"
DELETABLE = timedelta(hours=48)
QUIET = {"getMe", "getUpdates", "getWebhookInfo", "getFile", "getMyCommands"}
ORDERED = {"http429": 429, "http401": 401, "http403": 403, "http409": 409}


@dataclass(frozen=True, slots=True)
class Effect:
    """A message that broke no rule: its lines, and what makes it happen and gives the result."""

    lines: list[Sent]
    happens: Callable[[], Any]


class FakeBotApi(FakeServer, TelegramMemory):
    """``next_send("http429", retry_after=3)``; also ``http401``, ``http403``, ``http409``.

    ``chat_limit``: refuse what is faster than one message a second in one chat (after a burst of three).
    For aiogram: ``AiohttpSession(api=TelegramAPIServer.from_base(bot_api.base_url))``.
    """

    refusals = frozenset(ORDERED)

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "loket_bot",
        ledger_file: Path | None = None,
    ) -> None:
        FakeServer.__init__(self, ledger_file=ledger_file)
        TelegramMemory.__init__(self)
        self.token = token
        self.me_as_user: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Loket",
            "username": username,
        }
        self.chat_limit = False
        self._chat_pace = Throttle(seconds=1, burst=3)
        self._arrived = asyncio.Event()
        self._poll = 0
        self.polling = asyncio.Event()  # set while a getUpdates waits
        methods: dict[str, Callable[[Call, Sent], Any]] = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._webhook_info,
            "setMyCommands": self._set_commands,
            "getMyCommands": self._get_commands,
            "getFile": self._get_file,
            "sendChatAction": self._chat_action,
            "answerCallbackQuery": self._answer_query,
            "sendMessage": self._send_message,
            "sendPhoto": self._send_media,
            "sendDocument": self._send_media,
            "sendMediaGroup": self._send_album,
            "copyMessage": self._copy,
            "forwardMessage": self._forward,
            "editMessageText": self._edit_text,
            "editMessageReplyMarkup": self._edit_markup,
            "deleteMessage": self._delete,
        }
        self._methods = {name.lower(): (name, method) for name, method in methods.items()}

    def application(self) -> web.Application:
        app = web.Application(client_max_size=rules.MAX_UPLOAD + 2 * rules.MB)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        return app

    def queue(self, update: Json) -> None:
        """Holds an update for the next `getUpdates`."""
        self.pending.append(update)
        self._wake_pollers()

    async def stop(self) -> None:
        self._stopping.set()
        self._wake_pollers()
        await super().stop()

    # ------------------------------------------------------------------ answering

    async def _call(self, request: web.Request) -> web.StreamResponse:
        name, method = self._methods.get(request.match_info["method"].lower(), ("", self._not_learnt))
        name = name or request.match_info["method"]
        line = Sent(at=self.clock(), channel="telegram", to="", type=name)
        try:
            if request.match_info["token"] != self.token:
                raise BotRefusal(401, "Unauthorized")
            call = await rules.read_call(request)
            line.request = call.fields
            line.to = call.text("chat_id")
            done = method(call, line)
            result = await done if asyncio.iscoroutine(done) else done
            if isinstance(result, Effect):
                return await self._carry_out_all(result, request)
        except BotRefusal as refusal:
            if refusal.code != 409:  # a second poller: nobody's message
                line.outcome, line.refusal = "refused", str(refusal)
                self.ledger.add(line)
            return web.json_response(refusal.body(), status=refusal.code)
        if name not in QUIET:
            line.shown = False
            self.ledger.add(line)
        return web.json_response({"ok": True, "result": result})

    async def _carry_out_all(self, effect: Effect, request: web.Request) -> web.StreamResponse:
        """The fault that is due befalls the whole call; an album's lines share it."""
        fault = self.fault_for(effect.lines[0].to)
        if fault and fault.name in ORDERED:
            return self._refuse_on_order(effect, fault)
        arrives = fault is None or fault.name not in ("drop_before", "http500", "http502")
        result = effect.happens() if arrives else None
        *others, last = effect.lines
        for line in others:
            line.outcome = {"drop_after": "dropped_after", "hang": "hung"}.get(
                fault.name if fault else "", "accepted"
            )
            if not arrives:
                line.outcome = "dropped_before"
            self.ledger.add(line)
        await self.carry_out(last, fault, request)
        if last.outcome in ("http500", "http502"):
            code = int(last.outcome[4:])
            said = {"ok": False, "error_code": code, "description": "Internal Server Error"}
            return web.json_response(said, status=code)
        return web.json_response({"ok": True, "result": result})

    def _refuse_on_order(self, effect: Effect, fault: Fault) -> web.StreamResponse:
        code = ORDERED[fault.name]
        words = {
            429: f"Too Many Requests: retry after {fault.retry_after}",
            401: "Unauthorized",
            403: "Forbidden: bot was blocked by the user",
            409: "Conflict: terminated by other getUpdates request",
        }
        refusal = BotRefusal(code, words[code], retry_after=fault.retry_after if code == 429 else None)
        for line in effect.lines:
            line.outcome, line.refusal = "ordered", str(refusal)
            self.ledger.add(line)
        return web.json_response(refusal.body(), status=code)

    def _not_learnt(self, *_: object) -> Any:
        raise BotRefusal(404, "Not Found: this fake has not learnt the method")

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return web.json_response(BotRefusal(401, "Unauthorized").body(), status=401)
        for file in self.files.values():
            if file.path == request.match_info["path"] and file.link_until and self.clock() < file.link_until:
                return web.Response(body=file.data, content_type="application/octet-stream")
        return web.json_response(BotRefusal(404, "Not Found").body(), status=404)

    # ------------------------------------------------------------------ set-up

    def _get_me(self, *_: object) -> Json:
        able = {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }
        return self.me_as_user | able

    def _set_webhook(self, call: Call, _: Sent) -> bool:
        if not call.text("url"):
            return self._delete_webhook(call, _)
        rules.check_webhook(call)
        self.webhook_url, self.webhook_secret = call.text("url"), call.text("secret_token")
        self._asks_for(call)
        if call.flag("drop_pending_updates"):
            self.pending.clear()
        return True

    def _delete_webhook(self, call: Call, _: Sent) -> bool:
        self.webhook_url = self.webhook_secret = ""
        if call.flag("drop_pending_updates"):
            self.pending.clear()
        return True

    def _asks_for(self, call: Call) -> None:
        kinds = call.json("allowed_updates")
        if kinds is None:
            return
        if not isinstance(kinds, list):
            raise bad_request("expected an Array of String as allowed_updates")
        self.allowed_updates = [str(kind) for kind in kinds]

    def _webhook_info(self, *_: object) -> Json:
        told: Json = {"url": self.webhook_url, "has_custom_certificate": False}
        told["pending_update_count"] = len(self.pending)
        return told | ({"allowed_updates": self.allowed_updates} if self.allowed_updates else {})

    def _set_commands(self, call: Call, _: Sent) -> bool:
        commands = call.json("commands")
        rules.check_commands(commands)
        self.commands = commands
        return True

    def _get_commands(self, *_: object) -> list[Json]:
        return self.commands

    async def _get_updates(self, call: Call, _: Sent) -> list[Json]:
        """Updates from ``offset`` on; what lies before it is confirmed and forgotten."""
        if self.webhook_url:
            raise BotRefusal(409, "Conflict: can't use getUpdates method while webhook is active")
        self._asks_for(call)
        self._poll += 1
        mine = self._poll
        self._wake_pollers()  # an older poll is ended by this one
        offset, limit = call.number("offset", 0), call.number("limit", 100)
        if not 1 <= limit <= 100:
            raise bad_request("limit must be between 1 and 100")
        if offset > 0:
            self.pending = [update for update in self.pending if update["update_id"] >= offset]
        elif offset < 0:
            self.pending = self.pending[offset:]
        try:
            async with asyncio.timeout(min(call.number("timeout", 0), 50)):
                while not self.pending and not self._stopping.is_set() and mine == self._poll:
                    self.polling.set()
                    await self._arrived.wait()
        except TimeoutError:
            return []
        finally:
            if mine == self._poll:
                self.polling.clear()
        if mine != self._poll:
            raise BotRefusal(409, "Conflict: terminated by other getUpdates request")
        return self.pending[:limit]

    def _wake_pollers(self) -> None:
        woken, self._arrived = self._arrived, asyncio.Event()
        woken.set()

    # ------------------------------------------------------------------ small calls

    def _get_file(self, call: Call, _: Sent) -> Json:
        file = self.files.get(call.text("file_id"))
        if file is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if len(file.data) > rules.MAX_DOWNLOAD:
            raise bad_request("file is too big")
        file.link_until = self.clock() + LINK_LIVES
        return file.as_bare() | {"file_path": file.path}

    def _chat_action(self, call: Call, line: Sent) -> bool:
        self.chat_for(call.number("chat_id"))
        line.text = call.text("action")
        if line.text not in rules.CHAT_ACTIONS:
            raise bad_request("wrong parameter action in request")
        return True

    def _answer_query(self, call: Call, line: Sent) -> bool:
        line.to, line.reply_to = (
            str(self.asker(call.text("callback_query_id"))),
            call.text("callback_query_id"),
        )
        line.text = call.text("text")
        if len(line.text) > 200:
            raise bad_request("MESSAGE_TOO_LONG")
        return True

    # ------------------------------------------------------------------ messages

    def _begin(self, call: Call, line: Sent) -> Json:
        """A message of ours on its way into a chat, without content yet.  Raises `BotRefusal`."""
        chat = self.chat_for(call.number("chat_id"))
        line.to = str(chat["id"])
        if self.chat_limit and (wait := self._chat_pace.wait(line.to, self.clock())):
            seconds = math.ceil(wait)
            raise BotRefusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        message: Json = {"from": self.me_as_user, "chat": chat, "date": int(self.clock().timestamp())}
        answers = call.json("reply_parameters") or {}
        if reply_to := answers.get("message_id") or call.fields.get("reply_to_message_id"):
            line.reply_to = str(reply_to)
            lenient = answers.get("allow_sending_without_reply") or call.flag("allow_sending_without_reply")
            if (chat["id"], int(reply_to)) not in self._messages and not lenient:
                raise bad_request("message to be replied not found")
        return message

    def _sending(self, call: Call, line: Sent, message: Json) -> Effect:
        """The message with its keyboard; it gets its id when it happens."""
        markup, line.buttons = rules.keyboard(call.json("reply_markup"))

        def happens() -> Json:
            message["message_id"] = self.next_message_id()
            line.id = str(message["message_id"])
            if "inline_keyboard" in markup:
                message["reply_markup"] = markup
            elif markup:
                self.take_reply_keyboards_away(message["chat"]["id"])
            self.remember(message, line.buttons)
            return message

        return Effect([line], happens)

    def _send_message(self, call: Call, line: Sent) -> Effect:
        message = self._begin(call, line)
        line.text = message["text"] = rules.words(call, "text", most=rules.MAX_TEXT)
        if not line.text:
            raise bad_request("message text is empty")
        return self._sending(call, line, message)

    def _send_media(self, call: Call, line: Sent) -> Effect:
        kind = "photo" if line.type == "sendPhoto" else "document"
        message = self._begin(call, line)
        self._put_file(message, line, kind, call.fields.get(kind, f"attach://{kind}"), call)
        self._put_caption(message, line, rules.words(call, "caption", most=rules.MAX_CAPTION))
        return self._sending(call, line, message)

    def _put_file(self, message: Json, line: Sent, kind: str, source: object, call: Call) -> None:
        """Adds the file of ``attach://name`` or of a known file id to a message."""
        file = self._file(kind, str(source), call)
        line.carries(file.data, mime_type=file.mime_type, filename=file.filename)
        if kind == "photo":
            width, height = file.size
            message["photo"] = [file.as_bare() | {"width": width or 1280, "height": height or 960}]
        else:
            message["document"] = file.as_document()

    def _put_caption(self, message: Json, line: Sent, caption: str) -> None:
        if caption:
            line.text = message["caption"] = caption

    def _file(self, kind: str, source: str, call: Call) -> File:
        if source.startswith("attach://"):
            upload = call.files.get(source.removeprefix("attach://"))
            if upload is None:
                raise bad_request(f"there is no {kind} in the request")
            if kind == "photo":
                size = rules.check_photo(upload.data)
                return self.add_file(upload.data, kind, mime_type="image/jpeg", size=size)
            rules.check_file(upload.data)
            return self.add_file(upload.data, kind, mime_type=upload.mime_type, filename=upload.filename)
        file = self.files.get(source)
        if file is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if file.kind != kind:
            raise bad_request(f"can't use file of type {file.kind.title()} as {kind.title()}")
        return file

    def _send_album(self, call: Call, line: Sent) -> Effect:
        items = call.json("media")
        if not isinstance(items, list) or len(items) not in rules.ALBUM:
            raise bad_request("group send failed: an album holds 2 to 10 items")
        kinds = {item.get("type") for item in items if isinstance(item, dict)}
        if kinds not in ({"photo"}, {"document"}):
            raise bad_request("group send failed: photos and documents can't be mixed")
        if call.fields.get("reply_markup"):
            raise bad_request("reply markup is not allowed in media groups")
        started, group = self._begin(call, line), str(12_000_000_000 + self._message_id)
        effects = []
        for item in items:
            mine = Sent(at=line.at, channel=line.channel, to=line.to, type=line.type, request=line.request)
            message = started | {"media_group_id": group}
            self._put_file(message, mine, item["type"], item.get("media", ""), call)
            mode, what = item.get("parse_mode") or "", "message caption"
            caption = rules.spoken(item.get("caption") or "", mode, most=rules.MAX_CAPTION, what=what)
            self._put_caption(message, mine, caption)
            effects.append(self._sending(Call(), mine, message))
        return Effect(
            [effect.lines[0] for effect in effects], lambda: [effect.happens() for effect in effects]
        )

    # ------------------------------------------------------------------ again and anew

    def _original(self, call: Call, line: Sent, otherwise: str) -> tuple[Json, Json]:
        """(the old message, the new one with its content); the line shows the same."""
        old = self.message(call.number("from_chat_id"), call.number("message_id"), otherwise)
        content = {key: old[key] for key in ("text", "caption", "photo", "document") if key in old}
        line.text = old.get("text") or old.get("caption") or ""
        shown = (
            max(old["photo"], key=lambda size: size["file_size"]) if "photo" in old else old.get("document")
        )
        if shown:
            file = self.files[shown["file_id"]]
            line.carries(file.data, mime_type=file.mime_type, filename=file.filename)
        return old, self._begin(call, line) | content

    def _copy(self, call: Call, line: Sent) -> Effect:
        _, message = self._original(call, line, "message to copy not found")
        if "caption" in call.fields:
            message.pop("caption", None)
            line.text = ""
            self._put_caption(message, line, rules.words(call, "caption", most=rules.MAX_CAPTION))
        effect = self._sending(call, line, message)
        return Effect(effect.lines, lambda: {"message_id": effect.happens()["message_id"]})

    def _forward(self, call: Call, line: Sent) -> Effect:
        old, message = self._original(call, line, "message to forward not found")
        message["forward_origin"] = {"type": "user", "date": old["date"], "sender_user": old["from"]}
        return self._sending(Call(), line, message)

    def _ours(self, call: Call, line: Sent, otherwise: str) -> Json:
        """The message of ours that is to change."""
        chat = self.chat_for(call.number("chat_id"))
        line.to, line.id = str(chat["id"]), str(call.number("message_id"))
        message = self.message(chat["id"], int(line.id), otherwise)
        if message["from"] != self.me_as_user:
            raise bad_request("message can't be edited")
        return message

    def _edit_text(self, call: Call, line: Sent) -> Effect:
        message = self._ours(call, line, "message to edit not found")
        if "text" not in message:
            raise bad_request("there is no text in the message to edit")
        line.text = rules.words(call, "text", most=rules.MAX_TEXT)
        if not line.text:
            raise bad_request("message text is empty")
        return self._changing(call, line, message, {"text": line.text})

    def _edit_markup(self, call: Call, line: Sent) -> Effect:
        message = self._ours(call, line, "message to edit not found")
        return self._changing(call, line, message, {})

    def _changing(self, call: Call, line: Sent, message: Json, changes: Json) -> Effect:
        markup, line.buttons = rules.keyboard(call.json("reply_markup"))
        if markup and "inline_keyboard" not in markup:
            raise bad_request("inline keyboard expected")
        bare = {key: value for key, value in message.items() if key not in ("reply_markup", "edit_date")}
        changed = bare | changes
        changed |= {"reply_markup": markup} if line.buttons else {}
        if changed == {key: value for key, value in message.items() if key != "edit_date"}:
            raise bad_request(
                "message is not modified: specified new message content and reply markup are exactly "
                "the same as a current content and reply markup of the message"
            )

        def happens() -> Json:
            changed["edit_date"] = int(self.clock().timestamp())
            self.remember(changed, line.buttons)
            return changed

        return Effect([line], happens)

    def _delete(self, call: Call, line: Sent) -> Effect:
        chat = self.chat_for(call.number("chat_id"))
        line.shown, line.id = False, str(call.number("message_id"))
        message = self.message(chat["id"], int(line.id), "message to delete not found")
        if self.clock().timestamp() - message["date"] > DELETABLE.total_seconds():
            raise bad_request("message can't be deleted for everyone")

        def happens() -> bool:
            self.forget(chat["id"], int(line.id))
            return True

        return Effect([line], happens)
