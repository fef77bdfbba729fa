"""Bots that this project did not write, served as they are.

Such a bot is a script that makes a ``Dispatcher`` and starts polling.  Here it finds no Telegram: where it
starts polling, `host` serves its dispatcher on the configured channels, until told to stop; then the script
goes on behind its ``start_polling``.  Its ``Bot`` goes to whichever channel the person is on.
"""

import ast
import asyncio
import contextlib
import inspect
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from aiogram import Bot, Dispatcher, Router
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramAPIError
from aiogram.fsm.storage.memory import DisabledEventIsolation
from aiogram.utils.token import TokenValidationError, validate_token

from bot.fsm import DatabaseStorage
from bot.fsm_values import FindModule
from bot.inline_filters import inline_filters
from bot.itself import Itself
from bot.outbox import OutboxSession
from bot.roving import RovingSession
from bot.switchboard import Switchboard
from wiring.foreign_modules import ForeignModules

log = structlog.get_logger(__name__)

MakeDispatcher = Callable[[DatabaseStorage], Dispatcher]

NO_TOKEN: Final = "42:host"  # noqa: S105 - well-formed, and nobody's
TOKENS: Final = (
    "BOT_TOKEN",
    "TOKEN",
    "API_TOKEN",
    "TELEGRAM_TOKEN",
    "TELEGRAM_BOT_TOKEN",
    "TELEGRAM_API_TOKEN",
    "BOT_API_TOKEN",
    "TG_TOKEN",
)  # what bots read their token from; here they find `NO_TOKEN` where nothing is set
_OF_POLLING: Final = frozenset(inspect.signature(Dispatcher.start_polling).parameters) - {"bots", "kwargs"}


class NotServable(Exception):
    """``MODULE`` or ``MODULE:OBJECT`` names nothing that can be served; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """A dispatcher with what came with it.

    ``default``: what its bot fills in (the parse mode).  ``data``: what its handlers get by name.  ``bot``
    reaches everybody on every channel.  ``find_module``: its own modules by name.
    """

    dispatcher: Dispatcher
    default: DefaultBotProperties
    bot: Bot
    itself: Itself
    find_module: FindModule
    data: Mapping[str, Any] = field(default_factory=dict)

    def make_dispatcher(self, storage: DatabaseStorage) -> Dispatcher:
        """Its states move into our database; our lanes already keep one person's events apart."""
        storage.find_module = self.find_module
        self.dispatcher.fsm.storage = storage
        self.dispatcher.fsm.events_isolation = DisabledEventIsolation()
        self.dispatcher.workflow_data.update(self.data)
        inline_filters(self.dispatcher)
        return self.dispatcher

    @contextlib.asynccontextmanager
    async def running(self, switchboard: Switchboard) -> AsyncIterator[None]:
        """Between its start-up and shut-down hooks."""
        if isinstance(self.bot.session, RovingSession):
            self.bot.session.switchboard = switchboard
        self.dispatcher.workflow_data.setdefault("bots", (self.bot,))
        await self._hooks(self.dispatcher.emit_startup)
        try:
            yield
        finally:
            await self._hooks(self.dispatcher.emit_shutdown)

    @property
    def commands(self) -> Mapping[str, str]:
        """The menu that it has set so far."""
        return {command.command: command.description for command in self.itself.commands}

    async def _hooks(self, emit: Callable[..., Awaitable[Any]]) -> None:
        """A hook that cannot reach its administrator is no reason not to serve."""
        data = {"dispatcher": self.dispatcher, **self.dispatcher.workflow_data, "bot": self.bot}
        try:
            await emit(**data)
        except TelegramAPIError as error:
            log.warning("host.hook_refused", error=type(error).__name__)


Serve = Callable[[Foreign], Coroutine[Any, Any, None]]
"""Serves until told to stop.  Runs where the bot would have polled Telegram."""
Run = Callable[[Coroutine[Any, Any, None]], None]
"""Runs the event loop, for objects that do not run one themselves."""


def host(name: str, serve: Serve, run: Run, *, parse_mode: str | None = None) -> None:
    """Serve ``MODULE`` (run as a script) or ``MODULE:OBJECT``, until told to stop.

    OBJECT: a Dispatcher, a Router, or a callable without arguments, plain or ``async``, that returns one or
    starts polling.  ``parse_mode``: of a bot that does not say.
    Raises: NotServable, and whatever ``serve`` or the bot's own code raises.
    """
    module, colon, path = name.partition(":")
    if not module or (colon and not path):
        raise NotServable(f"{name} is not of the form MODULE or MODULE:OBJECT")
    hosting = _Hosting(ForeignModules.holding(module), serve, run, parse_mode)
    with hosting.modules.installed(), _tokens(), hosting.in_place_of_telegram():
        if path:
            hosting.object(module, path)
        else:
            hosting.script(module)
    if hosting.problem is not None:
        raise hosting.problem


