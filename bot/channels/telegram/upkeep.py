"""What a bot keeps in order with Telegram: its webhook, its commands; or it fetches its updates itself."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog

from bot.channels.base import Accept, ChannelAdapter, Finding
from bot.channels.rotation import secrets_in
from bot.channels.shape import listing, mapping, text
from bot.channels.telegram.api import BotApi
from bot.channels.telegram.errors import NoAnswer, NotSent, Refused
from bot.channels.telegram.inbound import ALLOWED_UPDATES
from bot.channels.telegram.routes import PATH
from bot.channels.telegram.settings import TelegramSettings

log = structlog.get_logger(__name__)

Pause = Callable[[float], Awaitable[object]]  # seconds

LONG_POLL: Final = 25  # seconds
LISTEN: Final = 3  # seconds in which another poller shows itself, for it comes again after two at most
LONGEST_PAUSE: Final = 60.0  # seconds between two tries
NEVER_TAKEN: Final = frozenset({400, 413})  # answers of the door that will not change


async def set_up(
    api: BotApi,
    settings: TelegramSettings,
    public_url: str | None,
    commands: Mapping[str, str],
    pause: Pause = asyncio.sleep,
    *,
    updates: Sequence[str] = ALLOWED_UPDATES,
) -> None:
    """Tells Telegram where to send updates and what the menu shows; tries until it has been told."""
    if settings.mode == "polling":
        await _insist(api, "deleteWebhook", pause)
    elif public_url and settings.secret_token is not None:
        current = secrets_in(settings.secret_token)[0].decode()
        await _insist(
            api,
            "setWebhook",
            pause,
            url=public_url.rstrip("/") + PATH,
            secret_token=current,
            allowed_updates=list(updates),
        )
    if commands:
        shown = [{"command": name, "description": told} for name, told in commands.items()]
        await _insist(api, "setMyCommands", pause, commands=shown)


async def username(api: BotApi, pause: Pause = asyncio.sleep) -> str:
    """The name behind an ``@`` by which people call this bot; empty where the token is refused."""
    return text(mapping(await _insist(api, "getMe", pause)).get("username"))


async def _insist(api: BotApi, name: str, pause: Pause, **parameters: Any) -> Any:
    """The result; None for a refusal that patience does not change, which is logged and left at that."""
    tries = 0
    while True:
        try:
            return await api.call(name, **parameters)
        except (Refused, NotSent, NoAnswer) as error:
            problem = _problem(error)
            log.warning("telegram.setup_failed", method=name, problem=problem)
            if isinstance(error, Refused) and 400 <= error.status < 500 and error.status != 429:
                return None
            tries += 1
            await pause(_wait(tries, error))


async def poll(
    adapter: ChannelAdapter,
    api: BotApi,
    accept: Accept,
    pause: Pause = asyncio.sleep,
    *,
    updates: Sequence[str] = ALLOWED_UPDATES,
) -> None:
    """Fetches updates for ever, each handed on alone; confirmed to Telegram once the door has stored it."""
    offset, tries = 0, 0
    while True:
        try:
            batch = await api.call(
                "getUpdates",
                patience=LONG_POLL + 15,
                offset=offset,
                timeout=LONG_POLL,
                allowed_updates=list(updates),
            )
        except (Refused, NotSent, NoAnswer) as error:
            tries += 1
            log.warning("telegram.poll_failed", problem=_problem(error))
            await pause(_wait(tries, error))
            continue
        handed_on = await _hand_on(adapter, listing(batch), accept)
        offset = max(offset, handed_on.next_offset)
        tries = 0 if handed_on.whole else tries + 1
        if not handed_on.whole:
            log.warning("telegram.not_stored")
            await pause(_wait(tries))


@dataclass(frozen=True, slots=True)
class _HandedOn:
    next_offset: int  # everything before it is stored, or never will be
    whole: bool


async def _hand_on(adapter: ChannelAdapter, batch: Sequence[Any], accept: Accept) -> _HandedOn:
    """In order, up to the first that the door could not store."""
    offset = 0
    for update in batch:
        answer = await accept(adapter, json.dumps(update).encode())
        if answer.status != 200 and answer.status not in NEVER_TAKEN:
            return _HandedOn(offset, whole=False)
        number = mapping(update).get("update_id")
        offset = number + 1 if isinstance(number, int) else offset
    return _HandedOn(offset, whole=True)


def _wait(tries: int, error: Exception | None = None) -> float:
    """Seconds: Telegram's wish; else twice as long each time, spread so that replicas do not collide."""
    if isinstance(error, Refused) and error.retry_after is not None:
        return error.retry_after.total_seconds()
    longest = min(LONGEST_PAUSE, 2.0 ** min(tries, 10))
    return longest * random.uniform(0.5, 1.0)


def _problem(error: Exception) -> str:
    return str(error.status) if isinstance(error, Refused) else type(error).__name__


async def check(
    api: BotApi,
    settings: TelegramSettings,
    public_url: str | None,
    *,
    updates: Sequence[str] = ALLOWED_UPDATES,
    listen: int = LISTEN,
) -> list[Finding]:
    """What `doctor` asks Telegram: is the token good, do updates come to us, and to nobody else?"""
    try:
        me = mapping(await api.call("getMe"))
        hook = mapping(await api.call("getWebhookInfo"))
    except (Refused, NotSent, NoAnswer) as error:
        return [Finding("telegram.token", ok=False, detail=_problem(error))]
    token = Finding("telegram.token", ok=me.get("id") == settings.bot_id)
    if settings.mode == "polling":
        return [token, await _poller(api, hook, listen)]
    return [token, _webhook(hook, public_url), _updates(hook, updates)]


def _webhook(hook: Mapping[str, Any], public_url: str | None) -> Finding:
    url = text(hook.get("url"))
    wanted = public_url.rstrip("/") + PATH if public_url else ""
    ours = url == wanted if wanted else url.endswith(PATH)
    return Finding("telegram.webhook", ok=ours, detail="" if ours else "other_address" if url else "unset")


def _updates(hook: Mapping[str, Any], wanted: Sequence[str]) -> Finding:
    """Whether all kinds come that we asked for, and none waits because we could not take it."""
    waiting, failed = hook.get("pending_update_count"), hook.get("last_error_date")
    if failed and isinstance(waiting, int) and waiting > 0:
        return Finding("telegram.updates", ok=False, detail=f"not_taken: {waiting} waiting")
    asked = listing(hook.get("allowed_updates"))
    missing = [kind for kind in wanted if asked and kind not in asked]
    return Finding(
        "telegram.updates", ok=not missing, detail=f"not_asked_for: {missing[0]}" if missing else ""
    )


async def _poller(api: BotApi, hook: Mapping[str, Any], listen: int) -> Finding:
    """Telegram lets one poller at a time fetch updates and ends the call of the other with 409.

    Our own running `serve` shows itself here like anybody else's, so that is not called wrong.
    """
    if text(hook.get("url")):
        return Finding("telegram.polling", ok=False, detail="webhook_set")
    try:
        await api.call("getUpdates", patience=listen + 15, timeout=listen, limit=1)
    except Refused as refused:
        if refused.status == 409:
            return Finding(
                "telegram.polling", ok=True, detail="somebody_polls: one serve may, no second program"
            )
        return Finding("telegram.polling", ok=False, detail=_problem(refused))
    except (NotSent, NoAnswer) as error:
        return Finding("telegram.polling", ok=False, detail=_problem(error))
    return Finding("telegram.polling", ok=True)