class _Hosting:
    """One bot, from its name to the end of its service."""

    def __init__(self, modules: ForeignModules, serve: Serve, run: Run, parse_mode: str | None) -> None:
        self.modules = modules
        self.problem: BaseException | None = None  # why serving ended, should the bot's code hide it
        self._serve = serve
        self._run = run
        self._parse_mode = parse_mode
        self._itself = Itself()
        self._bots: list[Bot] = []
        self._served = False
        self._module = ""

    # ------------------------------------------------------------------ from a name to a bot

    def script(self, module: str) -> None:
        """Run it as the main program; where it starts nothing, serve the dispatcher or router it defines."""
        self._module = module
        try:
            names = self.modules.run(module)
        except ImportError as error:
            raise _not_imported(module, error) from error
        except SystemExit:
            names = {}
        if not self._served:
            self._serve_object(_only_one(module, names))

    def object(self, module: str, path: str) -> None:
        self._module = module
        try:
            found: Any = self.modules.load(module)
            for part in path.split("."):
                found = getattr(found, part)
        except ImportError as error:
            raise _not_imported(module, error) from error
        except AttributeError as error:
            raise NotServable(f"module {module} has nothing called {path}") from error
        if callable(found) and not isinstance(found, Router):
            found = self._called(module, path, found)
        if isinstance(found, Router):
            self._serve_object(found)
        elif not self._served:
            raise NotServable(
                f"{module}:{path} is neither a Dispatcher nor a Router, returns none and starts no polling"
            )

    def _called(self, module: str, path: str, make: Callable[[], Any]) -> Any:
        try:
            inspect.signature(make).bind()
        except (TypeError, ValueError) as error:
            raise NotServable(f"{module}:{path} cannot be called without arguments") from error
        found = make()
        if not inspect.isawaitable(found):
            return found
        self._run(self._awaited(found))
        return None

    async def _awaited(self, making: Awaitable[Any]) -> None:
        found = await making
        if isinstance(found, Router) and not self._served:
            await self._start(_rooted(found), (), {})

    def _serve_object(self, found: Router) -> None:
        self._run(self._start(_rooted(found), (), {}))

    # ------------------------------------------------------------------ in place of Telegram

    @contextlib.contextmanager
    def in_place_of_telegram(self) -> Iterator[None]:
        """Bots become roving, and polling becomes serving."""
        plain_bot, plain_polling = Bot.__init__, Dispatcher.start_polling

        def make_bot(
            bot: Bot,
            token: Any = None,
            session: BaseSession | None = None,
            default: DefaultBotProperties | None = None,
            **options: Any,
        ) -> None:
            if isinstance(session, OutboxSession | RovingSession):
                plain_bot(bot, token, session, default, **options)
                return
            roving = RovingSession(self._itself)
            if session is not None:
                roving.middleware = session.middleware
            plain_bot(bot, _well_formed(token), roving, default, **options)
            self._bots.append(bot)

        async def start(dispatcher: Dispatcher, *bots: Bot, **options: Any) -> None:
            data = {name: value for name, value in options.items() if name not in _OF_POLLING}
            with self.modules.aside():
                await self._start(dispatcher, bots, data)

        _put(Bot, "__init__", make_bot)
        _put(Dispatcher, "start_polling", start)
        try:
            yield
        finally:
            _put(Bot, "__init__", plain_bot)
            _put(Dispatcher, "start_polling", plain_polling)

    async def _start(self, dispatcher: Dispatcher, bots: tuple[Bot, ...], data: Mapping[str, Any]) -> None:
        self._served = True
        known = (*bots, *self._bots)
        default = known[-1].default if known else self._guessed()
        bot = known[-1] if known else Bot(NO_TOKEN, RovingSession(self._itself), default)
        found = Foreign(
            dispatcher=dispatcher,
            default=default,
            bot=bot,
            itself=self._itself,
            find_module=self.modules.load,
            data=data,
        )
        try:
            await self._serve(found)
        except asyncio.CancelledError:
            raise
        except BaseException as problem:
            self.problem = problem
            raise

    def _guessed(self) -> DefaultBotProperties:
        """The bot is made where we do not look: by ``--parse-mode``, by the module's source, or HTML."""
        mode = self._parse_mode or parse_mode_in(self.modules.source(self._module))
        return DefaultBotProperties(parse_mode=mode or None)


def parse_mode_in(source: str) -> str:
    """The parse mode of the ``Bot`` that a module's source makes; empty where it gives none.

    A module that makes no bot leaves that to others, who mostly write HTML.
    """
    makes_a_bot = False
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg == "parse_mode":
            told = node.value
            if isinstance(told, ast.Attribute):
                return told.attr.replace("_", "")
            if isinstance(told, ast.Constant) and isinstance(told.value, str):
                return told.value
        makes_a_bot |= (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Bot"
        )
    return "" if makes_a_bot else "HTML"


def _rooted(found: Router) -> Dispatcher:
    if isinstance(found, Dispatcher):
        return found
    dispatcher = Dispatcher()
    dispatcher.include_router(found)
    return dispatcher


def _only_one(module: str, names: Mapping[str, Any]) -> Router:
    """The one dispatcher, or else the one router without a parent, that a module defines."""
    found = {id(value): value for value in names.values() if isinstance(value, Router)}.values()
    for kind in (Dispatcher, Router):
        roots = [one for one in found if isinstance(one, kind) and one.parent_router is None]
        if len(roots) == 1:
            return roots[0]
    raise NotServable(
        f"{module} ran to its end, started no polling, and holds no single Dispatcher or Router"
    )


def _not_imported(module: str, error: ImportError) -> NotServable:
    missing = f": it needs {error.name}" if error.name and error.name != module else ""
    return NotServable(f"no module {module} could be imported ({type(error).__name__}{missing})")


def _well_formed(token: Any) -> str:
    try:
        validate_token(token)
    except TokenValidationError:
        return NO_TOKEN
    return str(token)


def _put(owner: type, name: str, method: Any) -> None:
    setattr(owner, name, method)


@contextlib.contextmanager
def _tokens() -> Iterator[None]:
    """No bot needs a token here, and many will not start without one."""
    missing = [name for name in TOKENS if name not in os.environ]
    os.environ.update(dict.fromkeys(missing, NO_TOKEN))
    try:
        yield
    finally:
        for name in missing:
            os.environ.pop(name, None)
